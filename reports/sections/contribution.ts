import { metricKinds } from "../../schemas/metric.ts";
import type { Decomposition, Report } from "../../schemas/report.ts";
import { formatRatio, formatRatioInterval } from "../format.ts";
import { isOpenLoop } from "../view.ts";
import {
  type Block,
  code,
  folded,
  type Inline,
  line,
  type Part,
  paragraph,
  type Section,
  section,
  small,
  stacked,
  table,
} from "./document.ts";
import { absent } from "./figure.ts";

/** Rows shown of each kind of loop, the largest differences first; the rest is folded. */
const shownRows = 3;

function withInterval(ratio: number, ciLow: number | null, ciHigh: number | null): Inline {
  const interval = formatRatioInterval(ciLow, ciHigh);
  return stacked(formatRatio(ratio), interval === null ? null : small(interval));
}

const row = (d: Decomposition): Inline[] => [
  stacked(code(d.cell), metricKinds[d.metric].label),
  stacked(d.a, `÷\u00a0${d.b}`, small(`by way of ${d.path.join(", ")}`)),
  withInterval(d.totalRatio, d.totalCiLow, d.totalCiHigh),
  withInterval(d.runtimeRatio, d.runtimeCiLow, d.runtimeCiHigh),
  withInterval(d.frameworkRatio, d.frameworkCiLow, d.frameworkCiHigh),
  d.interactionRatio === null
    ? absent
    : withInterval(d.interactionRatio, d.interactionCiLow, d.interactionCiHigh),
];

const heads = ["Measure", "Pair", "Ratio", "Runtime", "Framework", "Interaction"];
const rows = (all: readonly Decomposition[]): Block => table(heads, "llrrrr", all.map(row));

const size = (d: Decomposition): number => Math.abs(Math.log(d.totalRatio));

/** How much more the framework does on one runtime than on the other; swapping the two candidates leaves it as it is. */
function interaction({
  interactionRatio: ratio,
  interactionCiLow: low,
  interactionCiHigh: high,
}: Decomposition) {
  if (ratio === null || low === null || high === null)
    return "With only one connecting candidate measured, an interaction cannot be separated";
  const figure = `${formatRatio(ratio)} (${formatRatioInterval(low, high)})`;
  return low <= 1 && high >= 1 ? `No interaction is shown: ${figure}` : `There is an interaction: ${figure}`;
}

/** The largest difference in a sentence, turned so that its ratio is above 1. */
function sentence(d: Decomposition): Inline {
  const flipped = d.totalRatio < 1;
  const [a, b] = flipped ? [d.b, d.a] : [d.a, d.b];
  const turned = (ratio: number, low: number, high: number) => {
    const [x, l, h] = flipped ? [1 / ratio, 1 / high, 1 / low] : [ratio, low, high];
    return { ratio: x, words: `${formatRatio(x)} (${formatRatioInterval(l, h)})` };
  };
  const total = turned(d.totalRatio, d.totalCiLow, d.totalCiHigh);
  const factor = (name: string, ...of: [number, number, number]) => {
    const { ratio, words } = turned(...of);
    return `${words} is the ${name}${ratio < 1 ? ", which offsets part of it" : ""}`;
  };
  const runtime = factor("runtime", d.runtimeRatio, d.runtimeCiLow, d.runtimeCiHigh);
  const framework = factor("framework", d.frameworkRatio, d.frameworkCiLow, d.frameworkCiHigh);
  return line`Of the ${total.words} in ${metricKinds[d.metric].label} between ${a} and ${b} (${code(d.cell)}), ${runtime} and ${framework}. ${interaction(d)}.`;
}

function ofLoop(all: readonly Decomposition[], open: boolean): Part {
  const sorted = all.filter((d) => isOpenLoop(d.workload) === open).toSorted((x, y) => size(y) - size(x));
  const [first] = sorted;
  if (first === undefined) return null;
  const rest = sorted.slice(shownRows);
  return [
    paragraph(line`${open ? "Open" : "Closed"} loop. ${sentence(first)}`),
    rows(sorted.slice(0, shownRows)),
    rest.length === 0 ? null : folded(`${rest.length} more`, rows(rest)),
  ];
}

/**
 * How a difference between two candidates that share neither runtime nor framework splits into the two, by way of a
 * candidate that shares one with each; null where nothing bridges any two.
 */
export function contribution({ decomposition }: Report): Section | null {
  return section(
    "What the runtime and the framework contribute",
    decomposition.length === 0
      ? null
      : paragraph(
          "The two factors multiply to the ratio; each has its 95 % interval. An interaction far from 1 means that a framework costs more on one runtime than on the other; with only one connecting candidate it is part of the factors.",
        ),
    ofLoop(decomposition, true),
    ofLoop(decomposition, false),
  );
}
