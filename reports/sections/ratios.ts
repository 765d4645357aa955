import { metricKinds } from "../../schemas/metric.ts";
import type { Comparison, Report } from "../../schemas/report.ts";
import type { ChartRef } from "../charts/file.ts";
import { digits3, formatCount, formatDetectable } from "../format.ts";
import { againstReference, families, isMany, isOpenLoop, isShort } from "../view.ts";
import { ratioWords, toDecideWords, verdictWords } from "../wording.ts";
import {
  code,
  folded,
  type Inline,
  line,
  note,
  type Part,
  paragraph,
  picture,
  type Row,
  type Section,
  section,
  small,
  stacked,
  table,
} from "./document.ts";
import { absent } from "./figure.ts";

/** Who is compared, and how many rounds the two have where those are few. */
const who = (report: Report, c: Comparison): Inline =>
  stacked(c.a, isShort(report, c) ? small(formatCount(c.rounds, "round")) : null);

/** Below 0.001 the digits of a p say nothing more. */
const formatP = (p: number): string => (p < 0.001 ? "< 0.001" : digits3(p));

/** Whether the phrase of a comparison leaves open what lies behind it. */
const isExplained = (c: Comparison): boolean => c.code === "too-few-events" || c.verdict === "withheld";

function row(report: Report, c: Comparison): Inline[] {
  const robust = { ...c, ratio: c.robustRatio, ciLow: c.robustCiLow, ciHigh: c.robustCiHigh };
  const toDecide = toDecideWords(c);
  return [
    who(report, c),
    ratioWords(c) ?? absent,
    ratioWords(robust) ?? absent,
    c.pHolm === null ? absent : formatP(c.pHolm),
    c.detectablePct === null ? absent : formatDetectable(c.detectablePct),
    stacked(
      verdictWords(c),
      toDecide === null ? null : small(toDecide),
      isExplained(c) && c.why !== undefined ? small(c.why) : null,
    ),
  ];
}

const heads = ["", "Ratio", "Hodges–Lehmann", "p (Holm)", "Could show", "Reads"];

function ratioTable(report: Report, comparisons: readonly Comparison[], open: boolean): Part {
  const ofLoop = comparisons.filter((c) => isOpenLoop(c.workload) === open);
  const rows = families(ofLoop).flatMap((family): Row[] => {
    const [first] = family;
    if (first === undefined) return [];
    const { label, better } = metricKinds[first.metric];
    return [
      { head: line`${code(first.cell)} ${label}, ${better} is better` },
      ...family.map((c) => row(report, c)),
    ];
  });
  if (rows.length === 0) return null;
  return [note(open ? "Open loop:" : "Closed loop:"), table(heads, "lrrrrl", rows)];
}

const fewRounds =
  "A pair that names its rounds has fewer than six, too few for a distribution-free check of its interval.";

/** What the columns of the table mean. */
const method =
  "Paired by round, mean of log ratios, 95 % interval. Hodges–Lehmann's estimate beside it resists a single outlier, and its interval is distribution-free (none below six rounds). A verdict needs the whole interval beyond the threshold, and significance after Holm's correction over the declared comparisons of its kind. “Could show” is the smallest true difference that this number of rounds, with this noise, would show in four runs of five.";

/** The declared ratios against the reference with their intervals; those that were not declared are rows of ratios.csv. */
export function ratios(report: Report, charts: readonly ChartRef[]): Section | null {
  const declared = againstReference(report).filter((c) => c.declared);
  if (declared.length === 0) return null;
  const tables = [ratioTable(report, declared, true), ratioTable(report, declared, false)];
  return section(
    "Ratios",
    paragraph(`Each candidate against ${report.run.reference}, on the figures declared before the run.`),
    folded("How to read them", paragraph(method)),
    declared.some((c) => isShort(report, c)) ? paragraph(fewRounds) : null,
    ...charts.filter((c) => c.kind === "ratios").map(picture),
    isMany(report) ? folded("Every declared ratio", tables) : tables,
  );
}
