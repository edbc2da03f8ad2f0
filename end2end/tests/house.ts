// What tests do to the shop from behind: commands of the board, and the database itself for what
// no command does yet.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const programs = process.env.SHOP_PROGRAMS!;

/** The environment of the board's commands. */
export const environment = {
  ...process.env,
  DATABASE_URL: process.env.SHOP_DATABASE!,
  PHOTO_STORE: process.env.SHOP_PHOTOS!,
  STRIPE_SECRET_KEY: process.env.SIMULATOR_SECRET_KEY!,
  STRIPE_WEBHOOK_SECRET: process.env.SIMULATOR_WEBHOOK_SECRET!,
  STRIPE_API_URL: process.env.SIMULATOR_URL!,
};

/** Runs a program from the root of the tree; its output, or an error that holds it. */
export async function command(program: string, ...words: string[]): Promise<string> {
  const { stdout, stderr } = await run(program, words, { cwd: root, env: environment, maxBuffer: 1 << 24 });
  return stdout + stderr;
}

/** `server …` on the database of the run. */
export const server = (...words: string[]) => command(join(programs, "server"), ...words);

/** One statement on the database of the run; rows as lines, columns divided by `|`. */
export async function sql(statement: string): Promise<string[]> {
  const database = process.env.SHOP_DATABASE!;
  const said = database.startsWith("sqlite:")
    ? await command("sqlite3", "-cmd", ".timeout 20000", database.slice("sqlite:".length), statement)
    : await command("psql", "--quiet", "--tuples-only", "--no-align", database, "--command", statement);
  return said.split("\n").filter(Boolean);
}

/** Tells the simulator something, under `/_simulator/`. */
export async function simulator(method: "GET" | "POST" | "DELETE", path: string, body?: unknown) {
  const answer = await fetch(`${process.env.SIMULATOR_URL}/_simulator/${path}`, {
    method,
    headers: { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`the simulator answers ${answer.status} to ${path}`);
  return answer.json();
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
