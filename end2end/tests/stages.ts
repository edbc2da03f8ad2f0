// Where a page of each kind is to be had: what the site map lists, and what only a visit brings.
import { type APIRequestContext, expect, type Page } from "@playwright/test";

/** Looks at the page that is open. */
export type Look = (page: Page, name: string) => Promise<void>;

/** Every address that the site map lists. */
export async function listed(request: APIRequestContext): Promise<string[]> {
  const places = async (path: string) =>
    [...(await (await request.get(path)).text()).matchAll(/<loc>https?:\/\/[^/<]+([^<]*)<\/loc>/g)].map((found) => found[1]!);
  return (await Promise.all((await places("/sitemap.xml")).map(places))).flat();
}

/** One of each kind: of addresses that differ in their last part only, the first. */
export function kinds(addresses: string[]): string[] {
  const seen = new Map<string, string>();
  for (const address of addresses) {
    const parts = address.split("/");
    const kind = parts.length > 3 ? `${parts.slice(0, -1).join("/")}/*` : address;
    if (!seen.has(kind)) seen.set(kind, address);
  }
  return [...seen.values()];
}

/** What no site map lists and needs no visit: lists with filters, errors. */
export const UNLISTED = [
  "/es/piezas?type=ring&available=1&sort=price-up&page=2",
  "/es/piezas?q=zzzz",
  "/en/pieces?q=zzzz&min=1&max=2",
  "/es/bolsa",
  "/en/bag",
  "/es/bolsa/agregar",
  "/es/no-hay-tal-pagina",
  "/en/no-such-page",
];

/** What a shopper types. */
export const PLAIN = {
  name: "Ana Quispe Mamani", email: "ana@example.com", street: "Jr. Unión 512, dpto. 3", city: "Cercado, Lima",
  postal_code: "15001", phone: "987 654 321", gift_message: "Para mamá, con todo cariño.",
};

/** Buys a piece of the design at `path` and looks at every page on the way. */
export async function purchase(page: Page, path: string, typed: typeof PLAIN, look: Look) {
  await page.goto(path);
  await page.locator("form.offer button").click();
  await page.goto("/es/bolsa");
  await look(page, "bag");
  await page.goto("/es/compra");
  await look(page, "checkout");
  const pay = page.locator('button[name="action"][value="pay"]');
  await page.locator("form").evaluateAll((forms) => (forms as HTMLFormElement[]).forEach((form) => (form.noValidate = true)));
  await pay.click();
  await expect(page.locator("[aria-invalid]").first()).toBeVisible();
  await look(page, "checkout, refused");
  for (const [name, value] of Object.entries(typed)) await page.locator(`[name="${name}"]`).fill(value);
  await page.locator('[name="country"]').selectOption("PE");
  if (await page.locator('[name="department"]').count() > 0) await page.locator('[name="department"]').selectOption({ label: "Lima" });
  await page.locator('button[name="action"][value="update"]').click();
  await page.locator('[name="delivery"]').first().check();
  await look(page, "checkout, filled in");
  await pay.click();
  await expect(page).toHaveURL(/\/c\/pay\//);
  const payment = page.url();
  const order = (await page.locator("a", { hasText: "←" }).first().getAttribute("href"))!;
  await page.goto(order);
  await look(page, "order, unpaid");
  await page.goto(payment);
  await page.locator('input[name="card_number"]').fill("4242 4242 4242 4242");
  await page.locator('input[name="expiry"]').fill("12 / 34");
  await page.locator('input[name="cvc"]').fill("123");
  await page.locator('button[type="submit"]').last().click();
  // The shop hears of the payment a moment later.
  await expect(async () => {
    await page.goto(order);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(/Gracias|Thank you/, { timeout: 500 });
  }).toPass({ timeout: 30_000 });
  await look(page, "order, paid");
}
