// The Nu HTML Checker of the W3C (npm's vnu-jar) reads every page as the server sent it.
import { expect, test } from "@playwright/test";
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "./house";
import { kinds, listed, PLAIN, purchase, UNLISTED } from "./stages";

const jar: string = createRequire(import.meta.url)("vnu-jar");

// A list without marks is none to VoiceOver unless it says that it is one.
const DELIBERATE = /^The “list” role is unnecessary for element “[uo]l”\.$/;

/** What the checker says of files of HTML, by name. */
async function check(folder: string): Promise<string[]> {
  const said = await new Promise<string>((done) => {
    // It ends with 1 when it found something; what it found is on the error output.
    execFile("java", ["-Xss8m", "-XX:TieredStopAtLevel=1", "-jar", jar, "--format", "json", "--exit-zero-always", folder],
      { maxBuffer: 1 << 26 }, (error, _, stderr) => done(error && !stderr ? String(error) : stderr));
  });
  const { messages } = JSON.parse(said) as { messages: { url: string; lastLine?: number; message: string; extract?: string }[] };
  return messages.filter(({ message }) => !DELIBERATE.test(message)).map(({ url, message, extract }) => `${url.replace(/.*\//, "")}: ${message} … ${extract ?? ""}`);
}

test("the Nu HTML checker finds nothing on any page", async ({ page, request }) => {
  test.skip(test.info().project.name !== "desk" || !!process.env.SHOP_RUNS, "once is enough");
  test.setTimeout(180_000);
  const folder = await mkdtemp(join(tmpdir(), "divinas-checker-"));
  let count = 0;
  const keep = async (name: string, html: string) =>
    writeFile(join(folder, `${String((count += 1)).padStart(3, "0")}-${name.replace(/[^a-z0-9]+/gi, "_").slice(0, 80)}.html`), html);
  try {
    const all = await listed(request);
    // The invented designs are all made alike.
    for (const address of [...all.filter((address) => !address.includes("modelo-")), ...kinds(all), ...UNLISTED]) {
      await keep(address, await (await request.get(address)).text());
    }
    let document = Promise.resolve("");
    page.on("response", (answer) => {
      const page = answer.request().resourceType() === "document" && (answer.status() < 300 || answer.status() >= 400);
      // A page that was left at once has no text any more, and nobody looks at it.
      if (page) document = answer.text().catch(() => "");
    });
    const [slug] = await sql("SELECT slug FROM design WHERE slug LIKE 'modelo-%' AND pieces_available > 0 ORDER BY price_minor DESC LIMIT 1");
    await purchase(page, `/es/piezas/${slug}`, PLAIN, async (_, name) => {
      expect(await document, name).toContain("</html>");
      await keep(name, await document);
    });
    expect(count).toBeGreaterThan(70);
    expect(await check(folder)).toEqual([]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
