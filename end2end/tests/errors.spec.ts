// Pages that nobody looks for are worth seeing too: what happened, and a way on.
import { expect, test, type Page } from "@playwright/test";
import { sql } from "./house";

async function leadsOn(page: Page, language: "es" | "en") {
  await expect(page.locator("html")).toHaveAttribute("lang", language);
  const main = page.getByRole("main");
  await expect(main.getByRole("link", { name: language === "es" ? "Ver las piezas" : "See the pieces" })).toBeVisible();
  await expect(main.getByRole("link", { name: language === "es" ? "Ir al inicio" : "Go to the start" })).toBeVisible();
}

const suggestions = (page: Page) => page.getByRole("region", { name: /Quizás buscabas|You may have been looking for/ }).getByRole("link");

test("what never was is not found (404) @noscript", async ({ page }) => {
  for (const [path, language, title] of [
    ["/es/no-hay-tal-pagina", "es", "Aquí no quedó nada"],
    ["/en/no-such-page", "en", "Nothing left in the pan"],
    ["/es/piezas/no-hay-tal-pieza", "es", "Aquí no quedó nada"],
    ["/en/makers/nobody", "en", "Nothing left in the pan"],
    ["/es/pedido/no-es-ningun-secreto", "es", "Aquí no quedó nada"],
  ] as const) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(404);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(title);
    await leadsOn(page, language);
  }
  await page.goto("/es/piezas/no-hay-tal-pieza");
  await suggestions(page).first().click();
  await expect(page).toHaveURL(/\/es\/piezas\/[a-z]/);
});

test("a design that was withdrawn is gone (410), from the very next request", async ({ page }) => {
  test.skip(test.info().project.name !== "desk" || !!process.env.SHOP_RUNS, "once is enough");
  const [slug] = await sql(
    "SELECT slug FROM design WHERE slug LIKE 'modelo-%' AND status = 'published' ORDER BY price_minor LIMIT 1",
  );
  const before = await page.goto(`/es/piezas/${slug}`);
  expect(before?.status()).toBe(200);
  await sql(`UPDATE design SET status = 'withdrawn' WHERE slug = '${slug}'`);
  for (const [path, language, title] of [
    [`/es/piezas/${slug}`, "es", "Esta pieza ya se fue"],
    [`/en/pieces/${slug}`, "en", "This piece has gone"],
  ] as const) {
    const answer = await page.goto(path);
    expect(answer?.status()).toBe(410);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(title);
    await leadsOn(page, language);
    await expect(suggestions(page).first()).toBeVisible();
  }
});

test("an address of forms is no page (405) @noscript", async ({ page }) => {
  for (const [path, language, title] of [
    ["/es/bolsa/agregar", "es", "Por aquí no se entra"],
    ["/en/bag/remove", "en", "This is not the way in"],
  ] as const) {
    const answer = await page.goto(path);
    expect(answer?.status()).toBe(405);
    expect(answer?.headers()["allow"]).toBe("POST");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(title);
    await leadsOn(page, language);
  }
});
