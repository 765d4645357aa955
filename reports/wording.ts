import { headroomMin, type RateLimit, rateLimit } from "../schemas/lower-bound.ts";
import type { MetricName } from "../schemas/metric.ts";
import type { Comparison, ComparisonCode, Exclusion, Report, Tie, Touched } from "../schemas/report.ts";
import { formatDetectable, formatHeadroom, formatInteger, listedUpTo } from "./format.ts";

/** A rate that is a lower bound: what limited it, and the headroom that says so. */
export interface LowerBound {
  readonly limit: RateLimit;
  readonly headroom: number | null;
}

/** What makes a figure of a result a lower bound; null for a measurement. */
export function lowerBoundOf(
  metric: MetricName,
  { headroom }: { readonly headroom: number | null },
): LowerBound | null {
  const limit = rateLimit(metric, { headroom });
  return limit === null ? null : { limit, headroom };
}

/** Why a rate is a lower bound, as a clause. */
export function lowerBoundWords({ headroom }: LowerBound): string {
  return headroom === null
    ? "the generator's own ceiling was not measured"
    : `headroom ${formatHeadroom(headroom)}, below ${formatHeadroom(headroomMin)}: the generator may have been the limit`;
}

/** Percent with a true minus and the digits that matter: `−1.6 %`, `24 %`, `1,480 %`. */
export function signedPct(value: number): string {
  const size = Math.abs(value) < 10 ? Math.abs(value).toFixed(1) : formatInteger(Math.abs(value));
  return `${value < 0 && Number(size) !== 0 ? "−" : ""}${size} %`;
}

/** The three states of two candidates of which neither is recommended, each in one phrase of its own. */
export const tieStates = {
  equal: "equal",
  undecided: "not decided",
  "trade-off": "a trade-off: differences that cancel under these weights",
} as const satisfies Record<Tie["state"], string>;

/** `equal within ±3.2 %`. */
export const equalWords = (withinPct: number): string => `equal within ${formatDetectable(withinPct)}`;

/** What an exclusion says of its candidate, as a clause: that it misses a requirement, or is not shown to meet it. */
export function exclusionWords({ code, requirement, figure }: Exclusion): string {
  return code === "limit-not-shown"
    ? `is not shown to meet "${requirement}": ${figure}`
    : `misses "${requirement}": ${figure}`;
}

/** How a decision reads where nothing that was varied would change it. */
export const nothingChanges = "Nothing that was varied would change the answer.";

/** The answer with the nearest change of it, where that does not stand beside it. */
export function wholeAnswer({ answer, outcome, reversals }: Report["decision"]): string {
  return outcome === "recommended" ? `${answer} ${reversals[0]?.text ?? nothingChanges}` : answer;
}

/** Names that a heading has room for. */
const headingNames = 3;

/** A decision in a few words: the name of the winner, or which of the other states it is. */
export function headline({ outcome, recommended, leader, tied, scores }: Report["decision"]): string {
  const names = [leader ?? "", ...tied.map((t) => t.candidate)];
  // Where all are level their names tell nothing.
  const told = names.length > headingNames || names.length === scores.length ? "" : `${either(names)}: `;
  switch (outcome) {
    case "recommended":
      return recommended ?? "";
    case "nobody-qualifies":
      return "No candidate meets the requirements";
    case "equal":
      return `${told}equal`;
    case "undecided":
      return `${told}not decided`;
    case "trade-off":
      return `${told}a trade-off`;
    default:
      return "No recommendation";
  }
}

const disjunction = new Intl.ListFormat("en-GB", { type: "disjunction" });
const either = (names: readonly string[]): string => disjunction.format(names);

/** Why a comparison carries no verdict, in a few words. */
const withheldWords: Partial<Record<ComparisonCode, string>> = {
  "too-few-rounds": "too few rounds",
  "not-positive": "a value of zero",
  "candidate-failed": "it failed trials",
  "all-trials-void": "no trial counts",
  "delivery-not-intact": "deliveries were not intact",
  "generator-limited": "a rate is a lower bound",
  "both-generator-limited": "both rates are lower bounds",
  "ceiling-unknown": "the generator's ceiling was not measured",
  "mostly-generator": "the figure is mostly the generator's own",
  "attribution-unknown": "the server's process is not known",
};

/**
 * What a comparison reads as, in every form alike. Four states have four phrases: one is better, equal within so much, not
 * decided, withheld; a comparison outside the declared family has none.
 */
export function verdictWords(c: Comparison): string {
  if (c.code === "exploratory") return "exploratory, no verdict";
  switch (c.verdict) {
    case "withheld":
      return `withheld: ${withheldWords[c.code] ?? c.why ?? "the evidence does not carry a verdict"}`;
    case "equal":
      return c.equalWithinPct === null ? tieStates.equal : equalWords(c.equalWithinPct);
    case "undecided": {
      const seen = c.detectablePct === null ? "" : ` (could have seen ${formatDetectable(c.detectablePct)})`;
      return `${tieStates.undecided}${seen}`;
    }
    case "a-better":
    case "b-better":
      return `${c.verdict === "a-better" ? c.a : c.b} is better`;
  }
}

/** `2 warnings touch the answer (drift, steal), 41 other cells, 1 this machine.`; `what` may be a link. */
export function warningCounts({ warnings }: Pick<Report, "warnings">, what = "warnings"): string {
  if (warnings.length === 0) return "No warnings.";
  const of = (touches: Touched) => warnings.filter((w) => w.touches === touches);
  const [answer, cells, machine] = [of("answer"), of("cells"), of("machine")];
  const codes = [...new Set(answer.map((w) => w.code))];
  const kinds = codes.length === 0 ? "" : ` (${listedUpTo(codes, 4)})`;
  const parts = [
    `${formatInteger(answer.length)} touch the answer${kinds}`,
    ...(cells.length === 0 ? [] : [`${formatInteger(cells.length)} other cells`]),
    ...(machine.length === 0 ? [] : [`${formatInteger(machine.length)} this machine`]),
  ];
  return `Of ${formatInteger(warnings.length)} ${what}, ${parts.join(", ")}.`;
}

/** What a short profile's latencies are not to be read as; null for the others. */
export function profileWords({ run }: Pick<Report, "run">): string | null {
  if (run.profile !== "quick" && run.profile !== "smoke") return null;
  return `--profile ${run.profile} measures shorter windows, fewer rounds and other stretches of the feed than standard: its latencies do not compare with those of another profile.`;
}
