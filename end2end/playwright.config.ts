// The browser tests. `make test` builds what they need and starts them; to run some of them by
// hand, after that: cd end2end && npx playwright test purchase --project=phone
//
// Each run has a shop of its own: fresh SQLite file, demonstration catalogue, Stripe simulator.
// With SHOP_ENGINE=postgres it stands on the database TEST_POSTGRES_URL (`.ci/with-postgres`), and
// only the stories run in which an engine matters. SHOP_RUNS=1 with SHOP_URL points the tests to a
// shop that runs already; its books are not closed in the end.
import { defineConfig } from "@playwright/test";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const target = resolve(root, process.env.CARGO_TARGET_DIR ?? "target");
const programs = process.env.SHOP_PROGRAMS ?? join(target, "debug");
// None of these: Playwright's own, which `.ci/setup` fetches. (Ubuntu's chromium-browser only calls snap.)
const chromium = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/google-chrome"]
  .find((path) => path && existsSync(path));

// Below the ports that the system hands out to whoever connects somewhere.
const port = Number(process.env.SHOP_PORT ?? 24100);
const shop = process.env.SHOP_URL ?? `http://127.0.0.1:${port}`;
const simulator = process.env.SIMULATOR_LISTEN ?? `127.0.0.1:${port + 1}`;
const postgres = process.env.SHOP_ENGINE === "postgres" ? process.env.TEST_POSTGRES_URL : undefined;
if (process.env.SHOP_ENGINE === "postgres" && !postgres) throw new Error("SHOP_ENGINE=postgres needs TEST_POSTGRES_URL");

// The configuration is read by each worker again; what follows belongs to the run. What tests
// need to know of the shop they find in the environment (tests/house.ts).
process.env.SHOP_URL = shop;
process.env.SHOP_PROGRAMS = programs;
process.env.SHOP_DATA ??= mkdtempSync(join(tmpdir(), "divinas-end2end-"));
process.env.SHOP_DATABASE ??= postgres ?? `sqlite:${process.env.SHOP_DATA}/shop.db`;
process.env.SHOP_PHOTOS ??= join(target, "photos");
process.env.SITE_DIR ??= join(target, "site");
process.env.SIMULATOR_URL = `http://${simulator}`;
process.env.SIMULATOR_SECRET_KEY ??= `sk_test_${randomBytes(12).toString("hex")}`;
process.env.SIMULATOR_WEBHOOK_SECRET ??= `whsec_${randomBytes(12).toString("hex")}`;

const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
const desk = { viewport: { width: 1280, height: 900 } };

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  retries: 0,
  workers: process.env.CI ? 2 : undefined,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: {
    baseURL: shop,
    locale: "es-PE",
    timezoneId: "America/Lima",
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: chromium,
      args: [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
      ],
    },
  },
  projects: process.env.SHOTS
    ? [{ name: "shots", testMatch: /shots/ }] // Pictures for human eyes (`make shots`), no test.
    : [
        { name: "desk", use: desk, testIgnore: /shots|close/, ...(postgres && { testMatch: /purchase|catalogue/ }) },
        ...(postgres
          ? []
          : [
              { name: "phone", use: phone, testIgnore: /shots|close|pages|machine/ },
              // What must work without JavaScript: tests marked @noscript run a third time, on a
              // phone, with it off.
              { name: "noscript", use: { ...phone, javaScriptEnabled: false }, grep: /@noscript/, testIgnore: /shots|close/ },
            ]),
        // When everybody has gone: what the shop asked of Stripe, and the treasurer's close.
        { name: "close", testMatch: /close/, dependencies: postgres ? ["desk"] : ["desk", "phone", "noscript"] },
      ],
  webServer: process.env.SHOP_RUNS
    ? undefined
    : {
        command: `.ci/shop ${JSON.stringify(programs)}`,
        cwd: root,
        url: `${shop}/readyz`,
        // The very first run makes all renditions of the photographs.
        timeout: 900_000,
        stdout: "ignore",
        stderr: "pipe",
        gracefulShutdown: { signal: "SIGTERM", timeout: 10_000 },
        env: {
          DATA_DIR: process.env.SHOP_DATA,
          DATABASE_URL: process.env.SHOP_DATABASE,
          // Content-addressed: another run finds the same renditions and need not make them again.
          PHOTO_STORE: process.env.SHOP_PHOTOS,
          SITE_DIR: process.env.SITE_DIR,
          // Invented designs beside the demonstration's: enough for a second page.
          DESIGNS: process.env.SHOTS ? "0" : "40",
          LISTEN: `127.0.0.1:${port}`,
          PUBLIC_URL: shop,
          SIMULATOR_LISTEN: simulator,
          SIMULATOR_SECRET_KEY: process.env.SIMULATOR_SECRET_KEY,
          SIMULATOR_WEBHOOK_SECRET: process.env.SIMULATOR_WEBHOOK_SECRET,
          STRIPE_SECRET_KEY: "",
          STRIPE_WEBHOOK_SECRET: "",
          SMTP_URL: "",
          RUST_LOG: process.env.RUST_LOG ?? "warn",
          // All browsers have one address.
          WRITES_PER_MINUTE: "0",
          HELD_PER_EMAIL: "0",
          HELD_PER_VISITOR: "0",
          HELD_PER_NETWORK_PERCENT: "0",
          ENV_FILE: "/dev/null",
        },
      },
});
