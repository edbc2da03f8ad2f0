// The stylesheets as they are written, in cascade layers, and where the order of the layers says
// something else than specificity: browsers that know no layers would see another page.
import Specificity from "@bramus/specificity";
import * as css from "css-tree";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./house";

/** One selector of a rule, made to match in whatever state the page is. */
export type Rule = {
  written: string;
  layer: number;
  specificity: number;
  /** Without states and pseudo-elements: `:hover` may come. */
  selector: string;
  pseudoElement: string;
  declarations: { property: string; value: string; important: boolean }[];
};

const STATES = /^(?:hover|active|focus|focus-visible|focus-within|checked|target|visited|disabled)$/;

/** All stylesheets in the order of their files. */
export const written = () =>
  readdirSync(join(root, "style")).filter((name) => name.endsWith(".css")).sort()
    .map((name) => readFileSync(join(root, "style", name), "utf8")).join("\n");

/** Every rule of the layers. */
export function rules(source: string): Rule[] {
  const tree = css.parse(source, { parseCustomProperty: false });
  const order: string[] = [];
  const found: Rule[] = [];
  css.walk(tree, (node) => {
    if (node.type === "Atrule" && node.name === "layer" && !node.block) {
      order.push(...css.generate(node.prelude!).split(",").map((name) => name.trim()));
    }
  });
  const into = (node: css.CssNode, layer: number) => css.walk(node, (node) => {
    if (node.type !== "Rule" || node.prelude.type !== "SelectorList") return;
    const declarations = node.block.children.toArray().filter((one) => one.type === "Declaration")
      .map((one) => ({ property: one.property, value: css.generate(one.value), important: !!one.important }));
    for (const selector of node.prelude.children.toArray()) {
      const { a, b, c } = Specificity.calculateForAST(selector as never).value;
      found.push({ written: css.generate(selector), layer, specificity: a * 1e6 + b * 1e3 + c, ...stateless(selector), declarations });
    }
  });
  css.walk(tree, (node) => {
    if (node.type === "Atrule" && node.name === "layer" && node.block) into(node.block, order.indexOf(css.generate(node.prelude!)));
  });
  return found;
}

function stateless(selector: css.CssNode): { selector: string; pseudoElement: string } {
  const bare = css.clone(selector);
  let pseudoElement = "";
  css.walk(bare, {
    leave(node, item, list) {
      if (node.type === "PseudoElementSelector") pseudoElement = node.name;
      const state = node.type === "PseudoElementSelector" || (node.type === "PseudoClassSelector" && STATES.test(node.name));
      // `:not(:checked)` may hold as well as not.
      const hollow = node.type === "PseudoClassSelector" && /^(?:not|has|is)$/.test(node.name) && !css.generate(node).replace(/^:(?:not|has|is)\(\)$/, "");
      if ((state || hollow) && list) list.remove(item);
    },
  });
  const text = css.generate(bare).replace(/:(?:not|has|is)\(\)/g, "").trim();
  return { selector: text.replace(/(^|[\s>+~(,])(?=$|[\s>+~),])/g, "$1*"), pseudoElement };
}
