// Every page in both languages: on a phone without JavaScript (project «noscript») and on a desk
// with it. What holds of all of them is asked here; what a page is for, in the stories.
import { expect, test, type Page } from "@playwright/test";

type Pair = [es: string, en: string];

const PAGES: Record<string, Pair> = {
  home: ["/es", "/en"],
  catalogue: ["/es/piezas", "/en/pieces"],
  "catalogue, filtered and sorted": ["/es/piezas?available=1&sort=price-up&page=2", "/en/pieces?available=1&sort=price-up&page=2"],
  "catalogue, empty": ["/es/piezas?q=zzzz", "/en/pieces?q=zzzz"],
  "catalogue, no words": ["/es/piezas?q=%21%21%21", "/en/pieces?q=%21%21%21"],
  "catalogue, not understood": ["/es/piezas?q=anilo&currency=pen&type=spoon&min=mucho", "/en/pieces?q=anilo&currency=pen&type=spoon&min=mucho"],
  ring: ["/es/piezas/anillo-batea", "/en/pieces/batea-ring"],
  "made to order": ["/es/piezas/collar-cadena", "/en/pieces/cadena-necklace"],
  makers: ["/es/socias", "/en/makers"],
  origin: ["/es/origen", "/en/origin"],
  money: ["/es/tu-dinero", "/en/your-money"],
  about: ["/es/nosotras", "/en/about"],
  shipping: ["/es/envios-y-devoluciones", "/en/shipping-and-returns"],
  "ring sizes": ["/es/tallas-de-anillo", "/en/ring-sizes"],
  privacy: ["/es/privacidad", "/en/privacy"],
  contact: ["/es/contacto", "/en/contact"],
  complaints: ["/es/libro-de-reclamaciones", "/en/complaints-book"],
  bag: ["/es/bolsa", "/en/bag"],
};

/** Everything that goes wrong behind a page's back. */
function listen(page: Page): string[] {
  const troubles: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") troubles.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => troubles.push(`script: ${error.message}`));
  page.on("requestfailed", (request) => troubles.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on("response", (answer) => {
    if (answer.status() >= 400) troubles.push(`${answer.url()}: ${answer.status()}`);
  });
  return troubles;
}

/** All photographs are asked for, as if one had scrolled to the end; those that did not come. */
async function photographs(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    for (const image of document.images) image.loading = "eager";
    await Promise.all([...document.images].map((image) => image.decode().catch(() => undefined)));
    return [...document.images].filter((image) => !image.naturalWidth).map((image) => image.currentSrc);
  });
}

/** Nothing has to be pushed sideways to be read. */
async function fits(page: Page) {
  const { wide, room } = await page.evaluate(() => {
    const { scrollWidth: wide, clientWidth: room } = document.documentElement;
    return { wide, room };
  });
  expect(wide, "the page is wider than its window").toBeLessThanOrEqual(room);
}

/** What every page owes a visitor. */
async function owes(page: Page, language: "es" | "en", counterpart: string) {
  await expect(page.locator("html")).toHaveAttribute("lang", language);
  await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
  await expect(page.getByRole("main")).toHaveCount(1);
  await expect(page).toHaveTitle(/Divinas en Brillo de Oro/);
  await fits(page);
  const complaints = page.getByRole("contentinfo").getByRole("link", {
    name: language === "es" ? "Libro de Reclamaciones" : "Complaints book",
  });
  await expect(complaints).toHaveAttribute("href", PAGES.complaints![language === "es" ? 0 : 1]!);
  const other = page.getByRole("navigation").getByRole("link", { name: language === "es" ? "EN" : "ES", exact: true });
  await expect(other).toHaveAttribute("href", counterpart);
}

for (const [name, pair] of Object.entries(PAGES)) {
  test(`${name}, in both languages @noscript`, async ({ page }) => {
    const troubles = listen(page);
    for (const [at, language] of (["es", "en"] as const).entries()) {
      const answer = await page.goto(pair[at]!);
      expect(answer?.status()).toBe(200);
      await owes(page, language, pair[1 - at]!);
      expect(await photographs(page)).toEqual([]);
      // What is loaded late makes nothing wider.
      await fits(page);
    }
    expect(troubles).toEqual([]);
  });
}

test("the language switch leads to the same page, and the choice is remembered @noscript", async ({ page }) => {
  await page.goto("/es/piezas?type=ring");
  await page.getByRole("link", { name: "EN", exact: true }).click();
  await expect(page).toHaveURL("/en/pieces?type=ring");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Rings");
  await page.goto("/");
  await expect(page).toHaveURL("/en");
  await page.getByRole("link", { name: "ES", exact: true }).click();
  await expect(page).toHaveURL("/es");
  await page.goto("/");
  await expect(page).toHaveURL("/es");
});

test("every address of the sitemap is one page that fits a phone @noscript", async ({ page, request }) => {
  test.skip(test.info().project.name !== "noscript", "a phone's question");
  test.setTimeout(180_000);
  const places = async (path: string) =>
    [...(await (await request.get(path)).text()).matchAll(/<loc>https?:\/\/[^/<]+([^<]*)<\/loc>/g)].map((found) => found[1]!);
  const paths = (await Promise.all((await places("/sitemap.xml")).map(places))).flat();
  // The invented designs are all made alike: one of them stands for the others.
  const seen = paths.filter((path) => !path.includes("/modelo-")).concat(paths.find((path) => path.includes("/modelo-"))!);
  expect(seen.length).toBeGreaterThan(60);
  // Photographs have the room they need before they come (the layout shift is measured elsewhere).
  await page.route(/\/photos\//, (route) => route.abort());
  for (const path of seen) {
    await test.step(path, async () => {
      // Not earlier than loaded: a page without its styles fits no window.
      const answer = await page.goto(path);
      expect(answer?.status()).toBe(200);
      await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
      await fits(page);
    });
  }
});

declare global {
  interface Window {
    shifts: { value: number; what: string }[];
  }
}

for (const [name, path] of [["home", "/es"], ["catalogue", "/es/piezas"], ["piece", "/es/piezas/anillo-batea"]] as const) {
  for (const width of [360, 1280]) {
    test(`nothing jumps while it loads: ${name}, ${width} px`, async ({ page }) => {
      await page.setViewportSize({ width, height: 800 });
      await page.addInitScript(() => {
        window.shifts = [];
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries() as (PerformanceEntry & { value: number; sources: { node?: Node }[] })[]) {
            const what = entry.sources.map(({ node }) => (node as Element)?.outerHTML?.slice(0, 120) ?? "").join(" | ");
            window.shifts.push({ value: entry.value, what });
          }
        }).observe({ type: "layout-shift", buffered: true });
      });
      await page.goto(path, { waitUntil: "load" });
      await page.evaluate(() => document.fonts.ready);
      // To the end of the page, a window at a time, and each time until what is in sight has come.
      await page.evaluate(async () => {
        const frame = () => new Promise((done) => requestAnimationFrame(done));
        for (let at = 0; at < document.documentElement.scrollHeight; at += innerHeight) {
          scrollTo({ top: at, behavior: "instant" });
          await frame();
          const inSight = [...document.images].filter((image) => {
            const box = image.getBoundingClientRect();
            return box.height > 0 && box.top < innerHeight && box.bottom > 0;
          });
          await Promise.all(inSight.map((image) => image.decode().catch(() => undefined)));
          await frame();
        }
        await frame();
      });
      const shifts = await page.evaluate(() => window.shifts);
      const sum = shifts.reduce((sum, shift) => sum + shift.value, 0);
      expect(sum, JSON.stringify(shifts)).toBeLessThan(0.02);
    });
  }
}
