// Starts the islands of a page when someone wants one: until then they cost the browser nothing
// but the fetching, and the page works without. An external module, because the
// Content-Security-Policy allows no inline script; leptos's own starter is one. `pack` replaces
// the two names by the hashed ones.
const GLUE = new URL("./islands_glue.js", import.meta.url);
const WASM = new URL("./islands.wasm", import.meta.url);
// Longer than this a touch does not wait: the link does what it does without the script.
const PATIENCE_MS = 3000;
const WAITING = "leptos-island:not([data-ready])";

// What leptos's streaming renderer would have written inline. Pages here are rendered whole.
globalThis.__RESOLVED_RESOURCES = [];
globalThis.__SERIALIZED_ERRORS = [];
globalThis.__INCOMPLETE_CHUNKS = [];

// The exported name is the component's and a hash of its source text, as one compiler prints it.
// A page may come from another build of the server than this script: the component's name decides.
const component = (name) => name.replace(/_\d+$/, "");
// A browser too old for the islands must not see an error for that.
const unavailable = (reason) => console.warn("Islands are not available:", reason);

let started;
function start() {
  started ??= import(GLUE).then(async (glue) => {
    await glue.default({ module_or_path: WASM });
    glue.hydrate();
    hydrate(document.body, [], new Map(Object.entries(glue).map(([name, island]) => [component(name), island])));
  });
  return started;
}

// Outer islands before inner ones: an inner one is adopted by the owner of the children it is in.
function hydrate(node, owners, islands) {
  if (node.localName === "leptos-island") {
    const island = islands.get(component(node.dataset.component ?? ""));
    // An extension may have changed the markup of one: the others are not to suffer.
    try {
      if (island) {
        owners[owners.length - 1]?.();
        island(node);
        node.dataset.ready = "";
      }
    } catch (reason) {
      unavailable(reason);
    }
  }
  const inner = node.localName === "leptos-children" ? [...owners, node.$$on_hydrate] : owners;
  for (const child of node.children) hydrate(child, inner, islands);
}

// A pointer or the keyboard comes near.
const near = ({ target }) => {
  if (target.closest?.(WAITING)) start().catch(unavailable);
};
addEventListener("pointerover", near);
addEventListener("focusin", near);

// A link of an island that is not there yet was touched: the touch is repeated when it is.
let touched;
addEventListener("click", (click) => {
  const link = click.isTrusted && click.target.closest?.(`${WAITING} a`);
  if (!link || click.button || click.ctrlKey || click.metaKey || click.shiftKey || click.altKey) return;
  click.preventDefault();
  click.stopPropagation();
  const waits = touched;
  touched = click;
  link.setAttribute("aria-busy", "true");
  if (waits) return;
  const late = new Promise((done) => setTimeout(done, PATIENCE_MS));
  Promise.race([start(), late]).catch(unavailable).then(() => {
    const last = touched;
    touched = undefined;
    document.querySelectorAll("a[aria-busy]").forEach((link) => link.removeAttribute("aria-busy"));
    last.target.dispatchEvent(new MouseEvent("click", last));
  });
}, true);

const idle = globalThis.requestIdleCallback ?? ((then) => setTimeout(then, 1500));

// What nobody can touch before it is there starts when it is about to come into sight.
const seen = new IntersectionObserver((entries) => {
  if (entries.some((entry) => entry.isIntersecting)) {
    seen.disconnect();
    idle(() => start().catch(unavailable));
  }
}, { rootMargin: "100%" });
document.querySelectorAll("[data-start=seen]").forEach((place) => seen.observe(place));

// Into the browser's cache while it has nothing to do, so that the first touch waits for little.
addEventListener("load", () => idle(() => {
  if (started || navigator.connection?.saveData) return;
  for (const file of [GLUE, WASM]) {
    fetch(file, { priority: "low" }).then((answer) => answer.arrayBuffer()).catch(() => undefined);
  }
}));
