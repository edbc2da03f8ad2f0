// The program as whoever runs it meets it: its metrics, its files, and how it stops.
import { expect, test } from "@playwright/test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { command, environment, freePort, programs, root } from "./house";

const ORIGIN = "https://shop.example";

/** A server of its own, on an empty database; where it is, and its process. */
async function start(folder: string, settings: Record<string, string>) {
  const own = { ...environment, DATABASE_URL: `sqlite:${folder}/shop.db`, LISTEN: "127.0.0.1:0", PUBLIC_URL: ORIGIN, ...settings };
  const migrated = spawn(join(programs, "server"), ["migrate"], { cwd: root, env: own, stdio: "ignore" });
  expect(await once(migrated, "exit")).toEqual([0, null]);
  const child = spawn(join(programs, "server"), ["serve"], { cwd: root, env: own, stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface(child.stdout), "line");
  const url = String(line).replace("listening on ", "");
  await expect(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200)).toPass();
  return { url, child };
}

test("metrics are for the house, files for ever, and the word to stop lets a request finish", async () => {
  const folder = await mkdtemp(join(tmpdir(), "divinas-machine-"));
  const metrics = `127.0.0.1:${await freePort()}`;
  const { url, child } = await start(folder, { METRICS_LISTEN: metrics });
  try {
    await test.step("files", async () => {
      const page = await (await fetch(`${url}/es`)).text();
      const style = /<link[^>]*rel="stylesheet"[^>]*>/.exec(page)![0].match(/href="([^"]+)"/)![1]!;
      const css = await fetch(url + style);
      expect(css.status).toBe(200);
      expect(css.headers.get("content-type")).toMatch(/^text\/css/);
      expect(css.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      const again = await fetch(url + style, { headers: { "if-none-match": css.headers.get("etag")! } });
      expect(again.status).toBe(304);

      const icons: { src: string; type: string }[] = [];
      for (const [language, words] of [["es", /Joyas de plata y oro/], ["en", /Silver and gold jewelry/]] as const) {
        const home = await (await fetch(`${url}/${language}`)).text();
        const link = /<link[^>]*rel="manifest"[^>]*>/.exec(home)![0].match(/href="([^"]+)"/)![1]!;
        const answer = await fetch(url + link);
        expect(answer.headers.get("content-type")).toMatch(/^application\/manifest\+json/);
        const manifest = await answer.json();
        expect(manifest.name).toBe("Divinas en Brillo de Oro");
        expect(manifest.lang).toMatch(new RegExp(`^${language}`));
        expect(manifest.description).toMatch(words);
        icons.push(...manifest.icons);
      }
      icons.push(
        { src: "/favicon.ico", type: "image/x-icon" },
        { src: "/apple-touch-icon.png", type: "image/png" },
      );
      for (const { src, type } of icons) {
        const icon = await fetch(url + src);
        expect(icon.status, src).toBe(200);
        expect(icon.headers.get("content-type"), src).toBe(type);
        expect((await icon.arrayBuffer()).byteLength, src).toBeGreaterThan(100);
      }
    });

    await test.step("metrics", async () => {
      const said = await (await fetch(`http://${metrics}/metrics`)).text();
      expect(said).toMatch(/^http_requests_total\{[^}]*status="200"[^}]*\} [1-9]/m);
      expect(said).toMatch(/^http_request_seconds/m);
      // Shoppers are not told.
      expect((await fetch(`${url}/metrics`)).status).toBe(404);
    });

    await test.step("the word to stop", async () => {
      const { hostname, port } = new URL(url);
      const body = "piece=0190ffff-ffff-7fff-bfff-ffffffffffff";
      const request = connect(Number(port), hostname);
      let said = "";
      request.setEncoding("utf8").on("data", (part: string) => (said += part));
      request.write(
        `POST /es/bolsa/agregar HTTP/1.1\r\nHost: shop.example\r\nOrigin: ${ORIGIN}\r\nExpect: 100-continue\r\n` +
          `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n`,
      );
      // It asks for the body: the request is under way.
      await expect.poll(() => said).toContain("100 Continue");
      child.kill("SIGTERM");
      // Nobody new is let in…
      await expect.poll(() => fetch(`${url}/es`).then(() => "open", () => "closed"), { timeout: 20_000 }).toBe("closed");
      expect(child.exitCode).toBeNull();
      // …but who is inside gets her answer.
      const exit = once(child, "exit");
      request.write(body);
      await once(request, "end");
      expect(said).toContain("HTTP/1.1 409");
      expect(said).toContain("</html>");
      expect(await exit).toEqual([0, null]);
    });
  } finally {
    child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  }
});

test("a setting that is wrong is named, and nothing starts", async () => {
  const folder = await mkdtemp(join(tmpdir(), "divinas-machine-"));
  try {
    const said = await command("env", `DATABASE_URL=sqlite:${folder}/shop.db`, join(programs, "server"), "serve").catch((error) => error);
    expect(String(said.stderr)).toContain("server migrate");
    expect(said.code).toBe(1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
