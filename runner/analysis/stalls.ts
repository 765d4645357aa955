import { formatSeconds, formatStalls } from "../../reports/format.ts";
import { lateFromNs, type Measurement, type Stalls } from "../../schemas/load.ts";
import type { Plan } from "../../schemas/plan.ts";
import type { CellResult, Comparison } from "../../schemas/report.ts";
import { type RunWarning, warning } from "../../schemas/warning.ts";
import { median } from "../../stats/moments.ts";
import { type RateTest, type RoundCount, rateTest } from "../../stats/rate-test.ts";
import { declaredPairs } from "../plan/comparison-plan.ts";
import { type Collected, type Series, type Visit, visitWindows } from "./collect.ts";
import { exploratory, headOf, noRatio } from "./comparison-row.ts";
import { resultFor } from "./ratio.ts";
import { failureOf, withheldReason } from "./withheld.ts";

/** A stall is this many times the typical p99: what is shorter is the tail itself. */
const timesTypical = 3;
/**
 * What others took of a core in the window explains a stall where it comes to this share of it. In most windows it is many small
 * pieces, of which a stall met few; and what does hold servers up does so to all of them alike, which the comparison shows.
 */
const heldShareMax = 0.75;
/** Stalls of a server come again: this many of them, in this share of the rounds, and this many times as often as others'. */
const recurring = { events: 3, roundsShare: 0.5, timesOthers: 3 };
const alpha = 0.05;
/**
 * Lengths at which a server is held against the others, as multiples of where its stalls begin: what a machine does to everybody is
 * mostly shorter than what a server does to itself, and hides it where both are counted alike.
 */
const levels = [1, 2, 4];

/** The stalls of one visit. */
interface VisitStalls extends RoundCount {
  readonly lengthsNs: readonly number[];
  readonly explained: number;
}

/** The stalls of one candidate in one cell. */
export interface SeriesStalls {
  readonly fromNs: number;
  readonly perRound: readonly (VisitStalls | null)[];
}

/** From which length on a late delivery is a stall of a series; null where it has no open loop's latency. */
function stallsFrom({ perRound }: Series): number | null {
  // A stall lifts the p99 of the windows that it falls into: the median of all windows of all visits has none in most.
  const tails = perRound.flatMap(
    (visit) => visit?.windows.flatMap((m) => m.metrics.latencyNsP99 ?? []) ?? [],
  );
  const isOpen = perRound.some((visit) => visit?.windows.some((m) => m.generator.latenessNsP99 !== null));
  return isOpen && tails.length > 0 ? Math.max(lateFromNs, timesTypical * median(tails)) : null;
}

/** Whatever held up a series for longer than `fromNs`. */
function stallsAt({ perRound }: Series, fromNs: number): SeriesStalls {
  return { fromNs, perRound: perRound.map((visit) => (visit === null ? null : ofVisit(visit, fromNs))) };
}

/** The stalls of a series at the length from which they are its own; null where it has no open loop's latency. */
export function seriesStalls(series: Series): SeriesStalls | null {
  const fromNs = stallsFrom(series);
  return fromNs === null ? null : stallsAt(series, fromNs);
}

function ofVisit(visit: Visit, fromNs: number): VisitStalls {
  const windows = visitWindows(visit);
  const long = windows.flatMap((m) => {
    const heldNs = othersNs(m);
    return (m.late ?? []).flatMap(({ lengthNs, ownNs }) => {
      if (lengthNs <= fromNs) return [];
      const serverNs = lengthNs - ownNs;
      return [{ lengthNs, isServers: serverNs > fromNs && heldNs < serverNs * heldShareMax }];
    });
  });
  const lengthsNs = long.filter(({ isServers }) => isServers).map(({ lengthNs }) => lengthNs);
  return {
    events: lengthsNs.length,
    exposure: windows.reduce((sum, m) => sum + m.windowMs, 0) / 1000,
    lengthsNs,
    explained: long.length - lengthsNs.length,
  };
}

/** How long other processes and the hypervisor held up a core of a window: when in it is not known, so it may be each stall's. */
function othersNs({ cores }: Measurement): number {
  return Math.max(0, ...cores.map(({ foreignNs, heldNs = foreignNs, stealNs }) => heldNs + stealNs));
}

/**
 * The stalls of a series beside those of the other programs of its cell, all counted from one length: the level at which it differs
 * from them most. Its p is that level's times the number of levels (Bonferroni).
 */
export function stallsOf(plan: Plan, series: readonly Series[], candidate: Series): Stalls | null {
  const fromNs = stallsFrom(candidate);
  if (fromNs === null) return null;
  const found = levels.map((times) => stallsAtLevel(plan, series, candidate, fromNs * times));
  return found.reduce((best, one) => ((one.p ?? 1) < (best.p ?? 1) ? one : best));
}

function stallsAtLevel(plan: Plan, series: readonly Series[], candidate: Series, fromNs: number): Stalls {
  const stalls = stallsAt(candidate, fromNs);
  const visits = stalls.perRound.filter((visit) => visit !== null);
  const lengths = visits.flatMap((visit) => visit.lengthsNs);
  const watchedS = visits.reduce((sum, visit) => sum + visit.exposure, 0);
  const rounds = visits.filter((visit) => visit.events > 0).length;
  const others = othersOf(plan, series, candidate, stalls);
  const rest = pooled(others);
  const test = rest === null ? null : rateTest(stalls.perRound, others);
  const p = test === null ? null : Math.min(1, test.exactP * levels.length);
  const isMore = test !== null && p !== null && test.rates.a > test.rates.b && p / 2 < alpha;
  return {
    fromNs,
    events: lengths.length,
    rounds,
    watchedS,
    typicalNs: lengths.length === 0 ? null : median(lengths),
    longestNs: lengths.length === 0 ? null : Math.max(...lengths),
    explained: visits.reduce((sum, visit) => sum + visit.explained, 0),
    others: rest === null ? null : { events: rest.events, watchedS: rest.exposure },
    reads: test === null ? "alone" : isMore ? "more" : test.status === "too-few" ? "too-few" : "not-more",
    p,
    // Of three levels one looks so by chance now and then: where there are others, the test has to agree.
    recurs: recurs(stalls, rest) && (test === null || isMore),
  };
}

/**
 * What the other programs had in each round: those that stall no more often, and all where this one stalls least. One that stalls
 * again and again by itself says nothing of what the machine does to everybody, and two such servers must not hide each other.
 */
function othersOf(
  plan: Plan,
  series: readonly Series[],
  judged: Series,
  mine: SeriesStalls,
): (RoundCount | null)[] {
  const all = series
    .filter(
      (s) => s.cell === judged.cell && programOf(plan, s.candidate) !== programOf(plan, judged.candidate),
    )
    .filter((s) => stallsFrom(s) !== null)
    .map((s) => stallsAt(s, mine.fromNs))
    .sort((a, b) => rateOf(a) - rateOf(b));
  const calm: SeriesStalls[] = [];
  for (const other of all) {
    if (rateOf(other) > rateOf(mine)) break;
    const calmer = calm.length === 0 ? null : pooled(calm.flatMap(({ perRound }) => perRound));
    // Of the calmest of all nothing is known but that all others are worse.
    if (calmer === null || !recurs(other, calmer)) calm.push(other);
  }
  const others = calm.length === 0 ? all : calm;
  return judged.perRound.map((_, round) => pooled(others.map((s) => s.perRound[round] ?? null)));
}

/** Whether stalls come so often, in so many rounds, that they are the server's. */
function recurs({ perRound }: SeriesStalls, others: RoundCount | null): boolean {
  const visits = perRound.filter((visit) => visit !== null);
  const all = pooled(visits);
  if (all === null || all.events < recurring.events) return false;
  const rounds = visits.filter((visit) => visit.events > 0).length;
  if (rounds < Math.max(2, visits.length * recurring.roundsShare)) return false;
  return (
    others === null || all.events / all.exposure >= (recurring.timesOthers * others.events) / others.exposure
  );
}

function rateOf({ perRound }: SeriesStalls): number {
  const { events, exposure } = pooled(perRound) ?? { events: 0, exposure: 1 };
  return events / exposure;
}

/** All visits together; null where there are none. */
function pooled(visits: readonly (RoundCount | null)[]): RoundCount | null {
  const had = visits.filter((visit) => visit !== null);
  if (had.length === 0) return null;
  return {
    events: had.reduce((sum, visit) => sum + visit.events, 0),
    exposure: had.reduce((sum, visit) => sum + visit.exposure, 0),
  };
}

/**
 * The stalls of a ÷ those of b, a row for each planned pair of a cell where they were looked for. Of so few events that no split of
 * them would be more than chance nothing is decided, and that is reported as any other answer. The reference speaks by both its copies.
 */
export function stallComparisons(
  plan: Plan,
  results: readonly CellResult[],
  { series, failures }: Pick<Collected, "series" | "failures">,
): Comparison[] {
  return declaredPairs(plan).flatMap(({ a, b }) =>
    plan.cells.flatMap((cell): Comparison[] => {
      const [one, other] = [a, b].map((name) => resultFor(plan, results, name, cell.id));
      const [x, y] = countsOf(plan, series, [a, b], cell.id);
      if (one === undefined || other === undefined || x === undefined || y === undefined) return [];
      if (x === null || y === null) return [];
      const metric = "stallsHz" as const;
      const rounds = x.filter((count, i) => count !== null && y[i] != null).length;
      const head = headOf(plan, { a, b, cell, metric, declared: false }, rounds);
      if (rounds === 0) return [];
      const test = rateTest(x, y);
      const withheld = [one, other]
        .map((r) => failureOf(failures, r) ?? withheldReason(metric, r))
        .find((found) => found !== null);
      const answer = withheld === undefined ? answerOf(test) : { verdict: "withheld" as const, ...withheld };
      return [{ ...head, ...noRatio, ...ratioOf(test), pHolm: null, ...answer }];
    }),
  );
}

function answerOf({ status, events }: RateTest): Pick<Comparison, "verdict" | "code" | "why"> {
  if (status === "measured") return { verdict: "withheld", ...exploratory };
  const why = `${events.a} against ${events.b}: too few to tell`;
  return { verdict: "undecided", code: "too-few-events", why };
}

/** Where a side has none of them their ratio is no number. */
function ratioOf({ ratio, ciLow, ciHigh }: RateTest): Pick<Comparison, "ratio" | "ciLow" | "ciHigh"> {
  if (!Number.isFinite(ratio) || ratio === 0) return { ratio: null, ciLow: null, ciHigh: null };
  return { ratio, ciLow, ciHigh: Number.isFinite(ciHigh) ? ciHigh : null };
}

/** What each side had in each round, from the longer of their lengths on; null where stalls were not looked for in the cell. */
function countsOf(
  plan: Plan,
  series: readonly Series[],
  sides: readonly [string, string],
  cell: string,
): readonly ((RoundCount | null)[] | null)[] {
  const copies = sides.map((name) =>
    series.filter(
      ({ candidate, cell: its }) =>
        its === cell &&
        (candidate === name || (name === plan.reference && programOf(plan, candidate) === name)),
    ),
  );
  const fromNs = Math.max(...copies.flat().flatMap((s) => stallsFrom(s) ?? []));
  return copies.map((all) => {
    const found = all.filter((s) => stallsFrom(s) !== null).map((s) => stallsAt(s, fromNs));
    const [first] = found;
    if (first === undefined) return null;
    return first.perRound.map((_, round) => pooled(found.map((copy) => copy.perRound[round] ?? null)));
  });
}

/** A replicate is its original under another name. */
function programOf({ candidates }: Plan, name: string): string {
  return candidates.find((c) => c.name === name)?.replicateOf ?? name;
}

/** Servers that stop serving again and again. */
export function stallWarnings(results: readonly CellResult[]): RunWarning[] {
  return results.flatMap(({ candidate, cell, stalls }): RunWarning[] => {
    if (stalls?.recurs !== true) return [];
    const { others } = stalls;
    const beside =
      others === null
        ? ""
        : `; others that stall less, together ${others.events} in ${formatSeconds(others.watchedS)}`;
    return [
      warning(
        "stalls",
        `${formatStalls(stalls)} of windows, not explained by the generator or other processes${beside}`,
        { cell: `${candidate} ${cell}` },
      ),
    ];
  });
}
