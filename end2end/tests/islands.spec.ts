// What the islands add, and what is there without them.
import { expect, test, type Page } from "@playwright/test";

/** The islands have started. */
async function ready(page: Page) {
  await expect(page.locator("leptos-island[data-ready]")).not.toHaveCount(0, { timeout: 20_000 });
}

/** The page of a ring, by the catalogue. */
async function openRing(page: Page) {
  await page.goto("/es/piezas?type=ring");
  await page.getByRole("main").locator("a[href^='/es/piezas/']").first().click();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

test("photographs open large, turn by the keyboard and close", async ({ page }) => {
  await openRing(page);
  const address = page.url();
  const photos = page.locator("a[data-photo]");
  const total = await photos.count();
  await photos.first().click();

  const viewer = page.getByRole("dialog");
  await expect(viewer).toBeVisible({ timeout: 20_000 });
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
  expect(loaded.filter((path) => /islands/.test(path))).toEqual([]);
});

test("an island that nobody touches runs no code", async ({ page }) => {
  const run: string[] = [];
  page.on("request", (request) => {
    if (request.resourceType() === "script") run.push(request.url());
  });
  await openRing(page);
  await page.waitForLoadState("networkidle");
  await page.mouse.move(1, 1);
  await page.waitForTimeout(2000);
  expect(run.filter((url) => /islands_glue/.test(url))).toEqual([]);
  await expect(page.locator("leptos-island[data-ready]")).toHaveCount(0);
});

/** The first photograph is touched at once; what comes of it. */
async function touchFirst(page: Page) {
  await openRing(page);
  const photo = page.locator("a[data-photo]").first();
  const large = new URL((await photo.getAttribute("href"))!, page.url()).href;
  // Not Playwright's click, which would wait for a page that this touch opens.
  await photo.evaluate((link) => link.scrollIntoView({ block: "center", behavior: "instant" }));
  // Only a look: it stands still and nothing covers it.
  await photo.hover({ trial: true });
  const box = (await photo.boundingBox())!;
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  return large;
}

test("the first touch is not lost while the islands are on their way", async ({ page }) => {
  await page.route(/islands\.[^/]*wasm$/, async (route) => {
    await new Promise((done) => setTimeout(done, 800));
    await route.continue();
  });
  // Watched from the beginning: on a busy machine a look after the touch may come too late.
  const busy = page.waitForSelector("a[aria-busy]", { state: "attached" });
  await touchFirst(page);
  await busy;
  await expect(page.getByRole("dialog")).toContainText("1 de", { timeout: 20_000 });
  await expect(page.locator("a[aria-busy]")).toHaveCount(0);
});

test("a touch that waits too long opens the photograph as a page", async ({ page }) => {
  await page.route(/islands\.[^/]*wasm$/, () => undefined);
  const large = await touchFirst(page);
  await expect(page).toHaveURL(large, { timeout: 20_000 });
});

test("where the islands cannot come, a touch opens the photograph as a page", async ({ page }) => {
  await page.route(/islands\.[^/]*wasm$/, (route) => route.abort());
  const large = await touchFirst(page);
  await expect(page).toHaveURL(large);
});

for (const [lack, take] of [
  ["WebAssembly under our policy", () => {
    const refuse = () => Promise.reject(new WebAssembly.CompileError("not allowed"));
    Object.assign(WebAssembly, { instantiate: refuse, instantiateStreaming: refuse, compile: refuse });
  }],
  ["dialogs", () => { delete (window as any).HTMLDialogElement; }],
] as const) {
  test(`a browser without ${lack} opens the photograph as a page`, async ({ page }) => {
    const errors: string[] = [];
    // A photograph as a page of its own takes no part in transitions between pages.
    page.on("pageerror", (error) => void (/ViewTransition/.test(error.message) || errors.push(error.message)));
    await page.addInitScript(take);
    const large = await touchFirst(page);
    await expect(page).toHaveURL(large, { timeout: 20_000 });
    expect(errors).toEqual([]);
  });
}

/** As a translator of pages does: every text node gives way to another in elements of its own, now and whenever one comes. */
function translator() {
  const skipped = (node: Node) => (node.parentElement as Element).closest("[translate=no], font, script, style, template, textarea");
  const translate = (root: Node) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const texts: Text[] = [];
    while (walker.nextNode()) texts.push(walker.currentNode as Text);
    for (const text of texts) {
      if (!text.data.trim() || skipped(text)) continue;
      const outer = document.createElement("font");
      outer.append(document.createElement("font"));
      outer.firstElementChild!.textContent = text.data.replaceAll("e", "ë");
      text.replaceWith(outer);
    }
  };
  const begin = () => {
    translate(document.body);
    new MutationObserver(() => translate(document.body)).observe(document.body, { childList: true, subtree: true, characterData: true });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
}

for (const when of ["before the islands start", "after"] as const) {
  const installed = async (page: Page, go: () => Promise<void>, then: () => Promise<void>) => {
    if (when === "after") {
      await go();
      await then();
      await page.evaluate(translator);
    } else {
      await page.addInitScript(translator);
      await go();
      await then();
    }
    await expect(page.locator("font").first()).toBeAttached();
  };

  test(`a translated page measures the true ring size (translated ${when})`, async ({ page }) => {
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await installed(page, async () => void (await page.goto("/es/tallas-de-anillo")), () => ready(page));
    const size = page.getByRole("status");
    await expect(size).toContainText("53,1");
    await page.getByRole("slider").nth(1).focus();
    for (let step = 1; step <= 10; step += 1) {
      await page.keyboard.press("ArrowLeft");
      // What is read is what is shown, and the link goes where it says.
      const mm = 16.9 - step / 10;
      await expect(size).toContainText((Math.round(mm * Math.PI * 10) / 10).toFixed(1).replace(".", ",").replace(",0", ""));
    }
    await expect(size).toContainText("50 mm");
    await expect(size).not.toContainText("53,1");
    await expect(page.locator(".ring-sizer a")).toHaveAttribute("href", /size=50$/);
    await page.getByRole("radio").nth(1).check();
    await expect(page.locator("svg.ring-sizer-drawing")).toHaveCount(2);
    expect(errors).toEqual([]);
  });

  test(`a translated page shows the right photograph's number and words (translated ${when})`, async ({ page }) => {
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await installed(page, () => openRing(page), async () => {
      await page.locator("a[data-photo]").first().click();
      await expect(page.getByRole("dialog")).toBeVisible({ timeout: 20_000 });
    });
    const total = await page.locator("a[data-photo]").count();
    const alts = await page.locator("a[data-photo] img").evaluateAll((images) => (images as HTMLImageElement[]).map((image) => image.alt.replaceAll("e", "ë")));
    const viewer = page.getByRole("dialog");
    for (let n = 2; n <= total + 1; n += 1) {
      await page.keyboard.press("ArrowRight");
      const at = (n - 1) % total;
      await expect(viewer.locator(".viewer-bar p")).toHaveText(`Foto ${at + 1} dë ${total}`);
      await expect(viewer.locator(".viewer-caption")).toHaveText(alts[at]!);
    }
    await viewer.getByRole("button", { name: "Acercar" }).click();
    await expect(viewer.getByRole("button", { name: "Alejar" })).toHaveText("−");
    await page.keyboard.press("Escape");
    await expect(viewer).toHaveCount(0);
    await page.locator("a[data-photo]").last().click();
    await expect(viewer).toContainText(`${total} dë ${total}`);
    expect(errors).toEqual([]);
  });
}
