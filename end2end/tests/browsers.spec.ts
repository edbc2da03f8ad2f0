// The browsers that are promised (app/islands/pack/browsers.json): what is shipped asks nothing of
// them that they do not know, and where it does, nothing is lost.
import { type APIRequestContext, expect, test, type Page } from "@playwright/test";
import * as css from "css-tree";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Rule, rules, written } from "./cascade";
import { type Lacking, ofMarkup, ofPolicy, ofScript, ofStyles, ofWebAssembly } from "./promise";
import { sql } from "./house";
import { kinds, listed, PLAIN, purchase, UNLISTED } from "./stages";

const shipped = (name: string) => {
  const { assets } = JSON.parse(readFileSync(join(process.env.SITE_DIR!, "assets.json"), "utf8"));
  return readFileSync(join(process.env.SITE_DIR!, assets[name].path), "utf8");
};

test.beforeEach(() => test.skip(test.info().project.name !== "desk" || !!process.env.SHOP_RUNS, "once is enough"));

/** Compares with what may be lacking, each with what is below it and why nothing is lost; an exception that nothing needs any more is struck off. */
function only(lacks: Lacking, excused: Record<string, string>) {
  const excuses = Object.keys(excused);
  const of = (feature: string) => excuses.find((excuse) => feature === excuse || feature.startsWith(`${excuse}.`));
  const features = [...lacks.keys()];
  const found = features.filter((feature) => !of(feature)).map((feature) => `${feature}: not in ${lacks.get(feature)!.join(", ")}`);
  expect.soft(found, "a promised browser lacks this").toEqual([]);
  const needed = new Set(features.map(of));
  expect.soft(excuses.filter((excuse) => !needed.has(excuse)), "nothing needs these exceptions any more").toEqual([]);
}

test("the styles need nothing that a promised browser lacks", () => {
  only(ofStyles(shipped("site.css")), {
    "css.at-rules.font-face.ascent-override": "a line may move when the typeface comes",
    "css.at-rules.font-face.descent-override": "a line may move when the typeface comes",
    "css.at-rules.font-face.line-gap-override": "a line may move when the typeface comes",
    "css.at-rules.font-face.size-adjust": "a line may move when the typeface comes",
    "css.at-rules.media.forced-colors": "nobody forces colours there",
    "css.at-rules.view-transition": "pages change at once",
    "css.properties.accent-color": "a slider has the browser's own colour",
    "css.properties.break-before.avoid": "a word may be parted from its meaning at the end of a column",
    "css.properties.color-scheme": "scroll bars stay light in the dark scheme",
    "css.properties.cursor": "a telephone shows no pointer",
    "css.properties.font-synthesis": "every weight that is asked for is in the typefaces",
    "css.properties.outline": "partial: an outline does not follow round corners",
    "css.properties.overscroll-behavior": "the page behind the viewer may scroll",
    "css.properties.scroll-behavior": "nothing scrolls smoothly without it",
    "css.properties.scrollbar-width": "the strip of photographs shows its scroll bar",
    "css.properties.text-wrap": "lines break less evenly",
    "css.selectors.backdrop": "where there are no dialogs, no viewer opens",
    "css.selectors.focus-visible": "the browser's own mark of the focus stays; a test below looks",
    "css.selectors.has": "a chosen row has its mark only, not its frame; of the focus a test below",
    "css.selectors.selection": "selected text has the system's colours",
    "css.selectors.view-transition-group": "pages change at once",
  });
});

test("the scripts need nothing that a promised browser lacks", () => {
  const lacks = new Map([...ofScript(shipped("islands.js")), ...ofScript(shipped("islands_glue.js"))]) as Lacking;
  only(lacks, {
    ".component": "data-component, the island's own",
    ".dispose": "wasm-bindgen asks whether there is Symbol.dispose",
    ".detached": "wasm-bindgen asks whether it is true",
    ".byobRequest": "of streams that no island makes",
    ".respond": "of streams that no island makes",
    ".memory": "of the module itself",
    ".showModal": "the viewer looks whether there are dialogs; a test looks too (islands.spec.ts)",
    ".requestIdleCallback": "boot.js waits instead",
    ".connection": "boot.js asks whether it is there",
    ".saveData": "boot.js asks whether it is there",
  });
});

test("a browser that cannot run the islands is one of few", () => {
  const plain = "the page works as without script; a test looks (islands.spec.ts)";
  // Safari 15.0, of five weeks in 2021.
  only(ofWebAssembly(), {
    "webassembly.bulk-memory-operations": plain,
    "webassembly.non-trapping-float-to-int-conversions": plain,
  });
  only(ofPolicy("script-src", "wasm-unsafe-eval"), { "http.headers.Content-Security-Policy.script-src.wasm-unsafe-eval": plain });
});

/** Of the two languages one is enough: they have one markup. */
async function addresses(request: APIRequestContext) {
  return [...kinds(await listed(request)), ...UNLISTED].filter((address) => address.startsWith("/es"));
}

test("the pages need nothing that a promised browser lacks", async ({ page, request }) => {
  const names = new Set<string>();
  for (const address of await addresses(request)) {
    await page.goto(address, { waitUntil: "domcontentloaded" });
    const found = await page.evaluate(() => [...document.querySelectorAll("html, head, head *, body, body *:not(svg *, leptos-island, leptos-children)")]
      .flatMap((element) => [element.localName, ...element.getAttributeNames().map((name) => `${element.localName}@${name}`)]));
    found.forEach((name) => names.add(name));
  }
  only(ofMarkup(names), {
    "html.elements.img.fetchpriority": "the first photograph waits its turn",
    "html.elements.img.loading": "all photographs are fetched at once",
    "html.global_attributes.translate": "an old Firefox translates nothing",
  });
});


/** Where two rules meet at one element, and the earlier layer's is the more specific. */
function conflicts(rules: Rule[]): string[] {
  const probe = document.createElement("i").style;
  const properties = rules.map(({ declarations }) => {
    const all = new Set<string>();
    for (const { property, value, important } of declarations) {
      probe.cssText = "";
      probe.setProperty(property, value);
      for (const name of probe.length > 0 ? probe : [property]) all.add(`${name}${important ? " !important" : ""}`);
    }
    return all;
  });
  const at = new Map<string, number[]>();
  const ids = new Map<Element, number>();
  rules.forEach((rule, index) => {
    for (const element of document.querySelectorAll(rule.selector)) {
      if (!ids.has(element)) ids.set(element, ids.size);
      const place = `${ids.get(element)}${rule.pseudoElement}`;
      at.set(place, [...(at.get(place) ?? []), index]);
    }
  });
  const found = new Set<string>();
  for (const here of at.values()) {
    for (const i of here) {
      for (const j of here) {
        const [early, late] = [rules[i]!, rules[j]!];
        if (early.layer >= late.layer || early.specificity <= late.specificity) continue;
        const both = [...properties[i]!].filter((name) => properties[j]!.has(name));
        if (both.length > 0) found.add(`${early.written} would win over ${late.written}: ${both.join(", ")}`);
      }
    }
  }
  return [...found];
}

const GEOMETRY = /^(?:width|height|(?:block|inline)-size|(?:top|right|bottom|left)|inset.*|perspective-origin|transform-origin)$/;

/** What looks otherwise when the shipped stylesheet gives way to another source. */
function differences({ properties, source }: { properties: string[]; source: string }): string[] {
  const looks = () => [...document.querySelectorAll("body, body *:not(svg *)")].flatMap((element) =>
    [null, "::before", "::after"].flatMap((pseudo) => {
      const style = getComputedStyle(element, pseudo);
      if (pseudo && style.content === "none") return [];
      return { name: `${element.localName}.${element.className}${pseudo ?? ""}`, values: properties.map((name) => style.getPropertyValue(name)) };
    }));
  const shipped = looks();
  for (const sheet of document.styleSheets) sheet.disabled = true;
  const layered = new CSSStyleSheet();
  layered.replaceSync(source);
  document.adoptedStyleSheets = [layered];
  const written = looks();
  document.adoptedStyleSheets = [];
  for (const sheet of document.styleSheets) sheet.disabled = false;
  if (shipped.length !== written.length) return ["another number of elements and pseudo-elements"];
  return shipped.flatMap(({ name, values }, at) =>
    values.flatMap((value, property) => (value === written[at]!.values[property] ? [] : `${name} ${properties[property]}: ${value}, not ${written[at]!.values[property]}`)));
}

test("without layers every page looks as the layers say", async ({ page, request }) => {
  test.setTimeout(240_000);
  const source = written();
  const all = rules(source);
  expect(all.length).toBeGreaterThan(500);
  const set = all.flatMap((rule) => rule.declarations.map(({ property }) => property));
  // The shorthand is written differently for the same background.
  const background = ["background-color", "background-image", "background-size", "background-repeat"];
  const properties = [...new Set([...set, ...background])].filter((name) => !/^-|^background$/.test(name) && !GEOMETRY.test(name));
  // What comes late would be compared with what was not there yet.
  await page.route(/\/(?:photos|fonts|patterns)\/|islands/, (route) => route.abort());
  const look = async (page: Page, name: string) => {
    expect.soft(await page.evaluate(conflicts, all), name).toEqual([]);
    for (const [media, width] of [["screen", 360], ["screen", 1280], ["print", 680]] as const) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ media, reducedMotion: "reduce" });
      const found = await page.evaluate(differences, { properties, source });
      expect.soft(found.slice(0, 20), `${name}, ${media}, ${width} px`).toEqual([]);
    }
  };
  for (const address of await addresses(request)) {
    await page.goto(address);
    await look(page, address);
  }
  const [slug] = await sql("SELECT slug FROM design WHERE slug LIKE 'modelo-%' AND pieces_available > 0 ORDER BY price_minor DESC LIMIT 1 OFFSET 3");
  await purchase(page, `/es/piezas/${slug}`, PLAIN, look);
});

/** The stylesheet as a browser reads it that knows neither `:has()` nor `:focus-visible`. */
function withoutNewSelectors(source: string): string {
  const tree = css.parse(source);
  css.walk(tree, {
    leave(node, item, list) {
      if (node.type === "Rule" && /:has\(|:focus-visible/.test(css.generate(node.prelude)) && list) list.remove(item);
    },
  });
  return css.generate(tree).replace(/@supports not selector\(:focus-visible\)/g, "@media all");
}

/** Those who take the focus without showing it. */
function hidden(): string[] {
  const shown = (element: Element) => {
    const label = element.closest("label");
    const places = [[element, null], [element, "::after"], [element, "::before"], [element.nextElementSibling, null], [label, null]] as const;
    return places.map(([place, pseudo]) => {
      if (!place) return "";
      const style = getComputedStyle(place, pseudo);
      const box = place.getBoundingClientRect();
      const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 && style.opacity !== "0" && (pseudo ? style.content !== "none" : box.width * box.height > 0);
      return seen ? `${style.outlineStyle} ${style.outlineWidth} ${style.outlineColor} ${style.outlineOffset}` : "";
    });
  };
  const out = new Set<string>();
  for (const element of document.querySelectorAll<HTMLElement>("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    if (element.checkVisibility && !element.checkVisibility()) continue;
    element.blur();
    const before = shown(element);
    element.focus();
    if (document.activeElement !== element) continue;
    const after = shown(element);
    if (!after.some((outline, index) => outline !== "" && outline !== before[index])) out.add(element.outerHTML.slice(0, 160));
  }
  return [...out];
}

for (const old of [false, true]) {
  test(`the focus is always seen${old ? ", also without :has() and :focus-visible" : ""}`, async ({ page, request }) => {
    test.setTimeout(120_000);
    const source = shipped("site.css");
    const without = withoutNewSelectors(source);
    expect(without.length).toBeLessThan(source.length);
    if (old) await page.route(/site\.[^/]*\.css$/, (route) => route.fulfill({ contentType: "text/css", body: without }));
    await page.route(/\/photos\//, (route) => route.abort());
    const look = async (page: Page, name: string) => {
      for (const width of [360, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        // As by the keyboard: then the browser shows the focus that a script sets, too.
        await page.keyboard.press("Tab");
        expect.soft(await page.evaluate(hidden), `${name}, ${width} px`).toEqual([]);
      }
    };
    for (const address of await addresses(request)) {
      await page.goto(address);
      await look(page, address);
    }
    const [slug] = await sql(`SELECT slug FROM design WHERE slug LIKE 'modelo-%' AND pieces_available > 0 ORDER BY price_minor DESC LIMIT 1 OFFSET ${old ? 6 : 9}`);
    await purchase(page, `/es/piezas/${slug}`, PLAIN, look);
  });
}
