// Finding a piece: filters, pages, search, and the way out where nothing is found.
import { expect, test, type Page } from "@playwright/test";

/** On a phone the filters are folded away. */
async function unfold(page: Page) {
  const toggle = page.locator("summary", { hasText: /^Filtrar/ });
  if (await toggle.isVisible()) await toggle.click();
}

/** How many designs the page says there are. */
async function designs(page: Page): Promise<number> {
  const said = await page.getByRole("main").getByRole("status").first().textContent();
  return /^Un modelo/.test(said ?? "") ? 1 : Number(/^(\d+) modelos/.exec(said ?? "")?.[1] ?? 0);
}

const cards = (page: Page) =>
  page.getByRole("region", { name: "Resultados" }).locator("a[href^='/es/piezas/']");

test("filters, the next page, nothing found, and the way out @noscript", async ({ page }) => {
  await page.goto("/es/piezas");
  const all = await designs(page);
  expect(all).toBeGreaterThan(24);

  // The next page shows other designs.
  const first = await cards(page).evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  const pages = page.getByRole("navigation", { name: "Páginas" });
  await pages.getByRole("link", { name: "Siguientes" }).click();
  await expect(page).toHaveURL(/[?&]page=2/);
  await expect(pages.getByRole("link", { name: "Página 2" })).toHaveAttribute("aria-current", "page");
  const second = await cards(page).evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  expect(second.filter((path) => first.includes(path))).toEqual([]);
  await pages.getByRole("link", { name: "Anteriores" }).click();

  // One filter, then another: fewer, and each can be taken away again.
  await unfold(page);
  await page.getByRole("checkbox", { name: /^Anillos/ }).check();
  await page.getByRole("button", { name: "Mostrar" }).click();
  await expect(page).toHaveURL(/[?&]type=ring/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Anillos");
  const rings = await designs(page);
  expect(rings).toBeGreaterThan(0);
  expect(rings).toBeLessThan(all);
  await unfold(page);
  await page.getByRole("checkbox", { name: /^Disponible ahora/ }).check();
  await page.getByRole("button", { name: "Mostrar" }).click();
  await expect(page).toHaveURL(/[?&]type=ring.*available=1|[?&]available=1.*type=ring/);
  const free = await designs(page);
  expect(free).toBeGreaterThan(0);
  expect(free).toBeLessThanOrEqual(rings);

  // A word that no piece has: nothing, kindly, with what to leave out.
  await page.getByRole("searchbox").fill("submarino");
  await page.getByRole("button", { name: "Buscar", exact: true }).click();
  await expect(page).toHaveURL(/[?&]q=submarino/);
  await expect(page.getByRole("heading", { name: "Ninguna pieza cumple todo eso" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Mientras tanto, mira estas" })).toBeVisible();
  await expect(page.getByRole("list", { name: "Filtros puestos" }).getByRole("link", { name: "Quitar: Anillos" })).toBeVisible();
  await page.getByRole("link", { name: "Sin «submarino»" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Anillos");
  expect(await designs(page)).toBe(free);
  await page.getByRole("link", { name: "Quitar todo" }).click();
  await expect(page).toHaveURL("/es/piezas");
  expect(await designs(page)).toBe(all);
});

test("the cheapest comes first when asked for @noscript", async ({ page }) => {
  await page.goto("/es/piezas");
  await page.getByRole("combobox", { name: "Orden" }).selectOption({ label: "Precio: de menor a mayor" });
  await page.getByRole("button", { name: "Ordenar" }).click();
  await expect(page).toHaveURL(/[?&]sort=/);
  const prices = await page.getByRole("region", { name: "Resultados" }).getByRole("listitem")
    .filter({ has: page.getByRole("heading", { level: 3 }) })
    .allInnerTexts();
  const soles = prices.map((text) => Number(/S\/\s*([\d.,]+)/.exec(text)?.[1]?.replace(/,/g, "")));
  expect(soles.length).toBeGreaterThan(3);
  expect(soles).toEqual([...soles].sort((one, other) => one - other));
});

test("a price is typed as people write it, and what is none is said @noscript", async ({ page }) => {
  await page.goto("/es/piezas");
  const least = page.getByRole("textbox", { name: "Desde" });
  for (const [typed, shown] of [["250,50", "250.50"], ["399.90", "399.90"], ["1 200", "1200"]] as const) {
    await unfold(page);
    await least.fill(typed);
    await page.getByRole("button", { name: "Mostrar" }).click();
    await expect(page).toHaveURL(/[?&]min=/);
    await expect(page.locator('[name="min"]')).toHaveValue(shown);
  }
  await unfold(page);
  await least.fill("mucho");
  await page.getByRole("button", { name: "Mostrar" }).click();
  await expect(page.getByText("«mucho» no es un precio").last()).toBeVisible();
  await expect(page.locator('[name="min"]')).toHaveValue("mucho");
});

test("what has no word to search by is not the whole catalogue @noscript", async ({ page }) => {
  await page.goto("/es/piezas?q=!!!");
  await expect(page.getByRole("heading", { name: /^Buscaste «!!!»/ })).toBeVisible();
  await page.getByRole("link", { name: "Todas las piezas" }).click();
  await expect(page).toHaveURL("/es/piezas");
});

test("search forgives accents, capitals and endings @noscript", async ({ page }) => {
  const found = async (words: string) => {
    await page.goto(`/es/piezas?q=${encodeURIComponent(words)}`);
    return cards(page).evaluateAll((links) => [...new Set(links.map((link) => link.getAttribute("href")))].sort());
  };
  const condor = await found("cóndor");
  expect(condor).toContain("/es/piezas/aretes-condor");
  expect(await found("condor")).toEqual(condor);
  expect(await found("CONDOR")).toEqual(condor);
  expect(await found("cóndores")).toEqual(condor);
  const rings = await found("anillos");
  expect(rings).toContain("/es/piezas/anillo-batea");
  expect(await found("anillo")).toEqual(rings);
  // What nobody would type finds nothing and breaks nothing.
  for (const odd of ["zzzz", "' OR 1=1 --", '"', "*", "%", "anillo AND", "日本", "<script>"]) await found(odd);
});

test("a piece is found from the opening page @noscript", async ({ page }) => {
  await page.goto("/en");
  await page.getByRole("main").getByRole("link", { name: /pieces/i }).first().click();
  await expect(page).toHaveURL(/\/en\/pieces/);
  await page.getByRole("main").locator("a[href^='/en/pieces/']").first().click();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page).toHaveURL(/\/en\/pieces\/[a-z0-9-]+$/);
});
