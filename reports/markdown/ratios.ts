import { metricKinds } from "../../schemas/metric.ts";
import type { Comparison, Report } from "../../schemas/report.ts";
import type { ChartFile } from "../charts/file.ts";
import { digits3, formatCount, formatDetectable } from "../format.ts";
import { againstReference, families, isMany, isOpenLoop, isShort } from "../view.ts";
import { type Ratio, ratioWords, toDecideWords, verdictWords } from "../wording.ts";
import { blocks, code, folded, picture, type Section, section, table, text } from "./element.ts";
import { absent } from "./figure.ts";

/** The two, and how many rounds they have where those are few. */
function pair(report: Report, c: Comparison): string {
  const few = isShort(report, c) ? `<br><sub>${formatCount(c.rounds, "round")}</sub>` : "";
  // The section's own heading names the reference.
  const against = c.b === report.run.reference ? "" : `<br>÷ ${text(c.b)}`;
  return `${text(c.a)}${against}${few}`;
}

const subscript = (words: string | null): string => (words === null ? "" : `<br><sub>${text(words)}</sub>`);

/** The interval has a line of its own, so that seven columns find room. */
const ratioCell = (ratio: Ratio): string => ratioWords(ratio)?.replace(" (", "<br>(") ?? absent;

/** Below 0.001 the digits of a p say nothing more. */
const formatP = (p: number): string => (p < 0.001 ? "&lt; 0.001" : digits3(p));

/** Whether the phrase of a comparison leaves open what lies behind it. */
const isExplained = (c: Comparison): boolean =>
  c.code === "too-few-events" || (c.verdict === "withheld" && c.code !== "exploratory");

function row(report: Report, c: Comparison, first: boolean): string[] {
  const { label, better } = metricKinds[c.metric];
  return [
    first ? `${code(c.cell)}<br>${label}<br><sub>${better} is better</sub>` : "",
    pair(report, c),
    ratioCell(c),
    ratioCell({ ratio: c.robustRatio, bound: c.bound, ciLow: c.robustCiLow, ciHigh: c.robustCiHigh }),
    c.pHolm === null ? absent : formatP(c.pHolm),
    c.detectablePct === null ? absent : formatDetectable(c.detectablePct),
    `${text(verdictWords(c))}${subscript(toDecideWords(c))}${subscript(isExplained(c) ? (c.why ?? null) : null)}`,
  ];
}

function ratioTable(report: Report, comparisons: readonly Comparison[]): string | null {
  if (comparisons.length === 0) return null;
  const rows = families(comparisons).flatMap((family) => family.map((c, i) => row(report, c, i === 0)));
  const heads = ["Measure", "Candidate", "Ratio", "Hodges–<br>Lehmann", "p (Holm)", "Could<br>show", "Reads"];
  return table(heads, "llrrrrl", rows);
}

function bothLoops(report: Report, comparisons: readonly Comparison[]): string | null {
  const open = ratioTable(
    report,
    comparisons.filter((c) => isOpenLoop(c.workload)),
  );
  const closed = ratioTable(
    report,
    comparisons.filter((c) => !isOpenLoop(c.workload)),
  );
  const body = blocks(
    comparisons.some((c) => isShort(report, c)) ? fewRounds : null,
    open === null ? null : `Open loop:\n\n${open}`,
    closed === null ? null : `Closed loop:\n\n${closed}`,
  );
  return body === "" ? null : body;
}

const fewRounds =
  "Where a pair names its rounds they are few: its interval takes a shape of the noise for granted that they cannot show.";

/** Ratios against the reference with their intervals; what was not declared before the run is folded. */
export function ratios(report: Report, charts: readonly ChartFile[]): Section | null {
  const comparisons = againstReference(report);
  const of = (isDeclared: boolean) =>
    bothLoops(
      report,
      comparisons.filter((c) => c.declared === isDeclared),
    );
  const [declared, explored] = [of(true), of(false)];
  return section(
    `Ratios against ${text(report.run.reference)}`,
    comparisons.length === 0
      ? null
      : `Paired by round, mean of log ratios, 95 % interval. Hodges–Lehmann's estimate stands beside it: one far round cannot move it, and its interval assumes no shape of the noise (none below six rounds). A verdict needs the whole interval beyond the threshold and Holm's correction over the comparisons of its kind declared before the run. “Could show” is the smallest true difference that this many rounds with this noise would have given a verdict in four runs of five.`,
    ...charts.filter((c) => c.kind === "ratios").map(picture),
    declared !== null && isMany(report) ? folded("Every declared ratio", declared) : declared,
    explored === null ? null : folded("Exploratory ratios, without verdicts", explored),
  );
}
