import { type MetricName, metricKinds } from "../../schemas/metric.ts";
import type { Comparison, Report } from "../../schemas/report.ts";
import { type Effect, randomEffects } from "../../stats/random-effects.ts";
import { studentReach } from "../../stats/student.ts";
import type { Reading } from "./runs.ts";

/** Machines from which on their spread can be known: of two there is one difference, and no spread of it. */
export const machinesMin = 3;

/** Why a ratio over machines reads as it does. */
export type MachinesCode = "beyond-margin" | "within-margin" | "straddles-margin" | "too-few-machines";

/** Metric of `a` ÷ metric of `b` over machines. */
export interface OverMachines {
  readonly cell: string;
  readonly metric: MetricName;
  readonly a: string;
  readonly b: string;
  /** The ratio on each machine, in the order of the runs; null where a run reports none. */
  readonly ratios: readonly (number | null)[];
  /** Null, as all that follows, where there are too few machines for one. */
  readonly ratio: number | null;
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
  /** Standard deviation of the true ratio from machine to machine, in percent. */
  readonly spreadPct: number | null;
  /** Where the ratio on a further machine of this kind lies, with the same confidence. */
  readonly furtherLow: number | null;
  readonly furtherHigh: number | null;
  readonly marginPct: number;
  readonly reading: Reading;
  readonly code: MachinesCode;
}

export interface MachinesVerdict {
  readonly machines: number;
  readonly comparisons: readonly OverMachines[];
  /** Places of runs whose hosts report the same facts, from 0: they may be one machine. */
  readonly alike: readonly (readonly number[])[];
  /** Cells that were not asked the same way in all runs, and are left out. */
  readonly leftOut: readonly string[];
}

/**
 * One verdict over runs of the same plan on several machines: the declared comparisons of each run, combined by random effects
 * (stats/random-effects.ts), since a ratio is another one on other hardware. A comparison that is withheld in a run is not in it.
 */
export function overMachines(reports: readonly Report[]): MachinesVerdict {
  const leftOut = differently(reports);
  const keys = new Map<string, Comparison>();
  for (const { comparisons } of reports)
    for (const one of comparisons)
      if (one.declared && !leftOut.has(one.cell) && !keys.has(keyOf(one))) keys.set(keyOf(one), one);
  const hosts = Map.groupBy(reports.keys(), (i) => hostKey(reports[i]!));
  return {
    machines: reports.length,
    comparisons: [...keys].map(([key, of]) =>
      combined(
        of,
        reports.map((report) => report.comparisons.find((one) => keyOf(one) === key)),
      ),
    ),
    alike: [...hosts.values()].filter((same) => same.length > 1),
    leftOut: [...leftOut],
  };
}

const keyOf = ({ cell, metric, a, b }: Comparison): string => JSON.stringify([cell, metric, a, b]);

function hostKey({ host: { cpu, cores, memoryBytes, kernel } }: Report): string {
  return JSON.stringify([cpu, cores, memoryBytes, kernel]);
}

function differently(reports: readonly Report[]): Set<string> {
  const asked = new Map<string, Set<string>>();
  for (const { results } of reports) {
    for (const { cell, params, windows } of results) {
      const ways = asked.get(cell) ?? new Set();
      ways.add(JSON.stringify([params, windows?.longMs ?? null]));
      asked.set(cell, ways);
    }
  }
  return new Set([...asked].flatMap(([cell, ways]) => (ways.size > 1 ? [cell] : [])));
}

function combined(of: Comparison, perRun: readonly (Comparison | undefined)[]): OverMachines {
  const { cell, metric, a, b } = of;
  const effects = perRun.map((one) => (one === undefined ? null : effectOf(one)));
  const known = effects.flatMap((effect) => effect ?? []);
  const marginPct = Math.max(...perRun.map((one) => one?.marginPct ?? 0));
  const ratios = effects.map((effect) => (effect === null ? null : Math.exp(effect.estimate)));
  const head = { cell, metric, a, b, ratios, marginPct };
  if (known.length < machinesMin) {
    const nothing = {
      ratio: null,
      ciLow: null,
      ciHigh: null,
      spreadPct: null,
      furtherLow: null,
      furtherHigh: null,
    };
    return { ...head, ...nothing, reading: "withheld", code: "too-few-machines" };
  }
  const { mean, low, high, tau2, predictLow, predictHigh } = randomEffects(known);
  return {
    ...head,
    ratio: Math.exp(mean),
    ciLow: Math.exp(low),
    ciHigh: Math.exp(high),
    spreadPct: 100 * Math.expm1(Math.sqrt(tau2)),
    furtherLow: predictLow === null ? null : Math.exp(predictLow),
    furtherHigh: predictHigh === null ? null : Math.exp(predictHigh),
    ...readingOf({ mean, low, high }, metric, marginPct),
  };
}

/** A run's ratio on the log scale with the variance of its error, out of its interval; null where the run withholds it. */
function effectOf({ ratio, ciLow, ciHigh, df, rounds, verdict, bound }: Comparison): Effect | null {
  if (ratio === null || ciLow === null || ciHigh === null || rounds < 2) return null;
  if (verdict === "withheld" || bound !== undefined) return null;
  // An older version, which stored no degrees of freedom, lent a variance nothing: they were those of its own rounds.
  const error = Math.log(ciHigh / ciLow) / 2 / studentReach(0.95, df ?? rounds - 1);
  return error > 0 ? { estimate: Math.log(ratio), variance: error * error } : null;
}

function readingOf(
  { mean, low, high }: { readonly mean: number; readonly low: number; readonly high: number },
  metric: MetricName,
  marginPct: number,
): Pick<OverMachines, "reading" | "code"> {
  const margin = Math.log1p(marginPct / 100);
  if (low >= -margin && high <= margin) return { reading: "equal", code: "within-margin" };
  if (low <= margin && high >= -margin) return { reading: "undecided", code: "straddles-margin" };
  const aIsBetter = mean > 0 === (metricKinds[metric].better === "higher");
  return { reading: aIsBetter ? "better" : "worse", code: "beyond-margin" };
}
