import { type MetricName, metricKinds, metricNames } from "../../schemas/metric.ts";
import type { CellResult, MetricResult, Report } from "../../schemas/report.ts";
import type { Interval } from "../decision/interval.ts";
import { formatReach } from "../format.ts";
import { contenders } from "../view.ts";
import { type LowerBound, lowerBoundOf } from "../wording.ts";
import { candidateDoubts, type Doubt, differing, doubts } from "./environment.ts";
import { welch } from "./welch.ts";

export type Reading =
  | "better"
  | "worse"
  | "no difference shown"
  | "withheld: noise not known"
  | "withheld: lower bound"
  | "too few rounds";

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
  /** Margin applied, in %: the larger of the two runs' noise floors, or their threshold; null where no floor is known. */
  readonly marginPct: number | null;
  readonly reading: Reading;
}

export interface CandidateChange {
  readonly candidate: string;
  readonly changes: readonly Change[];
  readonly doubts: readonly Doubt[];
}

export interface RunComparison {
  readonly doubts: readonly Doubt[];
  /** What differs about a cell, whoever was measured in it. */
  readonly cellDoubts: readonly Doubt[];
  readonly candidates: readonly CandidateChange[];
  /** Candidates and cells that only one run has. */
  readonly unmatched: readonly string[];
}

/**
 * Compares two runs candidate by candidate. Rounds of different runs are no pairs, so a ratio is Welch's on the logarithms
 * of the rounds; what differs between the runs is not taken out by anything, which is why the doubts come with it.
 * `all` takes every figure, not only those that either run declared.
 */
export function compareRuns(a: Report, b: Report, all = false): RunComparison {
  const wanted = headlineKeys(a, b, all);
  const shared = contenders(a).filter(({ id }) => contenders(b).some((c) => c.id === id));
  const candidates = shared.flatMap((earlier) => {
    const later = b.candidates.find((c) => c.id === earlier.id);
    return later === undefined ? [] : [{ earlier, later, pairs: pairsOf(a, b, earlier.id) }];
  });
  const cells = candidates.flatMap(({ pairs }) => pairs.flatMap(([x, y]) => cellDoubts(x, y)));
  return {
    doubts: doubts(a, b),
    cellDoubts: [...new Map(cells.map((doubt) => [JSON.stringify(doubt), doubt])).values()],
    candidates: candidates.map(({ earlier, later, pairs }) => ({
      candidate: earlier.id,
      changes: pairs.flatMap(([x, y]) => changesOf(a, b, x, y, wanted)),
      doubts: [...candidateDoubts(earlier, later), ...pairs.flatMap(([x, y]) => reachDoubts(x, y))],
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
    const marginPct = marginOf(a, b, x.cell, metric);
    const [aBound, bBound] = [lowerBoundOf(metric, x), lowerBoundOf(metric, y)];
    const figures = { cell: x.cell, metric, a: before, b: after, aBound, bBound, marginPct };
    return [{ ...figures, ...ratioOf(figures) }];
  });
}

type Compared = Pick<Change, "ratio" | "ciLow" | "ciHigh" | "reading">;

function ratioOf({ a, b, aBound, bBound, metric, marginPct }: Omit<Change, keyof Compared>): Compared {
  const logs = ({ perRound }: MetricResult) =>
    perRound.flatMap((v) => (v === null || v <= 0 ? [] : [Math.log(v)]));
  const nothing = { ratio: null, ciLow: null, ciHigh: null };
  const interval = welch(logs(a), logs(b));
  if (interval === null) return { ...nothing, reading: "too few rounds" };
  if (aBound !== null && bBound !== null) return { ...nothing, reading: "withheld: lower bound" };
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
    reading: found === "no difference shown" && (aBound ?? bBound) !== null ? "withheld: lower bound" : found,
  };
}

function readingOf({ mean, low, high }: Interval, metric: MetricName, marginPct: number | null): Reading {
  if (marginPct === null) return "withheld: noise not known";
  const margin = Math.log1p(marginPct / 100);
  if (low <= margin && high >= -margin) return "no difference shown";
  return mean > 0 === (metricKinds[metric].better === "higher") ? "better" : "worse";
}

function marginOf(a: Report, b: Report, cell: string, metric: MetricName): number | null {
  const floors = [a, b]
    .map(
      ({ noise }) => noise.aa.find((e) => e.cell === cell && e.metric === metric)?.floorPct ?? noise.floorPct,
    )
    .filter((floor) => floor !== null);
  const thresholds = [a, b].map(({ run }) => 100 * run.threshold);
  return floors.length === 0 ? null : Math.max(...floors, ...thresholds);
}

function cellDoubts(x: CellResult, y: CellResult): Doubt[] {
  const timing = ({ params }: CellResult) => `${params.warmupMs} + ${params.windowMs} ms`;
  return [
    ...differing(`${x.cell}, warm-up and window`, timing(x), timing(y), "tails grow with the window"),
    ...differing(`${x.cell}, feed`, x.feed ?? "none", y.feed ?? "none", "another question was asked"),
  ];
}

function reachDoubts(x: CellResult, y: CellResult): Doubt[] {
  return differing(
    `${x.cell}, reach`,
    formatReach(x.reach),
    formatReach(y.reach),
    "lost messages cost nothing",
  );
}

function unmatched(a: Report, b: Report): string[] {
  const keys = (r: Report) => new Set(r.results.map((x) => `${x.candidate} ${x.cell}`));
  const [inA, inB] = [keys(a), keys(b)];
  return [
    ...[...inA].filter((k) => !inB.has(k)).map((k) => `${k}: first run alone`),
    ...[...inB].filter((k) => !inA.has(k)).map((k) => `${k}: second run alone`),
  ];
}
