// What the promised browsers (app/islands/pack/browsers.json) lack of a stylesheet, a script or a
// page, by MDN's compatibility table. What is found is named as that table names it.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "acorn";
import { full } from "acorn-walk";
import * as css from "css-tree";
import { root } from "./house";

type Support = { version_added: string | boolean; prefix?: string; alternative_name?: string; flags?: unknown; partial_implementation?: boolean };
type Compat = { support: Record<string, Support | Support[] | undefined> };
type Table = { __compat?: Compat; [name: string]: Table | Compat | undefined };

const table = createRequire(import.meta.url)("@mdn/browser-compat-data") as Record<"css" | "html" | "http" | "javascript" | "api" | "webassembly", Table>;
export const promise = JSON.parse(readFileSync(join(root, "app/islands/pack/browsers.json"), "utf8")) as {
  browsers: Record<string, string>;
  webassembly: string[];
};

/** The entry behind a path of the table, if it has one of its own. */
function entry(...path: string[]): Compat | undefined {
  let at: Table | undefined = table as unknown as Table;
  for (const name of path) at = at && Object.hasOwn(at, name) ? (at[name] as Table) : undefined;
  return at?.__compat;
}

const parts = (version: string) => version.replace(/^≤/, "").split(".").map(Number);
function notAfter(version: string, promised: string): boolean {
  const [a, b] = [parts(version), parts(promised)];
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    if ((a[i] ?? 0) !== (b[i] ?? 0)) return (a[i] ?? 0) < (b[i] ?? 0);
  }
  return true;
}

/** The promised browsers that do not know a feature under its own name, whole and without a switch. */
function without(feature: Compat): string[] {
  return Object.entries(promise.browsers).filter(([browser, promised]) => {
    const said = feature.support[browser];
    const all = said === undefined ? [] : Array.isArray(said) ? said : [said];
    return !all.some((one) =>
      typeof one.version_added === "string" && notAfter(one.version_added, promised) &&
      !one.prefix && !one.alternative_name && !one.flags && !one.partial_implementation);
  }).map(([browser]) => browser);
}

/** Names of features, and which promised browsers lack them. */
export class Lacking extends Map<string, string[]> {
  ask(...path: string[]): boolean {
    const feature = entry(...path);
    const browsers = feature ? without(feature) : [];
    if (browsers.length > 0) this.set(path.join("."), browsers);
    return browsers.length > 0;
  }
}

const VIEWPORT_UNIT = /^[sld]v(?:h|w|i|b|min|max)$/;
const TYPES = table.css.types as Table;

/** Where the table keeps a function of values, such as `color-mix()`. */
function functionPaths(name: string): string[][] {
  return Object.keys(TYPES).flatMap((type) => (type === name ? [["css", "types", name]] : [["css", "types", type, name]]));
}

/** What a declaration needs, asked from the table. */
function declaration(node: css.Declaration, grid: boolean): Lacking {
  const lacks = new Lacking();
  const property = node.property;
  if (property.startsWith("--")) return values(node.value, undefined);
  lacks.ask("css", "properties", property);
  for (const [feature, browsers] of values(node.value, property)) lacks.set(feature, browsers);
  const text = css.generate(node.value);
  if (!grid && /^(?:align|justify|place)-/.test(property) && /^(?:start|end)$/.test(text)) {
    lacks.ask("css", "properties", "align-items", "context_flex", `${text}_in_flex`);
  }
  return lacks;
}

function values(value: css.CssNode, property: string | undefined): Lacking {
  const lacks = new Lacking();
  css.walk(value, (node) => {
    if (node.type === "Identifier" && property) lacks.ask("css", "properties", property, node.name.toLowerCase());
    if (node.type === "Function") functionPaths(node.name.toLowerCase()).forEach((path) => lacks.ask(...path));
    if (node.type === "Dimension") {
      const unit = node.unit.toLowerCase();
      const kind = { s: "small", l: "large", d: "dynamic" }[unit[0]!];
      if (VIEWPORT_UNIT.test(unit)) lacks.ask("css", "types", "length", `viewport_percentage_units_${kind}`);
      else lacks.ask("css", "types", "length", unit);
    }
  });
  return lacks;
}

/**
 * What a stylesheet uses and a promised browser lacks. Not counted is a declaration that stands
 * behind one of the same property which all know, and what a condition of `@supports` guards.
 */
export function ofStyles(source: string): Lacking {
  const lacks = new Lacking();
  const add = (more: Lacking) => more.forEach((browsers, feature) => lacks.set(feature, browsers));
  const tree = css.parse(source, { parseCustomProperty: true, onParseError: (error) => { throw error; } });
  css.walk(tree, function (node) {
    if (node.type === "Atrule") {
      lacks.ask("css", "at-rules", node.name);
      if (node.name === "supports") return css.walk.skip;
    }
    if (node.type === "Feature") lacks.ask("css", "at-rules", "media", node.name);
    if (node.type === "PseudoClassSelector" || node.type === "PseudoElementSelector") lacks.ask("css", "selectors", node.name);
    if (node.type === "Block") add(block(node, this.atrule));
  });
  return lacks;
}

function block(node: css.Block, around: css.Atrule | null): Lacking {
  const lacks = new Lacking();
  const declarations = node.children.toArray().filter((child) => child.type === "Declaration");
  const grid = declarations.some((one) => one.property === "display" && css.generate(one.value) === "grid");
  const known = new Set<string>();
  for (const one of declarations) {
    if (around && ["font-face", "view-transition"].includes(around.name)) {
      lacks.ask("css", "at-rules", around.name, one.property);
      continue;
    }
    const missing = declaration(one, grid);
    const bare = css.property(one.property).basename;
    if (missing.size === 0) known.add(bare);
    else if (!known.has(bare)) missing.forEach((browsers, feature) => lacks.set(feature, browsers));
  }
  return lacks;
}

/** The names of members that built-in objects have. */
const MEMBERS = membersOf(table.javascript.builtins as Table, membersOf(table.api));

function membersOf(objects: Table, members = new Map<string, string[][]>()): Map<string, string[][]> {
  const room = objects === table.api ? ["api"] : ["javascript", "builtins"];
  for (const object of Object.keys(objects)) {
    for (const member of Object.keys(objects[object] as Table)) {
      if (member !== "__compat") members.set(member, [...(members.get(member) ?? []), [...room, object, member]]);
    }
  }
  return members;
}

/**
 * What a script uses and a promised browser lacks: objects by their names, syntax, and members by
 * theirs. Of which object a member is cannot be known; it counts when one promised browser has
 * it on none of the objects that know the name.
 */
export function ofScript(source: string): Lacking {
  const lacks = new Lacking();
  const missing = (names: string, lists: string[][]) => {
    const everywhere = lists.reduce((a, b) => a.filter((browser) => b.includes(browser)));
    if (everywhere.length > 0) lacks.set(names, everywhere);
  };
  // Newer syntax than this is refused by the parser.
  full(parse(source, { ecmaVersion: 2022, sourceType: "module" }), (node: any) => {
    if (node.type === "StaticBlock") lacks.ask("javascript", "classes", "static", "initialization_blocks");
    if (node.type === "BinaryExpression" && node.left.type === "PrivateIdentifier") lacks.ask("javascript", "operators", "in", "private_property");
    if (node.type === "ImportExpression") lacks.ask("javascript", "operators", "import");
    if (node.type === "MetaProperty") lacks.ask("javascript", "operators", "import_meta");
    if (node.type === "LogicalExpression" || node.type === "AssignmentExpression") {
      const name = { "??": "nullish_coalescing", "??=": "nullish_coalescing_assignment", "||=": "logical_or_assignment", "&&=": "logical_and_assignment" }[node.operator as string];
      if (name) lacks.ask("javascript", "operators", name);
    }
    if (node.type === "ChainExpression") lacks.ask("javascript", "operators", "optional_chaining");
    if (node.type === "Literal" && node.regex) {
      if (/\(\?<[=!]/.test(node.regex.pattern)) lacks.ask("javascript", "regular_expressions", "lookbehind_assertion");
      if (node.regex.flags.includes("d")) lacks.ask("javascript", "builtins", "RegExp", "hasIndices");
    }
    if (node.type === "Identifier") {
      lacks.ask("api", node.name);
      lacks.ask("javascript", "builtins", node.name);
      lacks.ask("api", "Window", node.name);
    }
    if (node.type === "MemberExpression" && !node.computed && node.property.type === "Identifier") {
      const known = (MEMBERS.get(node.property.name) ?? []).flatMap((path) => entry(...path) ?? []);
      if (known.length > 0) missing(`.${node.property.name}`, known.map(without));
    }
  });
  return lacks;
}

/** The proposals of WebAssembly that a module may use (`pack` refuses the others), looked up. */
export function ofWebAssembly(): Lacking {
  const lacks = new Lacking();
  for (const proposal of promise.webassembly) {
    if (!entry("webassembly", proposal)) throw new Error(`the table knows no ${proposal}`);
    lacks.ask("webassembly", proposal);
  }
  return lacks;
}

/** What elements and attributes of a page a promised browser lacks; `names` as `input` or `input@inputmode`. */
export function ofMarkup(names: Iterable<string>): Lacking {
  const lacks = new Lacking();
  for (const name of names) {
    const [element, attribute] = name.split("@") as [string, string?];
    lacks.ask("html", "elements", element);
    if (!attribute) continue;
    lacks.ask("html", "elements", element, attribute);
    lacks.ask("html", "global_attributes", attribute);
  }
  return lacks;
}

/** A word of a Content-Security-Policy. */
export function ofPolicy(directive: string, word: string): Lacking {
  const lacks = new Lacking();
  const path = ["http", "headers", "Content-Security-Policy", directive, word];
  if (!entry(...path)) throw new Error(`the table knows no ${word}`);
  lacks.ask(...path);
  return lacks;
}
