// `make shots`: every page as a picture, in both languages, on a phone and a desk, light and
// dark, into end2end/shots/. For human eyes; nothing is compared.
import { test } from "@playwright/test";

const PAGES: Record<string, [es: string, en: string]> = {
  home: ["", ""],
  catalogue: ["piezas", "pieces"],
  rings: ["piezas?type=ring", "pieces?type=ring"],
  nothing: ["piezas?q=zzzz", "pieces?q=zzzz"],
  makers: ["socias", "makers"],
  origin: ["origen", "origin"],
  money: ["tu-dinero", "your-money"],
  about: ["nosotras", "about"],
  shipping: ["envios-y-devoluciones", "shipping-and-returns"],
  sizes: ["tallas-de-anillo", "ring-sizes"],
  privacy: ["privacidad", "privacy"],
  contact: ["contacto", "contact"],
  complaints: ["libro-de-reclamaciones", "complaints-book"],
  bag: ["bolsa", "bag"],
  missing: ["no-hay-tal-pagina", "no-such-page"],
};
// The first page that a list leads to.
const FIRST_OF: Record<string, [es: string, en: string]> = {
  piece: ["piezas", "pieces"],
  maker: ["socias", "makers"],
};

for (const width of [360, 1280]) {
  for (const scheme of ["light", "dark"] as const) {
    for (const language of ["es", "en"] as const) {
      test(`${width} ${scheme} ${language}`, async ({ browser }) => {
        test.setTimeout(240_000);
        const context = await browser.newContext({
          viewport: { width, height: width === 360 ? 740 : 900 },
          colorScheme: scheme,
          reducedMotion: "reduce",
          deviceScaleFactor: 1,
        });
        const page = await context.newPage();
        const shoot = async (name: string) => {
          // Lazy photographs come as one scrolls.
          await page.evaluate(async () => {
            for (const image of document.querySelectorAll("img")) image.loading = "eager";
            await Promise.all([...document.images].map((image) => image.decode().catch(() => undefined)));
            await document.fonts.ready;
          });
          await page.screenshot({ path: `shots/${name}-${language}-${width}-${scheme}.png`, fullPage: true });
        };
        const index = language === "es" ? 0 : 1;
        for (const [name, paths] of Object.entries(PAGES)) {
          await page.goto(`/${language}/${paths[index]}`.replace(/\/$/, ""));
          await shoot(name);
        }
        for (const [name, paths] of Object.entries(FIRST_OF)) {
          await page.goto(`/${language}/${paths[index]}`);
          const link = page.getByRole("main").locator(`a[href^="/${language}/${paths[index]}/"]`).first();
          await page.goto((await link.getAttribute("href"))!);
          await shoot(name);
        }
        await context.close();
      });
    }
  }
}
