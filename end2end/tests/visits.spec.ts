// A visit is not lost: Back from the payment page, another language, a page out of the browser's
// memory, a browser that keeps no cookies.
import { type Browser, chromium, expect, type Page, test } from "@playwright/test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "./house";

const update = { es: "Actualizar envío", en: "Update delivery" };

/** An invented design that only this story in this project takes pieces of. */
async function own(story: number): Promise<string> {
  const project = ["desk", "phone", "noscript"].indexOf(test.info().project.name);
  const [slug] = await sql(
    `SELECT slug FROM design d WHERE slug LIKE 'modelo-%' AND status = 'published'
     AND EXISTS (SELECT 1 FROM piece p WHERE p.design_id = d.id AND p.state IN ('retail', 'checkout'))
     ORDER BY price_minor DESC, slug LIMIT 1 OFFSET ${story * 3 + project}`,
  );
  return slug!;
}

async function put(page: Page, slug: string) {
  await page.goto(`/es/piezas/${slug}`);
  await page.getByRole("button", { name: "Añadir a la bolsa" }).click();
  await expect(page.getByRole("status")).toContainText("está en tu bolsa");
}

const typed = {
  name: "Ana Quispe Mamani", email: "ana@example.com", street: "Jr. Unión 512, dpto. 3",
  city: "Cercado, Lima", postal_code: "15001", phone: "987 654 321", gift_message: "Para mamá\nCon cariño",
};

async function fill(page: Page) {
  for (const [name, value] of Object.entries(typed)) await page.locator(`[name="${name}"]`).fill(value);
  await page.locator('[name="country"]').selectOption("PE");
  await page.locator('[name="department"]').selectOption({ label: "Lima" });
}

async function expectTyped(page: Page) {
  for (const [name, value] of Object.entries(typed)) await expect(page.locator(`[name="${name}"]`)).toHaveValue(value);
  await expect(page.locator('[name="department"]')).toHaveValue("LIM");
}

test("Back from the payment page is the form as it was typed @noscript", async ({ page }) => {
  await put(page, await own(0));
  await page.goto("/es/compra");
  await fill(page);
  await page.getByRole("button", { name: update.es }).click();
  await expect(page).toHaveURL(/\/es\/compra#delivery$/);
  await expectTyped(page);
  await page.getByLabel(/Courier a tu puerta/).check();
  await page.getByRole("button", { name: /^Pagar|Continuar al pago/ }).click();
  await expect(page).toHaveURL(/\/c\/pay\//);
  const payment = page.url();
  await page.goBack();
  await expect(page).toHaveURL(/\/es\/compra/);
  await expectTyped(page);
  await page.reload();
  await expectTyped(page);
  // The same form leads to the same page; from there back to the order, and on to a correction.
  await page.getByRole("button", { name: /^Pagar/ }).click();
  await expect(page).toHaveURL(payment);
  await page.locator("a", { hasText: "←" }).first().click();
  await page.getByRole("link", { name: "Corregir la dirección u otro dato" }).click();
  await expectTyped(page);
  await page.goBack();
  await page.getByRole("button", { name: "Dejar el pedido" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/Dejaste este pedido/);
});

test("another language keeps what was typed and not sent yet @noscript", async ({ page }) => {
  await put(page, await own(1));
  await page.goto("/es/compra");
  await fill(page);
  await page.getByRole("button", { name: "EN", exact: true }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page).toHaveURL(/\/en\/checkout$/);
  await expectTyped(page);
  await page.getByRole("button", { name: "ES", exact: true }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "es");
  await expectTyped(page);
  // The return key sends the form; it does not change the language.
  await page.locator('[name="city"]').press("Enter");
  await expect(page).toHaveURL(/\/es\/compra#delivery$/);
  await expectTyped(page);
});

test("a notice is said once, and no address says it again @noscript", async ({ page, browser }) => {
  await put(page, await own(2));
  const address = page.url();
  await page.reload();
  await expect(page.getByRole("status")).toHaveCount(0);
  const other = await browser.newContext();
  const stranger = await other.newPage();
  await stranger.goto(address);
  await expect(stranger.getByRole("status")).toHaveCount(0);
  await expect(stranger.getByText("Tu bolsa está vacía.")).toBeVisible();
  await other.close();
});

test("after Back the bag is counted as it is @noscript", async ({ page }) => {
  // With script off as well: a visitor with a bag keeps no page.
  const [first, second] = [await own(3), await own(4)];
  await put(page, first);
  await page.goto(`/es/piezas/${second}`);
  await expect(page.getByRole("link", { name: "Bolsa (1)" })).toBeVisible();
  await page.getByRole("button", { name: "Añadir a la bolsa" }).click();
  await expect(page.getByRole("link", { name: "Bolsa (2)" })).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(new RegExp(second));
  await expect(page.getByRole("link", { name: "Bolsa (2)" })).toBeVisible();
});

/** Chromium as it is started for the other tests, and otherwise. */
const launch = () => test.info().project.use.launchOptions!;

test("a page out of the browser's memory shows the true count", async () => {
  test.skip(test.info().project.name !== "desk", "once is enough");
  const browser: Browser = await chromium.launch({
    ...launch(),
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
  });
  try {
    const context = await browser.newContext({ baseURL: process.env.SHOP_URL, locale: "es-PE" });
    const page = await context.newPage();
    await page.addInitScript(() => {
      addEventListener("pageshow", (event) => {
        if (event.persisted) sessionStorage.setItem("came back", location.pathname);
      });
    });
    // She has no session yet, so her browser may keep the page whole.
    const slug = await own(5);
    await page.goto(`/es/piezas/${slug}`);
    await expect(page.getByRole("link", { name: "Bolsa", exact: true })).toBeVisible();
    await page.getByRole("button", { name: "Añadir a la bolsa" }).click();
    await expect(page.getByRole("link", { name: "Bolsa (1)" })).toBeVisible();
    await page.goBack();
    await expect(page).toHaveURL(new RegExp(slug));
    await expect(page.getByRole("link", { name: "Bolsa (1)" })).toBeVisible();
    expect(await page.evaluate(() => sessionStorage.getItem("came back")), "the browser kept it whole").toContain(slug);
  } finally {
    await browser.close();
  }
});

test("a browser that keeps no cookies is told so at the first piece", async () => {
  test.skip(test.info().project.name !== "desk", "once is enough");
  const folder = await mkdtemp(join(tmpdir(), "divinas-no-cookies-"));
  await mkdir(join(folder, "Default"));
  await writeFile(
    join(folder, "Default", "Preferences"),
    JSON.stringify({ profile: { default_content_setting_values: { cookies: 2 } } }),
  );
  const context = await chromium.launchPersistentContext(folder, {
    ...launch(), baseURL: process.env.SHOP_URL, locale: "es-PE",
  });
  try {
    const page = await context.newPage();
    const slug = await own(6);
    await page.goto(`/es/piezas/${slug}`);
    await page.getByRole("button", { name: "Añadir a la bolsa" }).click();
    await expect(page.getByRole("status")).toContainText("Tu navegador no guardó tu bolsa");
    await page.getByRole("link", { name: "Volver a la pieza" }).click();
    await expect(page).toHaveURL(new RegExp(slug));
  } finally {
    await context.close();
    await rm(folder, { recursive: true, force: true });
  }
});
