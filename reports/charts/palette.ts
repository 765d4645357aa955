import type { Report } from "../../schemas/report.ts";

/** Everything a chart's colours depend on. Backgrounds are GitHub's, so that a chart sits in its page. */
export interface Theme {
  readonly name: "light" | "dark" | "any";
  readonly background: string;
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly band: string;
  /** Shades by runtime: one hue each, apart in blue and orange which colour-blind readers can distinguish too. */
  readonly families: Readonly<Record<"node" | "bun" | "python" | "other", readonly string[]>>;
}

export const light: Theme = {
  name: "light",
  background: "#ffffff",
  ink: "#1f2328",
  muted: "#59636e",
  grid: "#dde2e7",
  band: "#eceff2",
  families: {
    node: ["#0550ae", "#57a0ee", "#0a3069", "#86c0f9", "#2f7fd6", "#5b7fa6"],
    bun: ["#c04b00", "#f09a3e", "#7a2e00", "#f7bf80", "#a8801f", "#8f5a3c"],
    python: ["#6639ba", "#b083f0", "#3e1f79", "#cdb0f7", "#9a4fb5", "#7d6a9c"],
    other: ["#1a7f5a", "#4cb893", "#0d4f38", "#8fd6bd", "#6a8f2c", "#4d7d70"],
  },
};

export const dark: Theme = {
  name: "dark",
  background: "#0d1117",
  ink: "#f0f6fc",
  muted: "#9198a1",
  grid: "#2a3038",
  band: "#1c222a",
  families: {
    node: ["#4593f8", "#a5d0ff", "#1f5fbf", "#d6e9ff", "#5cc1e0", "#7f9dc4"],
    bun: ["#e5762a", "#ffc680", "#a84a0c", "#ffe6c9", "#d9b13b", "#b98a6d"],
    python: ["#9a68f2", "#d2b8ff", "#6d3fc4", "#eadcff", "#d17be8", "#a294bd"],
    other: ["#2fae80", "#8fe0c2", "#1a7354", "#cdf3e5", "#a4c45a", "#86b3a6"],
  },
};

/** Every colour of a theme, in an order that is the same for all. */
const coloursOf = ({ background, ink, muted, grid, band, families }: Theme): string[] => [
  ...[background, ink, muted, grid, band],
  ...Object.values(families).flat(),
];

const placeholder = (index: number): string => `#fefe${index.toString(16).padStart(2, "0")}`;

/**
 * A theme whose colours stand for those of the others: what is laid out with it once is given any theme's colours as text, by
 * `inTheme`. A chart's layout depends on no colour.
 */
export const anyTheme: Theme = (() => {
  let next = 0;
  const one = (): string => placeholder(next++);
  return {
    name: "any",
    ...{ background: one(), ink: one(), muted: one(), grid: one(), band: one() },
    families: {
      node: light.families.node.map(one),
      bun: light.families.bun.map(one),
      python: light.families.python.map(one),
      other: light.families.other.map(one),
    },
  };
})();

/** Text with the colours of `anyTheme` in it, in those of `theme`. */
export function inTheme(text: string, theme: Theme): string {
  const colours = coloursOf(theme);
  return text.replace(
    /#fefe([0-9a-f]{2})/g,
    (found, index: string) => colours[Number.parseInt(index, 16)] ?? found,
  );
}

export const fontFamily = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";

const symbols = ["circle", "triangle", "diamond", "rect", "roundRect", "pin"] as const;

/** How one candidate is drawn, the same in every chart of a report. */
export interface Look {
  readonly color: string;
  readonly symbol: (typeof symbols)[number];
}

function familyOf(runtime: string): keyof Theme["families"] {
  const name = runtime.toLowerCase();
  if (name === "node" || name === "bun") return name;
  return name.includes("python") ? "python" : "other";
}

/** The look of every contender: hue by runtime, shade and symbol by its place among that runtime's candidates. */
export function looks(report: Report, theme: Theme): (candidate: string) => Look {
  const places = new Map<string, number>();
  const byId = new Map<string, Look>();
  for (const { id, runtime, replicateOf } of report.candidates) {
    if (replicateOf !== null) continue;
    const family = familyOf(runtime.name);
    const place = places.get(family) ?? 0;
    places.set(family, place + 1);
    const shades = theme.families[family];
    byId.set(id, { color: shades[place % shades.length]!, symbol: symbols[place % symbols.length]! });
  }
  return (candidate) => byId.get(candidate) ?? { color: theme.muted, symbol: "circle" };
}
