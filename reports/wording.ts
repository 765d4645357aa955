import type { WritingEffect } from "../schemas/broadcast-effects.ts";
import type { Stalls } from "../schemas/load.ts";
import { headroomMin, type RateLimit, rateLimit } from "../schemas/lower-bound.ts";
import {
  type MarketOpen,
  type OpenCriterion,
  type OpenReason,
  type Survival,
  survival,
} from "../schemas/market-open.ts";
import { type MetricName, metricKinds } from "../schemas/metric.ts";
import type { Flooded, PolicyDeviation, PolicyKept } from "../schemas/pressure.ts";
import type { Broadcast } from "../schemas/ready.ts";
import type { RecoveryResult } from "../schemas/recovery.ts";
import type {
  Bound,
  Comparison,
  ComparisonCode,
  Exclusion,
  Report,
  SpreadSource,
  Tie,
} from "../schemas/report.ts";
import type { Touched } from "../schemas/warning.ts";
import {
  digits3,
  formatBound,
  formatCount,
  formatDetectable,
  formatHeadroom,
  formatInteger,
  formatRatio,
  formatRatioEnd,
  formatRatioInterval,
  listedUpTo,
} from "./format.ts";
import { isDecided } from "./view.ts";
import { placeWords } from "./workloads/index.ts";

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
    ? "the load generator's limit was not measured"
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

/** A discipline of writing as a user would ask for it. */
export const writingNames = {
  send: "one send per message",
  coalesced: "coalesced writes",
  native: "native broadcast",
} as const satisfies Record<Broadcast, string>;

/** How the further discipline reads beside the plain one. */
export const writingReads = {
  better: "better",
  worse: "worse",
  equal: tieStates.equal,
  undecided: tieStates.undecided,
  withheld: "withheld",
} as const satisfies Record<WritingEffect["reads"], string>;

/**
 * `How you write matters more than where you run: coalesced writes make the latency p99 of … 5.2 to 12 × as good as one send per message;
 * the choice among these 4 candidates, 1.9 × at most.` Null where it is not so.
 */
export function writingFirst({ writing, results }: Pick<Report, "writing" | "results">): string | null {
  const first = writing.choices
    .filter((c) => c.outweighs && metricKinds[c.metric].family === "latency")
    .toSorted((x, y) => y.writingMost - x.writingMost)[0];
  if (first === undefined) return null;
  const cell = writing.effects.find((e) => e.workload === first.workload && e.from === first.from)?.cells
    .from;
  const where = cell === undefined ? "" : ` of ${placeWords({ results }, cell)}`;
  const gain = formatRatioInterval(first.writingLeast, first.writingMost);
  return `How you write matters more than where you run: ${writingNames[first.to]} make the ${metricKinds[first.metric].label}${where} ${gain} × lower than ${writingNames[first.from]}; the choice among these ${first.candidates} candidates changes it by ${formatRatio(first.choice)} at most.`;
}

/** `equal within ±3.2 %`. */
export const equalWords = (withinPct: number): string => `equal within ${formatDetectable(withinPct)}`;

/** What an exclusion says of its candidate, as a clause: that it misses a requirement, or is not shown to meet it. */
export function exclusionWords({ code, requirement, figure }: Exclusion): string {
  return code === "limit-not-shown"
    ? `is not shown to meet "${requirement}": ${figure}`
    : `misses "${requirement}": ${figure}`;
}

/** How a decision reads where nothing that was varied would change it. */
export const nothingChanges = "None of the variations tried would change the answer.";

/** The answer with the nearest change of it, where that does not stand beside it. */
export function wholeAnswer({ answer, outcome, reversals }: Report["decision"]): string {
  return outcome === "recommended" ? `${answer} ${reversals[0]?.text ?? nothingChanges}` : answer;
}

/** What the panel of a policy says until somebody moves it: the answer itself is read above it. */
export const storedAnswer = ({ policy }: Report["decision"]): string =>
  `The answer above, under the ${policy} policy. Move a weight, a price or a limit to decide again.`;

/** Names that a heading has room for. */
const headingNames = 3;

/** A decision in a few words: the name of the winner, or which of the other states it is. */
export function headline({ outcome, recommended, leader, tied, scores }: Report["decision"]): string {
  const names = [leader ?? "", ...tied.map((t) => t.candidate)];
  // Where all are level their names say nothing.
  const candidates =
    names.length > headingNames || names.length === scores.length ? "" : `${either(names)}: `;
  switch (outcome) {
    case "recommended":
      return recommended ?? "";
    case "nobody-qualifies":
      return "No candidate meets the requirements";
    case "equal":
      return `${candidates}equal`;
    case "undecided":
      return `${candidates}not decided`;
    case "trade-off":
      return `${candidates}a trade-off`;
    default:
      return "No recommendation";
  }
}

const disjunction = new Intl.ListFormat("en-GB", { type: "disjunction" });
const either = (names: readonly string[]): string => disjunction.format(names);

/** The answer as the title of a page: whom to serve it with, or how it stands. */
export function answerTitle(decision: Report["decision"]): string {
  const { outcome, recommended, writing } = decision;
  if (outcome !== "recommended" || recommended === null) return headline(decision);
  const how = writing?.reads === "better" ? ` and ${writingNames[writing.broadcast]}` : "";
  return `Serve this market data with ${recommended}${how}`;
}

/** Why a comparison, of two candidates or of two runs, carries no verdict, in a few words. */
export const withheldWords = {
  "too-few-rounds": "too few rounds",
  "not-positive": "a value of zero",
  "candidate-failed": "it failed trials",
  "all-trials-void": "no trial counts",
  "delivery-not-intact": "messages were lost or changed",
  "generator-limited": "a rate is a lower bound",
  "both-generator-limited": "both rates are lower bounds",
  "ceiling-unknown": "the load generator's limit was not measured",
  "mostly-generator": "the figure is mostly the load generator's",
  "attribution-unknown": "the server's process is not known",
  "lower-bound": "a rate is a lower bound",
  "other-question": "the runs asked different questions",
} as const satisfies Partial<Record<ComparisonCode | "lower-bound" | "other-question", string>>;

const isWithheldCode = (code: string): code is keyof typeof withheldWords => code in withheldWords;

/** A metric's ratio and its interval; an end is null where the ratio is a bound that leaves it open, or there is no interval at all. */
export interface Ratio {
  readonly metric: MetricName;
  readonly ratio: number | null;
  readonly bound?: Bound | null | undefined;
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
}

/** What more of a metric is called, and what less of it. */
function comparatives(metric: MetricName): readonly [above: string, below: string] {
  const { unit, better, family } = metricKinds[metric];
  if (family === "cost" || (unit === "Hz" && better === "lower")) return ["more", "less"];
  return better === "higher" ? ["faster", "slower"] : ["slower", "faster"];
}

/** The bound of a ratio that is given the other way round. */
export const inverseBound = (bound: Bound | null | undefined): Bound | null =>
  bound == null ? null : bound === "at-least" ? "at-most" : "at-least";

const inverse = (x: number | null): number | null => (x === null ? null : 1 / x);

/** A ratio below 1 is given the other way round, since `18 × slower` reads at once and `0.0541 ×` does not. */
function turned(ratio: number, { metric, bound, ciLow, ciHigh }: Ratio) {
  const [above, below] = comparatives(metric);
  const isBelow = ratio < 1;
  const size = isBelow ? 1 / ratio : ratio;
  const [low, high] = isBelow ? [inverse(ciHigh), inverse(ciLow)] : [ciLow, ciHigh];
  // Beyond ten a third digit says more than the interval does.
  const isCoarse = size >= 10 && low !== null && high !== null && high - low >= 1;
  const digits = isCoarse ? formatInteger : digits3;
  const figure = `${formatBound(isBelow ? inverseBound(bound) : bound)}${digits(size)} ×`;
  const isOne = Number(digits3(size)) === 1;
  return {
    figure,
    word: isOne ? "" : ` ${isBelow ? below : above}`,
    interval: intervalWords(low, high, digits),
  };
}

/**
 * How much more or less of a metric the first of two has: `18 × slower (15–23)`, `at least 17.8 × more (17.4–18.3)`,
 * `at most 1.20 × faster (up to 1.31)`; null without a ratio.
 */
export function ratioWords(of: Ratio): string | null {
  if (of.ratio === null) return null;
  const { figure, word, interval } = turned(of.ratio, of);
  return `${figure}${word}${interval === null ? "" : ` (${interval})`}`;
}

/** The same without direction and interval, where the place of a mark shows both: `18 ×`. */
export const ratioAlone = (of: Ratio): string | null =>
  of.ratio === null ? null : turned(of.ratio, of).figure;

function intervalWords(
  low: number | null,
  high: number | null,
  digits: (x: number) => string,
): string | null {
  const end = (x: number) => formatRatioEnd(x, digits);
  if (low !== null && high !== null) return `${end(low)}–${end(high)}`;
  if (high !== null) return `up to ${end(high)}`;
  return low === null ? null : `from ${end(low)}`;
}

/**
 * What a comparison states, in every form alike: its phrase, and behind it the ratio with its interval where the evidence
 * carries one. `a is better: b is 1.65 × slower (1.59–1.71)`, `withheld: it failed trials`.
 */
export function statement(c: Comparison): string {
  const figure = c.verdict === "withheld" ? null : ratioWords(c);
  if (figure === null) return verdictWords(c);
  return `${verdictWords(c)}: ${isDecided(c) ? `${c.a} is ` : ""}${figure}`;
}

/**
 * The same, a line each, where the candidate's own row and the column's head say what it is of: `18 × slower (15–23)`,
 * `equal within ±3.2 %`, or `not decided` and `1.48 × slower (0.82–2.68)`.
 */
export function shortStatement(c: Comparison): string[] {
  const figure = ratioWords(c);
  if (c.verdict === "withheld" || c.verdict === "equal" || figure === null) return [verdictWords(c)];
  return isDecided(c) ? [figure] : [tieStates.undecided, figure];
}

/** What a comparison is of: `bun/serve against node/ws, latency p99 of the JSON feed to 10 subscribers`. */
export const subjectWords = (report: Pick<Report, "results">, { a, b, metric, cell }: Comparison): string =>
  `${a} against ${b}, ${metricKinds[metric].label} of ${placeWords(report, cell)}`;

const spreadWords: Readonly<Record<SpreadSource, readonly [source: string, advice: string]>> = {
  "between-visits": ["between starts of a server", "more rounds narrow"],
  windows: ["between windows of one server", "a longer window narrows"],
  stretches: ["between parts of the feed", "a longer window narrows"],
  contamination: ["from other programs on this machine", "a quieter machine narrows"],
  unknown: ["of unknown origin", "more rounds narrow"],
};

/** What would decide an undecided comparison: how long a run, what its rounds spread by, and what narrows that; null for any other. */
export function toDecideWords({ verdict, minutesToDecide, spread }: Comparison): string | null {
  if (verdict !== "undecided") return null;
  const run =
    minutesToDecide === null ? [] : [`a run of about ${minutesWords(minutesToDecide)} would decide it`];
  if (spread === null) return run.length === 0 ? null : run.join();
  const [source, advice] = spreadWords[spread.largest];
  return [...run, `most of the spread is ${source}, which ${advice}`].join("; ");
}

/** `11 min`, `3 h`: no run's length is known to the second before it ran. */
export const minutesWords = (minutes: number): string =>
  minutes < 120 ? `${formatInteger(Math.ceil(minutes))} min` : `${formatInteger(Math.ceil(minutes / 60))} h`;

/**
 * What a comparison reads as, in every form alike. Four states have four phrases: one is better, equal within so much, not
 * decided, withheld; a comparison outside the declared family has none.
 */
export function verdictWords(c: Comparison): string {
  if (c.code === "exploratory") return "exploratory, no verdict";
  if (c.code === "too-few-events") return `${tieStates.undecided}: too few events`;
  switch (c.verdict) {
    case "withheld":
      return `withheld: ${isWithheldCode(c.code) ? withheldWords[c.code] : (c.why ?? "the evidence does not carry a verdict")}`;
    case "equal":
      return c.equalWithinPct === null ? tieStates.equal : equalWords(c.equalWithinPct);
    case "undecided": {
      const seen = c.detectablePct === null ? "" : ` (could have shown ${formatDetectable(c.detectablePct)})`;
      return `${tieStates.undecided}${seen}`;
    }
    case "a-better":
    case "b-better":
      return `${c.verdict === "a-better" ? c.a : c.b} is better`;
  }
}

/** How a candidate's stalls stand to those of the others, in the words of the report's table. */
export function stallWords({ reads, p }: Pick<Stalls, "reads" | "p">): string {
  const chance = p === null ? "" : ` (p = ${digits3(p)})`;
  switch (reads) {
    case "more":
      return `more than the others${chance}`;
    case "not-more":
      return `no more than the others${chance}`;
    case "too-few":
      return "too few to judge";
    case "alone":
      return "no other candidate to compare with";
  }
}

/** `Of 44 warnings, 2 affect the answer (drift, steal), 41 other cells, 1 this machine.` */
export function warningCounts({ warnings }: Pick<Report, "warnings">): string {
  if (warnings.length === 0) return "No warnings.";
  const of = (touches: Touched) => warnings.filter((w) => w.touches === touches);
  const [answer, cells, machine] = [of("answer"), of("cells"), of("machine")];
  const codes = [...new Set(answer.map((w) => w.code))];
  const kinds = codes.length === 0 ? "" : ` (${listedUpTo(codes, 4)})`;
  const parts = [
    `${formatInteger(answer.length)} ${answer.length === 1 ? "affects" : "affect"} the answer${kinds}`,
    ...(cells.length === 0 ? [] : [`${formatInteger(cells.length)} other cells`]),
    ...(machine.length === 0 ? [] : [`${formatInteger(machine.length)} this machine`]),
  ];
  return `Of ${formatInteger(warnings.length)} warnings, ${parts.join(", ")}.`;
}

/** What a short profile's latencies are not to be read as; null for the others. */
export function profileWords({ run }: Pick<Report, "run">): string | null {
  if (run.profile !== "quick" && run.profile !== "smoke") return null;
  return `--profile ${run.profile} has shorter windows, fewer rounds and other parts of the feed than standard: do not compare its latencies with another profile's.`;
}

/** Whether a server did with slow subscribers what it says. */
export function policyVerdictWords(verdict: PolicyKept["verdict"]): string {
  switch (verdict) {
    case "kept":
      return "kept";
    case "deviates":
      return "deviates";
    case "not-observed":
      return "not observed";
  }
}

/** How a server deviates from what it says. */
export function deviationWords(kind: PolicyDeviation): string {
  switch (kind) {
    case "never-disconnected":
      return "not disconnected, far beyond the limit";
    case "unbounded":
      return "kept more than the limit";
    case "early":
      return "before the limit";
    case "late":
      return "beyond the limit";
    case "wrong-close":
      return "closed in another way than declared";
    case "wrong-content":
      return "delivered messages do not follow the policy";
    case "healthy-disturbed":
      return "the other subscribers were disturbed";
  }
}

/** What becomes of what a server cannot take. */
export function backPressureWords(code: Flooded["backPressure"]): string {
  switch (code) {
    case "reaches":
      return "reaches the publisher";
    case "buffers":
      return "none: it buffers everything";
    case "sheds":
      return "messages are lost";
  }
}

/** Whether a server comes through the market's open. */
export function survivalWords(survives: Survival): string {
  switch (survives) {
    case "yes":
      return "yes";
    case "no":
      return "no";
    case "not-known":
      return "not known";
  }
}

/** What the market's open asks of a server. */
export function openCriterionWords(criterion: OpenCriterion): string {
  switch (criterion) {
    case "storm":
      return "Reconnect storm";
    case "bursts":
      return "Bursts";
    case "slow-subscribers":
      return "Slow subscribers";
    case "back-pressure":
      return "Overload";
    case "books":
      return "Book recovery";
    case "service-level":
      return "Within the service level";
  }
}

/** Why a server comes through it, or does not. */
export function openReasonWords(reason: OpenReason): string {
  switch (reason) {
    case "held":
      return "yes";
    case "not-measured":
      return "not measured";
    case "disturbed":
      return "not known: every window was disturbed";
    case "not-observed":
      return "not known: the limit was not reached";
    case "failed":
      return "no: it failed there";
    case "not-served":
      return "no: not every client was served";
    case "memory-grows":
      return "no: memory is not freed";
    case "messages-lost":
      return "no: messages were lost or changed";
    case "policy-deviates":
      return "no: the policy is not kept";
    case "buffers":
      return "no: it accepts what it cannot pass on";
    case "books-wrong":
      return "no: some books stayed wrong";
    case "level-missed":
      return "no: no rate that was tried meets it";
  }
}

/** Candidates that have one answer for the same reasons. */
export interface Survivors {
  /** `yes`, or `no (overload)`. */
  readonly answer: string;
  readonly candidates: readonly string[];
}

/** What the answer on one candidate rests on: `reconnect storm, overload`. */
export const decisive = ({ survives, findings }: MarketOpen[number]): string =>
  findings
    .filter((one) => one.survives === survives)
    .map((one) => openCriterionWords(one.criterion).toLowerCase())
    .join(", ");

/** Who comes through the market's open, then who does not and by what, then of whom it is not known. */
export function survivors(open: MarketOpen): Survivors[] {
  const answerOf = (of: MarketOpen[number]): string =>
    of.survives === "yes" ? survivalWords("yes") : `${survivalWords(of.survives)} (${decisive(of)})`;
  return survival.options.flatMap((survives) => {
    const groups = Map.groupBy(
      open.filter((one) => one.survives === survives),
      answerOf,
    );
    return [...groups].map(([answer, mine]) => ({ answer, candidates: mine.map((one) => one.candidate) }));
  });
}

/** What is wrong with the books of a cell that takes them away, or that nothing is. */
export function recoveryFaults({ cause, unrecovered, missing, thinned, tooOld }: RecoveryResult): string {
  const faults = [
    ...(missing === undefined
      ? []
      : [
          `message ${formatInteger(missing.sequence)} never came to ${formatCount(missing.subscribers, "subscriber")}: wrong until a snapshot`,
        ]),
    ...(thinned === undefined
      ? []
      : [
          `${formatInteger(Math.round(100 * thinned.share))} % of the messages stopped on live sockets of ${formatCount(thinned.subscribers, "subscriber")}`,
        ]),
    ...(unrecovered === 0 ? [] : [`${formatCount(unrecovered, "book")} never correct again`]),
    // A server that was just started has kept nothing, and should say so.
    ...(tooOld === 0 || cause === "restart" ? [] : [`${formatInteger(tooOld)} × too old to resume`]),
  ];
  return faults.length === 0 ? "all right again" : `⚠ ${faults.join("; ")}`;
}

/** What lay between the load and the servers. */
export function wayToServers({ target }: Pick<Report, "target">): string {
  return target === undefined ? "over loopback" : `over a network, with the servers on ${target.host}`;
}
