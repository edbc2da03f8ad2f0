// Starts the islands of a page. An external module, because the Content-Security-Policy
// allows no inline script; leptos's own starter is one. `pack` replaces the two names by
// the hashed ones.
import init, * as islands from "./islands_glue.js";

// What leptos's streaming renderer would have written inline. Pages here are rendered whole.
globalThis.__RESOLVED_RESOURCES = [];
globalThis.__SERIALIZED_ERRORS = [];
globalThis.__INCOMPLETE_CHUNKS = [];

// The exported name is the component's and a hash of its source text, as one compiler prints it.
// A page may come from another build of the server than this script: the component's name decides.
const component = (name) => name.replace(/_\d+$/, "");
const byComponent = new Map(Object.entries(islands).map(([name, start]) => [component(name), start]));

async function start() {
  await init({ module_or_path: new URL("./islands.wasm", import.meta.url) });
  islands.hydrate();
  hydrate(document.body, []);
}

// Outer islands before inner ones: an inner one is adopted by the owner of the children it is in.
function hydrate(node, owners) {
  if (node.localName === "leptos-island") {
    const island = byComponent.get(component(node.dataset.component ?? ""));
    if (island) {
      owners.at(-1)?.();
      island(node);
      node.dataset.ready = "";
    }
  }
  const inner = node.localName === "leptos-children" ? [...owners, node.$$on_hydrate] : owners;
  for (const child of node.children) hydrate(child, inner);
}

// Without the script the page works; a browser too old for it must not see an error for that.
start().catch((reason) => console.warn("Islands are not available:", reason));
