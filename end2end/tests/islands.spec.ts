// What the islands add, and what is there without them.
import { expect, test, type Page } from "@playwright/test";

/** The islands have taken over: before that, a click follows the plain link. */
async function ready(page: Page) {
  await expect(page.locator("leptos-island:not([data-ready])")).toHaveCount(0, { timeout: 20_000 });
}

/** The page of a ring, by the catalogue. */
async function openRing(page: Page) {
  await page.goto("/es/piezas?type=ring");
  await page.getByRole("main").locator("a[href^='/es/piezas/']").first().click();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

test("photographs open large, turn by the keyboard and close", async ({ page }) => {
  await openRing(page);
  await ready(page);
  const address = page.url();
  const photos = page.locator("a[data-photo]");
  const total = await photos.count();
  await photos.first().click();

  const viewer = page.getByRole("dialog");
  await expect(viewer).toBeVisible();
  await expect(viewer).toContainText(`1 de ${total}`);
  await page.keyboard.press("ArrowLeft");
  await expect(viewer).toContainText(`${total} de ${total}`);
  await page.keyboard.press("ArrowRight");
  await expect(viewer).toContainText(`1 de ${total}`);

  await viewer.getByRole("button", { name: "Acercar" }).click();
  await expect(viewer.getByRole("button", { name: "Alejar" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(viewer).toHaveCount(0);
  // One is where one was.
  await expect(photos.first()).toBeFocused();
  expect(page.url()).toBe(address);
});

test("without script a photograph is a link to its large version @noscript", async ({ page, request }) => {
  await openRing(page);
  const large = await page.locator("a[data-photo]").first().getAttribute("href");
  const answer = await request.get(large!);
  expect(answer.status()).toBe(200);
  expect(answer.headers()["content-type"]).toMatch(/^image\//);
});

test("a ring is measured on the screen", async ({ page }) => {
  await page.goto("/es/tallas-de-anillo");
  await ready(page);
  const circle = page.getByRole("slider").nth(1);
  const size = page.getByRole("status");
  await expect(size).toContainText("mm");
  // 16,9 mm across is 53,1 mm around; ten steps of a tenth less, 50,0.
  await expect(size).toContainText("53,1");
  await circle.focus();
  for (let step = 0; step < 10; step += 1) await page.keyboard.press("ArrowLeft");
  await expect(size).toContainText("50");
  const rings = page.locator(".ring-sizer a");
  await expect(rings).toHaveAttribute("href", /size=50$/);

  // The slider of the scale changes the drawing, the drawing's millimetres stay.
  const drawing = page.locator("svg.ring-sizer-drawing").first();
  const before = Number(await drawing.getAttribute("width"));
  await page.getByRole("slider").first().focus();
  await page.keyboard.press("PageUp");
  expect(Number(await drawing.getAttribute("width"))).toBeGreaterThan(before);
});

test("without script the sizes are a table @noscript", async ({ page }) => {
  await page.goto("/es/tallas-de-anillo");
  await expect(page.getByRole("table")).toBeVisible();
  await expect(page.getByRole("row", { name: /^52\b/ })).toContainText("L½");
});

test("only pages with an island load the WebAssembly", async ({ page }) => {
  const loaded: string[] = [];
  page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
  await page.goto("/es/piezas", { waitUntil: "networkidle" });
  expect(loaded.filter((path) => /\.(wasm|js)$/.test(path))).toEqual([]);
});
