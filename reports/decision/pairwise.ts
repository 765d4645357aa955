import { type Policy, type PolicyAxis, type PolicyWeights, policyAxes } from "../../schemas/policy.ts";
import type { Bound } from "../../schemas/report.ts";
import type { Interval } from "../../stats/interval.ts";
import { sum } from "../../stats/moments.ts";
import type { Item } from "./evidence.ts";
import { boundOf, type Difference, differenceOn } from "./pair.ts";

/** How `a` stands to `b` on one axis, averaged over its items. */
export interface Edge {
  /** Counting only differences that are shown: an item whose difference is not shown counts as none. */
  readonly shown: Interval;
  /** Every item as measured, whether shown or not. */
  readonly measured: Interval;
  /** Every item as measured that nothing withholds, whether shown or not. */
  readonly usable: Interval;
  /** What the shown ratio is where the generator limited a rate in it: the true one is no smaller, or no larger. */
  readonly bound: Bound | null;
  readonly differences: readonly Difference[];
  /** Share of its items that count as evidence: those shown, those that are equal, and those that are not decided. */
  readonly known: number;
}

/** The pairwise evidence of a report under one policy. It does not depend on the weights. */
export interface PairwiseEvidence {
  readonly candidates: readonly string[];
  readonly items: readonly Item[];
  /** Axes that have evidence, in policy order. */
  readonly axes: readonly PolicyAxis[];
  readonly tables: ReadonlyMap<PolicyAxis, Table>;
  edge(axis: PolicyAxis, a: string, b: string): Edge;
}

/** What the weights make of the evidence. */
export interface Ranking {
  /** Ahead of every other by more than the policy's worth, with its whole interval; null where nobody is. */
  readonly recommended: string | null;
  /** The best placed, recommended or not; null without candidates. */
  readonly leader: string | null;
}

/** Sets every candidate beside every other, axis by axis. */
export function pairwiseEvidence(items: readonly Item[], candidates: readonly string[]): PairwiseEvidence {
  const axes = policyAxes.filter((axis) => items.some((item) => item.axis === axis));
  const tables = new Map(axes.map((axis) => [axis, tableOf(items, candidates, axis)]));
  return pairwiseFrom(items, candidates, axes, tables);
}

/** The evidence with other items on one axis, such as costs at other prices; the other axes are not computed again. */
export function withAxis(
  pairwise: PairwiseEvidence,
  axis: PolicyAxis,
  items: readonly Item[],
): PairwiseEvidence {
  const kept = pairwise.items.filter((item) => item.axis !== axis);
  const tables = new Map(pairwise.tables).set(axis, tableOf(items, pairwise.candidates, axis));
  return pairwiseFrom([...kept, ...items], pairwise.candidates, pairwise.axes, tables);
}

type Table = ReadonlyMap<string, ReadonlyMap<string, Edge>>;

function pairwiseFrom(
  items: readonly Item[],
  candidates: readonly string[],
  axes: readonly PolicyAxis[],
  tables: ReadonlyMap<PolicyAxis, Table>,
): PairwiseEvidence {
  const edge = (axis: PolicyAxis, a: string, b: string): Edge => tables.get(axis)?.get(a)?.get(b) ?? noEdge;
  return { candidates, items, axes, tables, edge };
}

function tableOf(items: readonly Item[], candidates: readonly string[], axis: PolicyAxis): Table {
  const onAxis = items.filter((item) => item.axis === axis);
  return new Map(
    candidates.map((a) => [
      a,
      new Map(candidates.filter((b) => b !== a).map((b) => [b, edgeOf(onAxis, a, b)])),
    ]),
  );
}

const nothing: Interval = { mean: 0, low: 0, high: 0 };
const noEdge: Edge = {
  shown: nothing,
  measured: nothing,
  usable: nothing,
  bound: null,
  differences: [],
  known: 0,
};

function edgeOf(items: readonly Item[], a: string, b: string): Edge {
  const differences = items.map((item) => differenceOn(item, a, b));
  const shown = average(differences.map((d) => (d.shown ? d : nothing)));
  const conclusive = differences.filter((d) => d.shown || d.why === "equal" || d.why === "undecided");
  return {
    shown,
    measured: average(differences),
    usable: average(differences.map((d) => (d.why === "withheld" ? nothing : d))),
    bound: boundOf(
      items,
      differences.map((d) => d.shown),
      a,
      b,
    ),
    differences,
    known: conclusive.length / differences.length,
  };
}

/**
 * The mean of intervals, end by end. Its half-width is the mean of the half-widths, which is what the standard error of
 * a mean cannot exceed however the parts are correlated: items of one round share a server process.
 */
function average(intervals: readonly Interval[]): Interval {
  const mean = (pick: (i: Interval) => number) =>
    intervals.reduce((sum, i) => sum + pick(i), 0) / intervals.length;
  return { mean: mean((i) => i.mean), low: mean((i) => i.low), high: mean((i) => i.high) };
}

/** Weights as shares of 1, over the axes that have evidence; all 0 where those weigh nothing. Rounded at 1e-12, so that scaled weights are the same weights. */
export function sharesOf(pairwise: PairwiseEvidence, weights: PolicyWeights): PolicyWeights {
  const total = pairwise.axes.reduce((sum, axis) => sum + weights[axis], 0);
  const share = (axis: PolicyAxis): number => {
    if (!pairwise.axes.includes(axis) || total === 0) return 0;
    return Math.round((weights[axis] / total) * 1e12) / 1e12;
  };
  return {
    latencyTail: share("latencyTail"),
    throughput: share("throughput"),
    cpuCost: share("cpuCost"),
    memory: share("memory"),
    startup: share("startup"),
  };
}

/** Share of all weight that lies on axes with evidence; rounded like the shares, so that scaled weights cover as much. */
export function coveredShare({ axes }: PairwiseEvidence, weights: PolicyWeights): number {
  const of = (axis: PolicyAxis) => weights[axis];
  return Math.round((sum(axes, of) / sum(policyAxes, of)) * 1e12) / 1e12;
}

/** The weighted advantage of `a` over `b`, on the log scale, with bounds that hold whatever the axes' correlation. */
export function advantage(
  pairwise: PairwiseEvidence,
  shares: PolicyWeights,
  a: string,
  b: string,
  of: "shown" | "measured" | "usable" = "shown",
): Interval {
  let [mean, low, high] = [0, 0, 0];
  for (const axis of pairwise.axes) {
    const interval = pairwise.edge(axis, a, b)[of];
    mean += shares[axis] * interval.mean;
    low += shares[axis] * interval.low;
    high += shares[axis] * interval.high;
  }
  return { mean, low, high };
}

/** ln(1 + worth): what an advantage must exceed to be worth a recommendation. */
export function worthOf(policy: Policy): number {
  return Math.log1p(policy.worthPct / 100);
}

/** Who wins at these weights. */
export function rank(pairwise: PairwiseEvidence, shares: PolicyWeights, worth: number): Ranking {
  const recommended = winnerOf(pairwise, shares, worth);
  return { recommended, leader: recommended ?? leaderOf(pairwise, shares) };
}

/** The one candidate ahead of every other; null where nobody is. At most one can be, so no order of asking matters. */
export function winnerOf(pairwise: PairwiseEvidence, shares: PolicyWeights, worth: number): string | null {
  const { candidates } = pairwise;
  const wins = (a: string) => candidates.every((b) => a === b || isAhead(pairwise, shares, worth, a, b));
  return candidates.find(wins) ?? null;
}

/**
 * Share of the weight that the evidence must speak on before one candidate is called ahead of another. Where more than half
 * is withheld or has too few rounds, what is shown on the rest is not an answer to what the policy asks.
 */
export const knownShareMin = 0.5;

/**
 * Whether `a` is ahead of `b`: by its whole interval, by more than the worth, and on evidence that covers enough. It has to be
 * the better one as measured too: a small difference that is shown is no reason to choose what the larger ones, each within a
 * wide noise floor, speak against together.
 */
export function isAhead(
  pairwise: PairwiseEvidence,
  shares: PolicyWeights,
  worth: number,
  a: string,
  b: string,
): boolean {
  let [low, known, measured] = [0, 0, 0];
  for (const axis of pairwise.axes) {
    const edge = pairwise.edge(axis, a, b);
    low += shares[axis] * edge.shown.low;
    known += shares[axis] * edge.known;
    measured += shares[axis] * edge.usable.mean;
  }
  return low > worth && known >= knownShareMin && measured > 0;
}

/** Share of the weight that the evidence on a pair speaks on. */
export function knownShare(pairwise: PairwiseEvidence, shares: PolicyWeights, a: string, b: string): number {
  return pairwise.axes.reduce((sum, axis) => sum + shares[axis] * pairwise.edge(axis, a, b).known, 0);
}

/** The candidate whose worst encounter is best, by shown differences first and by measured ones among equals. */
function leaderOf(pairwise: PairwiseEvidence, shares: PolicyWeights): string | null {
  const worst = (a: string, of: "shown" | "measured") =>
    Math.min(
      ...pairwise.candidates.filter((b) => b !== a).map((b) => advantage(pairwise, shares, a, b, of).mean),
    );
  const placed = pairwise.candidates.map((id) => ({
    id,
    shown: worst(id, "shown"),
    measured: worst(id, "measured"),
  }));
  placed.sort((x, y) => y.shown - x.shown || y.measured - x.measured || (x.id < y.id ? -1 : 1));
  return placed[0]?.id ?? null;
}
