// The browser tests. `make test` builds what they need and starts them; to run some of them by
// hand, after that: cd end2end && npx playwright test purchase --project=phone
//
// Each run has a shop of its own: fresh SQLite file, demonstration catalogue, Stripe simulator.
// SHOP_URL points the tests to a shop that runs already.
import { defineConfig } from "@playwright/test";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const target = resolve(root, process.env.CARGO_TARGET_DIR ?? "target");
const programs = process.env.SHOP_PROGRAMS ?? join(target, "debug");
const chromium = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  .find((path) => path && existsSync(path));

const port = Number(process.env.SHOP_PORT ?? 43100);
const shop = process.env.SHOP_URL ?? `http://127.0.0.1:${port}`;
const simulator = process.env.SIMULATOR_LISTEN ?? `127.0.0.1:${port + 1}`;
process.env.SHOP_URL = shop;
process.env.SIMULATOR_URL = `http://${simulator}`;

// The configuration is read by each worker again; the folder belongs to the run.
process.env.SHOP_DATA ??= mkdtempSync(join(tmpdir(), "divinas-end2end-"));

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
  projects: [
    { name: "desk", use: desk, testIgnore: /shots/ },
    { name: "phone", use: phone, testIgnore: /shots/ },
    // What must work without JavaScript: tests marked @noscript run a third time, with it off.
    { name: "noscript", use: { ...desk, javaScriptEnabled: false }, grep: /@noscript/, testIgnore: /shots/ },
    // Pictures for human eyes (`make shots`), no test.
    ...(process.env.SHOTS ? [{ name: "shots", testMatch: /shots/ }] : []),
  ],
  webServer: process.env.SHOP_RUNS
    ? undefined
    : {
        command: `.ci/shop ${JSON.stringify(programs)}`,
        cwd: root,
        url: `${shop}/readyz`,
        timeout: 180_000,
        stdout: "ignore",
        stderr: "pipe",
        gracefulShutdown: { signal: "SIGTERM", timeout: 10_000 },
        env: {
          DATA_DIR: process.env.SHOP_DATA,
          DATABASE_URL: `sqlite:${process.env.SHOP_DATA}/shop.db`,
          // Content-addressed: another run finds the same renditions and need not make them again.
          PHOTO_STORE: process.env.SHOP_PHOTOS ?? join(target, "photos"),
          SITE_DIR: process.env.SITE_DIR ?? join(target, "site"),
          LISTEN: `127.0.0.1:${port}`,
          PUBLIC_URL: shop,
          SIMULATOR_LISTEN: simulator,
          STRIPE_SECRET_KEY: "",
          SMTP_URL: "",
          RUST_LOG: process.env.RUST_LOG ?? "warn",
          WRITES_PER_MINUTE: "10000",
          CHECKOUTS_PER_HOUR: "0",
          UNPAID_ORDERS_MAX: "0",
          ENV_FILE: "/dev/null",
        },
      },
});
