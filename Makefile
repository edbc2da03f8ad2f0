# Divinas en Brillo de Oro. `make` tells what there is.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# A relative folder would mean another one in each folder we work in. (make's own functions take
# a path with a space in it for two.)
export CARGO_TARGET_DIR := $(shell realpath -ms -- "$(or $(CARGO_TARGET_DIR),target)")
export SITE_DIR ?= $(CARGO_TARGET_DIR)/site
export CARGO_TERM_COLOR ?= auto
WASM := --target wasm32-unknown-unknown --no-default-features --features hydrate

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

.PHONY: run
run: ## The shop with its demonstration catalogue and simulated payments, at http://127.0.0.1:3000
	@.ci/setup
	@.ci/build quick
	@exec .ci/shop "$(CARGO_TARGET_DIR)/quick"

.PHONY: dev
dev: ## The same, built for the edit loop; builds and starts again when a file changes
	@.ci/setup
	@exec .ci/dev

.PHONY: test
test: ## Everything that must hold before a change lands
	@.ci/setup test
	@for part in lint unit browser; do \
	    echo "── make $$part, $$(date +%T) ──"; $(MAKE) --no-print-directory $$part; \
	done
	@echo "── done, $$(date +%T) ──"

.PHONY: lint
lint: ## Formatting, dependencies, and clippy, native and WebAssembly
	.ci/cargo fmt --all --check
	.ci/dependencies
	.ci/cargo clippy --locked --workspace --all-targets -- -D warnings
	.ci/cargo-wasm clippy --locked -p islands $(WASM) -- -D warnings

.PHONY: unit
unit: ## Unit and property tests, every story on SQLite and PostgreSQL, photographs on an S3 store
	.ci/cargo build --locked --workspace --bin stripe-simulator
	.ci/with-postgres .ci/with-bucket .ci/cargo test --locked --workspace </dev/null

.PHONY: browser
browser: ## The simulator before its judge, then the shop in a browser: on SQLite, and on PostgreSQL
	.ci/build dev
	cd end2end/judge && ../../.ci/node npm run --silent check
	cd end2end/judge && SIMULATOR_BIN="$(CARGO_TARGET_DIR)/debug/stripe-simulator" ../../.ci/node npm test --silent
	cd end2end && ../.ci/node npx playwright test
	cd end2end && SHOP_ENGINE=postgres ../.ci/with-postgres ../.ci/node npx playwright test

.PHONY: check
check: ## Only compiles: the quickest answer while editing
	.ci/cargo check --workspace --all-targets
	.ci/cargo-wasm check -p islands $(WASM)

.PHONY: fmt
fmt: ## Formats the sources
	.ci/cargo fmt --all

.PHONY: audit
audit: ## Fetches the list of known vulnerabilities; `make lint` reads it wherever it was fetched once
	@.ci/setup test
	@.ci/dependencies fetch

.PHONY: dist
dist: ## What one deploys: an archive with the optimised server and its files, in target/dist/
	@.ci/setup
	@.ci/dist

.PHONY: bench
bench: ## Measures a release build: SQLite and PostgreSQL, 200 and 20,000 designs
	@.ci/setup bench
	@.ci/build release
	@end2end/bench/run "$(CARGO_TARGET_DIR)/release"

.PHONY: lighthouse
lighthouse: ## Lighthouse's mobile scores of home, catalogue, piece, maker, bag and checkout in a release build
	@.ci/setup test
	@.ci/build release
	@end2end/bench/lighthouse "$(CARGO_TARGET_DIR)/release"

.PHONY: kills
kills: ## Kills the shop (SIGKILL) again and again in a random crowd, on both engines; the books must agree
	@.ci/setup test
	@.ci/build dev
	.ci/cargo build --locked --workspace --bin purchase-load
	end2end/load/kills "$(CARGO_TARGET_DIR)/debug"

.PHONY: shots
shots: ## Every page in both languages at 360 and 1280 px, light and dark, into end2end/shots/
	@.ci/setup test
	@.ci/build dev
	cd end2end && SHOTS=1 ../.ci/node npx playwright test --project=shots

.PHONY: setup
setup: ## Installs what `make test` needs and this machine lacks
	@.ci/setup test

.PHONY: fonts
fonts: ## Cuts the typefaces anew (needs npm and Python)
	.ci/node style/fonts/make

.PHONY: icons
icons: ## Draws the icons anew from public/favicon.svg
	style/icons/make

.PHONY: clean-data
clean-data: ## Forgets the demonstration: database, photographs, simulator
	rm -rf data
