/// <reference lib="dom" />
import { element } from "./element.ts";

/** A table whose rows begin with what they are of. It scrolls by itself where the window is narrow, by keyboard too. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly (Node | string)[])[],
): HTMLElement {
  const made = element(
    "table",
    {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...head.map((name) => element("th", { scope: "col" }, name)))),
    element(
      "tbody",
      {},
      ...rows.map(([first = "", ...rest]) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, first),
          ...rest.map((cell) => element("td", {}, cell)),
        ),
      ),
    ),
  );
  return element("section", { class: "wide", tabindex: "0", "aria-label": caption }, made);
}
