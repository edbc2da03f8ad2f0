// `make shots`: every page as a picture, in both languages, on a phone and a desk, light and
// dark, into end2end/shots/. For human eyes; nothing is compared. One after the other: the first
// buys what the others show.
import { expect, test, type Browser, type Page } from "@playwright/test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { server, simulator, sql } from "./house";

type Language = "es" | "en";
const LANGUAGES: Language[] = ["es", "en"];
type Pair = [es: string, en: string];

const PAGES: Record<string, Pair> = {
  home: ["", ""],
  catalogue: ["piezas", "pieces"],
  rings: ["piezas?type=ring", "pieces?type=ring"],
  nothing: ["piezas?q=zzzz", "pieces?q=zzzz"],
  "no-words": ["piezas?q=!!!", "pieces?q=!!!"],
  unread: ["piezas?type=spoon&min=mucho&q=anilo", "pieces?type=spoon&min=much&q=anilo"],
  piece: ["piezas/anillo-batea", "pieces/batea-ring"],
  "piece-to-order": ["piezas/collar-cadena", "pieces/cadena-necklace"],
  makers: ["socias", "makers"],
  origin: ["origen", "origin"],
  money: ["tu-dinero", "your-money"],
  about: ["nosotras", "about"],
  shipping: ["envios-y-devoluciones", "shipping-and-returns"],
  sizes: ["tallas-de-anillo", "ring-sizes"],
  "sizes-known": ["tallas-de-anillo?size=6+1/2&scale=us#known", "ring-sizes?size=6+1/2&scale=us#known"],
  "sizes-wrong": ["tallas-de-anillo?size=grande&scale=pulgadas#known", "ring-sizes?size=large&scale=inches#known"],
  privacy: ["privacidad", "privacy"],
  contact: ["contacto", "contact"],
  complaints: ["libro-de-reclamaciones", "complaints-book"],
  "bag-empty": ["bolsa", "bag"],
  "refused-other-site": ["no-recibido/de-otro-sitio", "not-taken/other-site"],
  "refused-too-many": ["no-recibido/un-momento", "not-taken/one-moment"],
  "refused-unreadable": ["no-recibido/no-se-lee", "not-taken/unreadable"],
  "error-404": ["no-hay-tal-pagina", "no-such-page"],
  "error-405": ["bolsa/agregar", "bag/add"],
  "error-410": ["piezas/alianza-arena-oro", "pieces/arena-band-gold"],
};

/** What stands behind no address that could be written here: found or made by the first test. */
const orders: Record<string, Partial<Record<Language, string>>> = {};
const mails: { language: Language; html: string }[] = [];

const WORDS = {
  es: { pieces: "piezas", bag: "bolsa", checkout: "compra", add: "Añadir a la bolsa", update: "Actualizar envío", pay: /^Pagar|^Continuar al pago/, menu: "Menú", filter: /^Filtrar/ },
  en: { pieces: "pieces", bag: "bag", checkout: "checkout", add: "Add to bag", update: "Update delivery", pay: /^Pay|^Continue to payment/, menu: "Menu", filter: /^Filter/ },
};

async function put(page: Page, language: Language, slug: string) {
  await page.goto(`/${language}/${WORDS[language].pieces}/${slug}`);
  await page.getByRole("button", { name: WORDS[language].add }).click();
  await expect(page).toHaveURL(/\/(bolsa|bag)(\?|$)/);
}

async function fill(page: Page, language: Language) {
  const fields = {
    name: "Ana Quispe Mamani", email: "ana@example.com", street: "Jr. Unión 512, dpto. 3",
    city: "Cercado, Lima", postal_code: "15001", phone: "987 654 321",
    gift_message: "Para mamá, con todo cariño. Nos vemos en la fiesta de la Candelaria.",
  };
  for (const [name, value] of Object.entries(fields)) await page.locator(`[name="${name}"]`).fill(value);
  await page.locator('[name="country"]').selectOption("PE");
  await page.locator('[name="department"]').selectOption({ label: "Lima" });
  await page.getByRole("button", { name: WORDS[language].update }).click();
  await page.locator('[name="delivery"]').first().check();
}

/** As far as the payment page; the order's own page. */
async function order(page: Page, language: Language, ...slugs: string[]): Promise<string> {
  for (const slug of slugs) await put(page, language, slug);
  await page.goto(`/${language}/${WORDS[language].checkout}`);
  await fill(page, language);
  await page.getByRole("button", { name: WORDS[language].pay }).click();
  await expect(page).toHaveURL(/\/c\/pay\//);
  return (await page.locator("a", { hasText: "←" }).first().getAttribute("href"))!;
}

async function pay(page: Page) {
  await page.locator('input[name="card_number"]').fill("4242 4242 4242 4242");
  await page.locator('input[name="expiry"]').fill("12 / 34");
  await page.locator('input[name="cvc"]').fill("123");
  await page.locator('button[type="submit"]').last().click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/Gracias|Thank you/);
}

async function somebody(browser: Browser, act: (page: Page) => Promise<void>) {
  const context = await browser.newContext();
  await act(await context.newPage());
  await context.close();
}

test.describe.configure({ mode: "serial" });

test("the stage is set: orders in every state, a design withdrawn", async ({ browser }) => {
  test.setTimeout(180_000);
  await rm("shots", { recursive: true, force: true });
  for (const language of LANGUAGES) {
    const keep = (state: string, link: string) => ((orders[state] ??= {})[language] = link);
    await somebody(browser, async (page) => keep("pending", await order(page, language, "salar-studs", "batea-pendant")));
    await somebody(browser, async (page) => {
      keep("paid", await order(page, language, "arena-band", "lago-earrings"));
      await pay(page);
    });
    await somebody(browser, async (page) => {
      const link = keep("refunded", await order(page, language, "rio-ring"));
      await pay(page);
      const number = /D-\d+/.exec((await page.getByRole("main").textContent())!)![0];
      await server("refund", number);
      await expect(async () => {
        await page.goto(link);
        await expect(page.getByText(/[Dd]evol|devuelto|refund|gave back|returned/).first()).toBeVisible({ timeout: 500 });
      }).toPass({ timeout: 30_000 });
    });
    await somebody(browser, async (page) => {
      const link = keep("cancelled", await order(page, language, "batea-ring"));
      await page.goto(link);
      await page.getByRole("button", { name: /Dejar el pedido|Give up|Leave/ }).click();
      await expect(page).toHaveURL(link);
    });
  }
  await sql("UPDATE design SET status = 'withdrawn' WHERE slug = 'arena-band-gold'");
  // Both engines' books hold texts; here it is the file of `make shots`.
  await expect(async () => {
    const rows = await sql("SELECT o.language, hex(m.body_html) FROM mail m JOIN shop_order o ON o.id = m.order_id WHERE m.to_address LIKE 'ana@%' ORDER BY m.created_at_us");
    mails.length = 0;
    for (const row of rows) {
      const [language, html] = row.split("|");
      mails.push({ language: language as Language, html: Buffer.from(html!, "hex").toString() });
    }
    for (const language of LANGUAGES) expect(mails.some((mail) => mail.language === language)).toBe(true);
  }).toPass({ timeout: 30_000 });
});

for (const width of [360, 1280]) {
  for (const scheme of ["light", "dark"] as const) {
    for (const [at, language] of LANGUAGES.entries()) {
      test(`${width} ${scheme} ${language}`, async ({ browser }) => {
        test.setTimeout(300_000);
        const words = WORDS[language];
        const context = await browser.newContext({
          viewport: { width, height: width === 360 ? 740 : 900 },
          colorScheme: scheme,
          reducedMotion: "reduce",
          deviceScaleFactor: 1,
        });
        const page = await context.newPage();
        const shoot = async (name: string, fullPage = true) => {
          // Lazy photographs come as one scrolls.
          await page.evaluate(async () => {
            for (const image of document.querySelectorAll("img")) image.loading = "eager";
            await Promise.all([...document.images].map((image) => image.decode().catch(() => undefined)));
            await document.fonts.ready;
          });
          await page.screenshot({ path: `shots/${name}-${language}-${width}-${scheme}.png`, fullPage });
        };
        const open = (pair: Pair) => page.goto(`/${language}/${pair[at]}`.replace(/\/$/, ""));

        for (const [name, pair] of Object.entries(PAGES)) {
          await open(pair);
          await shoot(name);
        }
        await open(PAGES.makers!);
        await page.getByRole("main").getByRole("heading", { level: 2 }).getByRole("link").first().click();
        await expect(page).toHaveURL(/\/[a-z-]+\/[a-z-]+\/[a-z0-9-]+$/);
        await shoot("maker");

        // What opens on a page.
        await open(PAGES.piece!);
        // An island starts when it is touched.
        await page.locator("a[data-photo]").first().hover();
        await expect(page.locator("leptos-island:has(a[data-photo])[data-ready]")).toHaveCount(1, { timeout: 20_000 });
        await page.locator("a[data-photo]").first().click();
        await expect(page.getByRole("dialog")).toBeVisible();
        await shoot("zoom", false);
        if (width === 360) {
          await open(PAGES.home!);
          await page.locator("summary", { hasText: words.menu }).click();
          await shoot("menu", false);
          await open(PAGES.catalogue!);
          await page.locator("summary", { hasText: words.filter }).click();
          await shoot("filters");
        }

        for (const [state, links] of Object.entries(orders)) {
          await page.goto(links[language]!);
          await shoot(`order-${state}`);
        }
        for (const [number, mail] of mails.filter((mail) => mail.language === language).entries()) {
          if (number > 1) break;
          // Away from the shop first, whose policy forbids the styles that a mail carries inline.
          await page.goto("about:blank");
          await page.setContent(mail.html);
          await shoot(`mail-${number + 1}`);
        }

        await put(page, language, "batea-ring");
        await shoot("bag-added");
        await put(page, language, "chakana-pendant");
        await page.goto(`/${language}/${words.bag}`);
        await shoot("bag");
        await page.goto(`/${language}/${words.checkout}`);
        await shoot("checkout");
        await fill(page, language);
        await page.getByRole("button", { name: words.update }).click();
        await page.locator('[name="delivery"]').first().check();
        await shoot("checkout-filled");
        // The browser's own complaints would come first.
        await page.locator("form", { has: page.locator('[name="postal_code"]') }).evaluate((form: HTMLFormElement) => (form.noValidate = true));
        for (const [name, value] of [["name", ""], ["email", "ana@"], ["postal_code", "150"], ["phone", "x"]] as const) {
          await page.locator(`[name="${name}"]`).fill(value);
        }
        await page.getByRole("button", { name: words.pay }).click();
        await expect(page.locator("[aria-invalid=true]").first()).toBeVisible();
        await shoot("checkout-errors");
        await fill(page, language);
        await simulator("POST", "faults", { kind: "error", path: "/v1/checkout/sessions", status: 500 });
        await page.getByRole("button", { name: words.pay }).click();
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await shoot("checkout-stripe-away");
        await simulator("DELETE", "faults");

        // A write that waits in vain: somebody holds the file.
        await page.goto(`/${language}/${words.pieces}/tupu-pin`);
        const holder = spawn("sqlite3", [process.env.SHOP_DATABASE!.slice("sqlite:".length)], { stdio: ["pipe", "pipe", "inherit"] });
        holder.stdin.write(".timeout 20000\nBEGIN IMMEDIATE;\nSELECT 'held';\n");
        await once(holder.stdout, "data");
        await page.getByRole("button", { name: words.add }).click();
        await expect(page.getByRole("heading", { level: 1 })).toHaveText(/Volvemos enseguida|Back in a moment/, { timeout: 60_000 });
        holder.stdin.end("ROLLBACK;\n");
        await once(holder, "exit");
        await shoot("error-503");
        await context.close();
      });
    }
  }
}
