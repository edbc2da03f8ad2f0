// A shopper abroad thinks in her currency: she chooses it once, on any page, with script or without.
import { expect, test, type Page } from "@playwright/test";

const price = (page: Page) => page.getByRole("main").locator(".price").first();

/** Opens the choice in the header (on a phone the menu) and takes one. */
async function choose(page: Page, current: string, wanted: RegExp) {
  const header = page.getByRole("banner");
  const sign = header.locator("summary", { hasText: current });
  await ((await sign.isVisible()) ? sign : header.locator("summary", { hasText: "Menu" })).click();
  await header.getByRole("button", { name: wanted }).click();
}

test("a currency is chosen once and every price follows @noscript", async ({ page }) => {
  await page.goto("/en/pieces?type=ring&sort=price-up&max=400");
  await expect(price(page)).toHaveText(/^S\//);
  await choose(page, "S/", /dollars/);
  // Back where she was, the range in dollars now: nothing that was found is lost.
  await expect(page).toHaveURL(/\/en\/pieces\?type=ring&max=106\.61&currency=usd&sort=price-up$/);
  await expect(price(page)).toHaveText(/^US\$/);
  const cheapest = await price(page).textContent();

  // The piece, the bag and the checkout say the same, to the cent.
  await page.getByRole("main").locator("a[href^='/en/pieces/']").first().click();
  await expect(page.locator(".buy-price .price")).toContainText(cheapest ?? "-");
  await expect(page.locator(".buy-price")).toContainText(/or S\/.* in soles/);
  await page.getByRole("button", { name: "Add to bag" }).click();
  await expect(page.locator(".bag-total .price")).toContainText(cheapest ?? "-");
  await page.getByRole("link", { name: "Go to checkout" }).click();
  await expect(page.locator('[name="currency"]')).toHaveValue("USD");
  await expect(page.locator(".sum-line .price").first()).toContainText(cheapest ?? "-");
  await expect(page.getByText(/In the shop a dollar is S\/.3\.752 today/)).toBeVisible();

  // Chosen in the checkout, it holds on every other page too.
  await page.locator('[name="currency"]').selectOption("EUR");
  await page.getByRole("button", { name: "Update delivery" }).click();
  await expect(page.locator(".sum-line .price").first()).toHaveText(/^€/);
  await page.goto("/es/piezas");
  await expect(price(page)).toHaveText(/€$/);
});

test("a range typed in euros takes in what is shown within it @noscript", async ({ page }) => {
  await page.goto("/en/pieces");
  await choose(page, "S/", /euros/);
  const toggle = page.locator("summary", { hasText: /^Filter/ });
  const unfold = async () => { if (await toggle.isVisible()) await toggle.click(); };
  await unfold();
  await page.getByLabel("To", { exact: true }).fill("93");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await expect(page).toHaveURL(/currency=eur.*max=93/);
  const prices = await page.getByRole("region", { name: "Results" }).locator(".price").allTextContents();
  expect(prices.length).toBeGreaterThan(0);
  for (const text of prices) expect(Number(text.replace(/[€,]/g, ""))).toBeLessThanOrEqual(93);
  // Whoever follows the address sees the same, in euros.
  await page.context().clearCookies();
  await page.reload();
  expect(await page.getByRole("region", { name: "Results" }).locator(".price").allTextContents()).toEqual(prices);
});
