import { formatSeconds, formatStalls } from "../../reports/format.ts";
import { lateFromNs, type Measurement, type Stalls } from "../../schemas/load.ts";
import type { Plan } from "../../schemas/plan.ts";
import type { CellResult, RunWarning } from "../../schemas/report.ts";
import { median } from "../../stats/moments.ts";
import { type RoundCount, rateTest } from "../../stats/rate-test.ts";
import { type Series, type Visit, visitWindows } from "./collect.ts";

/** A stall is this many times the typical p99: what is shorter is the tail itself. */
const timesTypical = 3;
/** Stalls of a server come again: this many of them, in this share of the rounds, and this many times as often as others'. */
const recurring = { events: 3, roundsShare: 0.5, timesOthers: 3 };
const alpha = 0.05;

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

/** Null where a series has no open loop's latency. */
export function seriesStalls({ perRound }: Series): SeriesStalls | null {
  // A stall lifts the p99 of the windows that it falls into: the median of all windows of all visits has none in most.
  const tails = perRound.flatMap(
    (visit) => visit?.windows.flatMap((m) => m.metrics.latencyNsP99 ?? []) ?? [],
  );
  const isOpen = perRound.some((visit) => visit?.windows.some((m) => m.generator.latenessNsP99 !== null));
  if (!isOpen || tails.length === 0) return null;
  const fromNs = Math.max(lateFromNs, timesTypical * median(tails));
  return { fromNs, perRound: perRound.map((visit) => (visit === null ? null : ofVisit(visit, fromNs))) };
}

function ofVisit(visit: Visit, fromNs: number): VisitStalls {
  const windows = visitWindows(visit);
  const late = windows.flatMap((m) => {
    const heldNs = othersNs(m);
    return (m.late ?? []).map(({ lengthNs, ownNs }) => ({ lengthNs, serverNs: lengthNs - ownNs - heldNs }));
  });
  const long = late.filter(({ lengthNs }) => lengthNs > fromNs);
  const lengthsNs = long.filter(({ serverNs }) => serverNs > fromNs).map(({ lengthNs }) => lengthNs);
  return {
    events: lengthsNs.length,
    exposure: windows.reduce((sum, m) => sum + m.windowMs, 0) / 1000,
    lengthsNs,
    explained: long.length - lengthsNs.length,
  };
}

/** What other processes and the hypervisor took of any core of a window: when in it is not known, so it may be each stall's. */
function othersNs({ cores }: Measurement): number {
  return Math.max(0, ...cores.map(({ foreignNs, stealNs }) => foreignNs + stealNs));
}

/** The stalls of a series beside those of the other programs of its cell. */
export function stallsOf(plan: Plan, series: readonly Series[], own: Series): Stalls | null {
  const mine = seriesStalls(own);
  if (mine === null) return null;
  const visits = mine.perRound.filter((visit) => visit !== null);
  const lengths = visits.flatMap((visit) => visit.lengthsNs);
  const watchedS = visits.reduce((sum, visit) => sum + visit.exposure, 0);
  const rounds = visits.filter((visit) => visit.events > 0).length;
  const others = othersOf(plan, series, own);
  const watched = others.flatMap((round) => round ?? []);
  const rest = {
    events: watched.reduce((sum, round) => sum + round.events, 0),
    watchedS: watched.reduce((sum, round) => sum + round.exposure, 0),
  };
  const test = watched.length === 0 ? null : rateTest(mine.perRound, others);
  const recurs =
    lengths.length >= recurring.events &&
    rounds >= Math.max(2, visits.length * recurring.roundsShare) &&
    lengths.length / watchedS >=
      recurring.timesOthers * (watched.length === 0 ? 0 : rest.events / rest.watchedS);
  const isMore = test !== null && test.rates.a > test.rates.b && test.exactP / 2 < alpha;
  return {
    fromNs: mine.fromNs,
    events: lengths.length,
    rounds,
    watchedS,
    typicalNs: lengths.length === 0 ? null : median(lengths),
    longestNs: lengths.length === 0 ? null : Math.max(...lengths),
    explained: visits.reduce((sum, visit) => sum + visit.explained, 0),
    others: watched.length === 0 ? null : rest,
    reads: test === null ? "alone" : isMore ? "more" : test.status === "too-few" ? "too-few" : "not-more",
    p: test === null ? null : test.exactP,
    recurs,
  };
}

/** What all other programs had in each round. */
function othersOf(plan: Plan, series: readonly Series[], own: Series): (RoundCount | null)[] {
  const others = series
    .filter((s) => s.cell === own.cell && programOf(plan, s.candidate) !== programOf(plan, own.candidate))
    .flatMap((s) => seriesStalls(s) ?? []);
  return own.perRound.map((_, round) => {
    const visits = others.flatMap((s) => s.perRound[round] ?? []);
    if (visits.length === 0) return null;
    return {
      events: visits.reduce((sum, visit) => sum + visit.events, 0),
      exposure: visits.reduce((sum, visit) => sum + visit.exposure, 0),
    };
  });
}

/** A twin is its original under another name. */
function programOf({ candidates }: Plan, name: string): string {
  return candidates.find((c) => c.name === name)?.twinOf ?? name;
}

/** Servers that stop serving again and again. */
export function stallWarnings(results: readonly CellResult[]): RunWarning[] {
  return results.flatMap(({ candidate, cell, stalls }): RunWarning[] => {
    if (stalls?.recurs !== true) return [];
    const { others } = stalls;
    const beside =
      others === null ? "" : `; all others together ${others.events} in ${formatSeconds(others.watchedS)}`;
    return [
      {
        code: "stalls",
        cause: `${formatStalls(stalls)} of windows, which neither the generator nor other processes explain${beside}`,
        nextStep:
          "look in the server for what holds its loop: a collector's pause, a synchronous call, a timer's work; percentiles of short windows do not show it",
        cell: `${candidate} ${cell}`,
      },
    ];
  });
}
