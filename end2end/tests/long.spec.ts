// Words without a space, longer than a narrow telephone is wide, break no page, on screen and on
// paper. In a shop of its own, in which everything that people typed is such a word.
import { type Browser, expect, type Page, test } from "@playwright/test";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { environment, freePort, programs, root } from "./house";
import { kinds, listed, PLAIN, purchase, UNLISTED } from "./stages";

const run = promisify(execFile);
const WORD = "otorrinolaringologísticamenteincomprensible";
/** So many letters without a space. */
const long = (letters: number) => WORD.repeat(Math.ceil(letters / WORD.length)).slice(0, letters);

/** What is said of the association and its pieces, in words as long as these. */
const SAID = [
  `UPDATE design_text SET name = '${long(60)}', description = '${long(300)}', care = '${long(80)}'`,
  `UPDATE member SET display_name = '${long(50)}', community = '${long(50)}'`,
  `UPDATE member_text SET crafts = '${long(60)}', quote = '${long(120)}', story = '${long(300)}'`,
  `UPDATE piece SET serial = '${long(40)}' || serial`,
  `UPDATE design_photo SET alt_es = '${long(80)}', alt_en = '${long(80)}'`,
  `UPDATE mine SET name = '${long(50)}' || id, place = '${long(50)}'`,
  `UPDATE certificate SET number = '${long(50)}' || number`,
  `UPDATE supplier SET name = '${long(50)}' || id`,
  `UPDATE lot_document SET title = '${long(80)}'`,
];

const typed: typeof PLAIN = {
  name: long(80), email: `${"a".repeat(60)}@${"b".repeat(60)}.example`, street: long(100), city: long(80),
  postal_code: "15001", phone: "987 654 321", gift_message: long(150),
};

async function withShop(act: (shop: string, database: string) => Promise<void>) {
  const data = await mkdtemp(join(tmpdir(), "divinas-long-"));
  const [listen, simulator] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const shop = spawn(join(root, ".ci/shop"), [programs], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...environment, DATA_DIR: data, DATABASE_URL: `sqlite:${data}/shop.db`, LISTEN: listen, PUBLIC_URL: `http://${listen}`,
      SIMULATOR_LISTEN: simulator, STRIPE_SECRET_KEY: "", STRIPE_WEBHOOK_SECRET: "", STRIPE_API_URL: "", SMTP_URL: "",
      DESIGNS: "0", RUST_LOG: "warn", ENV_FILE: "/dev/null", WRITES_PER_MINUTE: "0",
    },
  });
  try {
    await expect.poll(() => fetch(`http://${listen}/readyz`).then((answer) => answer.status, () => 0), { timeout: 120_000 }).toBe(200);
    await act(`http://${listen}`, `${data}/shop.db`);
  } finally {
    shop.kill("SIGTERM");
    await once(shop, "exit");
    await rm(data, { recursive: true, force: true });
  }
}

/** What does not fit: the page into its window, or a text into the box it stands in. */
async function misfits(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const out: string[] = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) out.push(`the page is ${scrollWidth - clientWidth} px too wide`);
    for (const element of document.body.querySelectorAll<HTMLElement>("*")) {
      const style = getComputedStyle(element);
      const flows = style.overflowX === "visible" && style.display !== "inline" && style.display !== "contents";
      const text = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent!.trim());
      if (!flows || !text || !element.clientWidth) continue;
      // What is there for the ear only has no width.
      let around: Element | null = element;
      while (around && getComputedStyle(around).clipPath === "none") around = around.parentElement;
      if (around || element.closest("svg")) continue;
      const over = element.scrollWidth - element.clientWidth;
      if (over > 1) out.push(`${over} px over <${element.localName} class="${element.className}">`);
    }
    return out;
  });
}

const VIEWS = [["screen", 320], ["screen", 1280], ["print", 680]] as const;

test("long words break no page, on screen and on paper", async ({ browser }: { browser: Browser }) => {
  test.skip(test.info().project.name !== "desk" || !!process.env.SHOP_RUNS, "once is enough");
  test.setTimeout(300_000);
  await withShop(async (shop, database) => {
    for (const statement of SAID) await run("sqlite3", ["-cmd", ".timeout 20000", database, statement]);
    const context = await browser.newContext({ baseURL: shop });
    const page = await context.newPage();
    await page.route(/\/photos\//, (route) => route.abort());
    const look = async (page: Page, name: string) => {
      for (const [media, width] of VIEWS) {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ media });
        expect.soft(await misfits(page), `${name}, ${media}, ${width} px`).toEqual([]);
      }
      await page.emulateMedia({ media: null });
    };
    const searches = [`/es/piezas?q=${long(70)}`, `/en/pieces?q=${long(70)}&type=ring`, `/es/${long(90)}`];
    for (const path of [...kinds(await listed(context.request)), ...UNLISTED, ...searches]) {
      await page.goto(path);
      await look(page, path);
    }
    await page.goto("/es/piezas?type=ring&available=1");
    const ring = await page.locator("main a[href^='/es/piezas/']").first().getAttribute("href");
    await purchase(page, ring!, typed, look);
    await page.goto("about:blank");
    const { stdout } = await run("sqlite3", [database, "SELECT hex(body_html) FROM mail"]);
    const mails = stdout.split("\n").filter(Boolean).map((hex) => Buffer.from(hex, "hex").toString());
    expect(mails.length).toBeGreaterThan(0);
    for (const html of mails) {
      await page.setContent(html);
      await look(page, "mail");
    }
  });
});
