// Lets the compiler say whether JSON from the line is what Stripe's types promise: every answer
// becomes a literal that is assigned to its type, so missing, mistyped and surplus fields show.
// @ts-check

import ts from 'typescript';

const HERE = import.meta.dirname;
const FILE = `${HERE}/_judged.ts`;

/** @type {ts.CompilerOptions} */
const OPTIONS = {
  module: ts.ModuleKind.NodeNext,
  noEmit: true,
  skipLibCheck: true,
  strict: true,
  target: ts.ScriptTarget.ES2023,
  types: ['node'],
};

/** Known once, used by every check. @type {Map<string, ts.SourceFile | undefined>} */
const parsed = new Map();

/** @param {string} source */
function complaints(source) {
  const host = ts.createCompilerHost(OPTIONS);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, language) => {
    if (name === FILE) return ts.createSourceFile(name, source, language, true);
    if (!parsed.has(name)) parsed.set(name, read(name, language));
    return parsed.get(name);
  };
  const exists = host.fileExists.bind(host);
  host.fileExists = (name) => name === FILE || exists(name);
  const program = ts.createProgram([FILE], OPTIONS, host);
  const file = program.getSourceFile(FILE);
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
    (found) => ts.flattenDiagnosticMessageText(found.messageText, '\n'),
  );
}

/** JSON as a literal. The client turns decimal texts into its own class, so those are left out. @param {unknown} value @returns {string} */
function literal(value) {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (value && typeof value === 'object') {
    const fields = Object.entries(value).map(([key, inner]) => {
      const text = key.endsWith('_decimal') && inner !== null ? 'decimal' : literal(inner);
      return `${JSON.stringify(key)}: ${text}`;
    });
    return `{ ${fields.join(', ')} }`;
  }
  return JSON.stringify(value);
}

/**
 * What the compiler says against JSON being of these types; nothing is good.
 * @param {Array<[type: string, json: unknown]>} pairs
 */
export function misfits(pairs) {
  const lines = pairs.map(([type, json], at) => `export const v${at}: ${type} = ${literal(json)};`);
  return complaints(
    `import type Stripe from 'stripe';\ndeclare const decimal: any;\n${lines.join('\n')}\n`,
  );
}

/** Form pairs as a literal whose leaves fit everything: names and nesting are what is judged. @param {string} encoded */
function form(encoded) {
  /** @type {any} */
  const root = {};
  for (const [key, value] of new URLSearchParams(encoded)) {
    const steps = key.replaceAll(']', '').split('[');
    let place = root;
    steps.slice(0, -1).forEach((step) => {
      place = place[step] ??= {};
    });
    place[steps.at(-1) ?? ''] = { leaf: value };
  }
  /** @param {any} node @returns {string} */
  const show = (node) => {
    if (typeof node.leaf === 'string') return `leaf(${JSON.stringify(node.leaf)})`;
    const keys = Object.keys(node);
    if (keys.every((key) => /^\d*$/.test(key))) return `[${keys.map((key) => show(node[key])).join(', ')}]`;
    return `{ ${keys.map((key) => `${JSON.stringify(key)}: ${show(node[key])}`).join(', ')} }`;
  };
  return show(root);
}

/** The parameter type of an endpoint. @param {string} method @param {string} path */
function parametersOf(method, path) {
  /** @type {Array<[RegExp, string, string]>} */
  const known = [
    [/^POST \/v1\/checkout\/sessions$/, 'checkout.sessions.create', '0'],
    [/^GET \/v1\/checkout\/sessions$/, 'checkout.sessions.list', '0'],
    [/^GET \/v1\/checkout\/sessions\/[^/]+$/, 'checkout.sessions.retrieve', '1'],
    [/^GET \/v1\/checkout\/sessions\/[^/]+\/line_items$/, 'checkout.sessions.listLineItems', '1'],
    [/^POST \/v1\/checkout\/sessions\/[^/]+\/expire$/, 'checkout.sessions.expire', '1'],
    [/^GET \/v1\/payment_intents$/, 'paymentIntents.list', '0'],
    [/^GET \/v1\/payment_intents\/[^/]+$/, 'paymentIntents.retrieve', '1'],
    [/^GET \/v1\/charges$/, 'charges.list', '0'],
    [/^GET \/v1\/charges\/[^/]+$/, 'charges.retrieve', '1'],
    [/^GET \/v1\/balance_transactions$/, 'balanceTransactions.list', '0'],
    [/^GET \/v1\/balance_transactions\/[^/]+$/, 'balanceTransactions.retrieve', '1'],
    [/^POST \/v1\/refunds$/, 'refunds.create', '0'],
    [/^GET \/v1\/refunds$/, 'refunds.list', '0'],
    [/^GET \/v1\/refunds\/[^/]+$/, 'refunds.retrieve', '1'],
    [/^GET \/v1\/disputes$/, 'disputes.list', '0'],
    [/^GET \/v1\/disputes\/[^/]+$/, 'disputes.retrieve', '1'],
    [/^GET \/v1\/events$/, 'events.list', '0'],
    [/^GET \/v1\/events\/[^/]+$/, 'events.retrieve', '1'],
  ];
  return known.find(([pattern]) => pattern.test(`${method} ${path}`));
}

/**
 * What the compiler says against recorded requests (`/_simulator/requests`); nothing is good.
 * @param {Array<{ method: string, path: string, parameters: string }>} requests
 */
export function strayRequests(requests) {
  const lines = requests.flatMap(({ method, path, parameters }) => {
    const found = parametersOf(method, path);
    if (!found) return [`unknown_endpoint(${JSON.stringify(`${method} ${path}`)});`];
    if (!parameters) return [];
    const id = found[2] === '1' ? '"id", ' : '';
    return [`stripe.${found[1]}(${id}${form(parameters)});`];
  });
  return complaints(
    `import type Stripe from 'stripe';\ndeclare const stripe: Stripe;\n` +
      `declare function leaf(text: string): any;\ndeclare function unknown_endpoint(_: never): void;\n` +
      `${[...new Set(lines)].join('\n')}\n`,
  );
}
