import { feedOf } from "../../schemas/cell.ts";
import { correctShare } from "../../schemas/delivery.ts";
import { type MetricName, metricKinds, metricNames } from "../../schemas/metric.ts";
import type { CellResult, MetricResult, Report } from "../../schemas/report.ts";
import { type Interval, intervalOfDifference } from "../../stats/interval.ts";
import { formatCount, formatReach } from "../format.ts";
import { comparedCandidates } from "../view.ts";
import { type LowerBound, lowerBoundOf } from "../wording.ts";
import { candidateDifferences, type Difference, differing, runDifferences } from "./environment.ts";

/** How a figure has changed: by more than the margin, by less than it, or as far as these runs can tell. */
export type Reading = "better" | "worse" | "equal" | "undecided" | "withheld";

/** Why a change reads as it does. */
export type ReadingCode =
  | "beyond-margin"
  | "within-margin"
  | "straddles-margin"
  | "lower-bound"
  | "other-question"
  | "too-few-rounds";

/**
 * One figure in two runs: `ratio` is the later run's ÷ the earlier one's. Where the earlier figure is a lower bound the ratio
 * is at most this, and its interval has no lower end; where the later one is, at least this, without an upper end; where both
 * are, nothing is known of it.
 */
export interface Change {
  readonly cell: string;
  readonly metric: MetricName;
  readonly a: MetricResult;
  readonly b: MetricResult;
  /** Why the earlier and the later figure are lower bounds; null for a measurement. */
  readonly aBound: LowerBound | null;
  readonly bBound: LowerBound | null;
  readonly ratio: number | null;
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
  /** Margin applied, in %: the larger of the two runs' thresholds for such a metric. */
  readonly marginPct: number;
  readonly reading: Reading;
  readonly code: ReadingCode;
}

export interface CandidateChange {
  readonly candidate: string;
  readonly changes: readonly Change[];
  readonly differences: readonly Difference[];
}

export interface RunComparison {
  readonly differences: readonly Difference[];
  /** What differs about a cell, whoever was measured in it. */
  readonly cellDifferences: readonly Difference[];
  readonly candidates: readonly CandidateChange[];
  /** Candidates and cells that only one run has. */
  readonly unmatched: readonly string[];
}

/**
 * Compares two runs candidate by candidate. Rounds of different runs are no pairs, so a ratio is Welch's on the logarithms
 * of the rounds, calibrated; what differs between the runs is not taken out by anything, which is why the differences come
 * with it.
 * `all` takes every figure, not only those that either run declared.
 */
export function compareRuns(a: Report, b: Report, all = false): RunComparison {
  const wanted = headlineKeys(a, b, all);
  const shared = comparedCandidates(a).filter(({ id }) => comparedCandidates(b).some((c) => c.id === id));
  const candidates = shared.flatMap((earlier) => {
    const later = b.candidates.find((c) => c.id === earlier.id);
    return later === undefined ? [] : [{ earlier, later, pairs: pairsOf(a, b, earlier.id) }];
  });
  const cells = candidates.flatMap(({ pairs }) => pairs.flatMap(([x, y]) => cellDifferences(x, y)));
  return {
    differences: runDifferences(a, b),
    cellDifferences: [...new Map(cells.map((found) => [JSON.stringify(found), found])).values()],
    candidates: candidates.map(({ earlier, later, pairs }) => ({
      candidate: earlier.id,
      changes: pairs.flatMap(([x, y]) => changesOf(a, b, x, y, wanted)),
      differences: [
        ...candidateDifferences(earlier, later),
        ...pairs.flatMap(([x, y]) => reachDifferences(x, y)),
      ],
    })),
    unmatched: unmatched(a, b),
  };
}

function headlineKeys(
  a: Report,
  b: Report,
  all: boolean,
): ((cell: string, metric: MetricName) => boolean) | null {
  const declared = [...a.comparisons, ...b.comparisons].filter((c) => c.declared);
  if (all || declared.length === 0) return null;
  const keys = new Set(declared.map((c) => `${c.cell} ${c.metric}`));
  return (cell, metric) => keys.has(`${cell} ${metric}`);
}

function pairsOf(a: Report, b: Report, candidate: string): [CellResult, CellResult][] {
  return a.results
    .filter((x) => x.candidate === candidate)
    .flatMap((x): [CellResult, CellResult][] => {
      const y = b.results.find((r) => r.candidate === candidate && r.cell === x.cell);
      return y === undefined ? [] : [[x, y]];
    });
}

function changesOf(
  a: Report,
  b: Report,
  x: CellResult,
  y: CellResult,
  wanted: ReturnType<typeof headlineKeys>,
): Change[] {
  return metricNames.flatMap((metric) => {
    const [before, after] = [x.metrics[metric], y.metrics[metric]];
    if (before === undefined || after === undefined || wanted?.(x.cell, metric) === false) return [];
    const { family } = metricKinds[metric];
    const marginPct = Math.max(...[a, b].map(({ run }) => run.margins[family].thresholdPct));
    const [aBound, bBound] = [lowerBoundOf(metric, x), lowerBoundOf(metric, y)];
    const figures = { cell: x.cell, metric, a: before, b: after, aBound, bBound, marginPct };
    const widening = Math.max(...[a, b].map(({ noise }) => noise.calibration.factor));
    return [{ ...figures, ...(asksAnother(metric, x, y) ? otherQuestion : ratioOf(figures, widening)) }];
  });
}

type Compared = Pick<Change, "ratio" | "ciLow" | "ciHigh" | "reading" | "code">;

const nothing = { ratio: null, ciLow: null, ciHigh: null } as const;
const otherQuestion: Compared = { ...nothing, reading: "withheld", code: "other-question" };

/**
 * Whether a figure of the two runs answers different questions: of another feed every figure does, and of windows of another
 * length every latency, whose tail grows with the window and with the stretches of the feed that it meets.
 */
function asksAnother(metric: MetricName, x: CellResult, y: CellResult): boolean {
  const fields = new Set(cellDifferences(x, y).map(({ field }) => field));
  return fields.has("feed") || (fields.has("windows") && isLatency(metric));
}

const isLatency = (metric: MetricName): boolean =>
  metricKinds[metric].unit === "ns" && metric !== "cpuNsPerMessage" && metric !== "startupNs";

function ratioOf(
  { a, b, aBound, bBound, metric, marginPct }: Omit<Change, keyof Compared>,
  widening: number,
): Compared {
  const logs = ({ perRound }: MetricResult) =>
    perRound.flatMap((v) => (v === null || v <= 0 ? [] : [Math.log(v)]));
  const interval = intervalOfDifference(logs(a), logs(b), widening);
  if (interval === null) return { ...nothing, reading: "withheld", code: "too-few-rounds" };
  if (aBound !== null && bBound !== null) return { ...nothing, reading: "withheld", code: "lower-bound" };
  const known = {
    mean: interval.mean,
    low: aBound === null ? interval.low : -Infinity,
    high: bBound === null ? interval.high : Infinity,
  };
  const found = readingOf(known, metric, marginPct);
  return {
    ratio: Math.exp(known.mean),
    ciLow: aBound === null ? Math.exp(known.low) : null,
    ciHigh: bBound === null ? Math.exp(known.high) : null,
    // An interval that is open to one side holds differences of any size.
    ...(found.code === "straddles-margin" && (aBound ?? bBound) !== null ? boundAlone : found),
  };
}

const boundAlone = { reading: "withheld", code: "lower-bound" } as const;

function readingOf(
  { mean, low, high }: Interval,
  metric: MetricName,
  marginPct: number,
): Pick<Change, "reading" | "code"> {
  const margin = Math.log1p(marginPct / 100);
  if (low >= -margin && high <= margin) return { reading: "equal", code: "within-margin" };
  if (low <= margin && high >= -margin) return { reading: "undecided", code: "straddles-margin" };
  const reading = mean > 0 === (metricKinds[metric].better === "higher") ? "better" : "worse";
  return { reading, code: "beyond-margin" };
}

function cellDifferences(x: CellResult, y: CellResult): Difference[] {
  const fact = { kind: "question", of: x.cell } as const;
  return [
    ...differing({ ...fact, field: "windows" }, timing(x), timing(y)),
    ...differing({ ...fact, field: "feed" }, feedWords(x), feedWords(y)),
  ];
}

/** `50 ms of warm-up, 4 windows of 150 ms, 1 of 600 ms`; their number is not known of older runs. */
function timing({ params: { warmupMs, windowMs }, windows }: CellResult): string {
  const typical = windows === null ? "windows" : formatCount(windows.perVisit, "window");
  const long = windows === null || windows.longMs === null ? "" : `, 1 of ${windows.longMs} ms`;
  return `${warmupMs} ms of warm-up, ${typical} of ${windowMs} ms${long}`;
}

/** Which feed was replayed; nothing where the cell has none. */
function feedWords({ params }: CellResult): string {
  const feed = feedOf(params);
  if (feed === null) return "none";
  if (feed.source === "capture") return `${feed.file} at ${feed.rate} ×`;
  const mean = feed.meanHz === null ? "" : `, ${feed.meanHz} /s`;
  return `synthetic:${feed.preset}, seed ${feed.seed}, at ${feed.rate} ×${mean}`;
}

function reachDifferences(x: CellResult, y: CellResult): Difference[] {
  const fact = { kind: "reach", field: "reach", of: x.cell } as const;
  return differing(fact, formatReach(correctShare(x)), formatReach(correctShare(y)));
}

function unmatched(a: Report, b: Report): string[] {
  const keys = (r: Report) => new Set(r.results.map((x) => `${x.candidate} ${x.cell}`));
  const [inA, inB] = [keys(a), keys(b)];
  return [
    ...[...inA].filter((k) => !inB.has(k)).map((k) => `${k}: only in the first run`),
    ...[...inB].filter((k) => !inA.has(k)).map((k) => `${k}: only in the second run`),
  ];
}
