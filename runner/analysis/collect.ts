import type { EventOf, RunEvent } from "../../schemas/event.ts";
import type { LedgerTotals, Measurement } from "../../schemas/load.ts";
import type { MetricName } from "../../schemas/metric.ts";
import type { Plan } from "../../schemas/plan.ts";
import { believable } from "./believable.ts";

/** What one candidate measured on one cell, a place for each round. */
export interface Series {
  readonly candidate: string;
  readonly cell: string;
  /** The counted measurement of each round; null where the round has none. */
  readonly perRound: readonly (Measurement | null)[];
  /** Start-up of the server that each round's measurement ran on, in ns. */
  readonly startupNs: readonly (number | null)[];
  /**
   * Accounts of what was sent to this candidate on this cell beside the counted measurements: what warmed its servers, and
   * the trials that are void. A message lost while the generator was late is lost all the same.
   */
  readonly warmUps: readonly LedgerTotals[];
  /** Why the rounds without a counted measurement have none. */
  readonly voids: readonly string[];
}

export interface Collected {
  readonly series: readonly Series[];
  /** Null-server ceilings of each cell, in messages per second. */
  readonly ceilings: ReadonlyMap<string, readonly number[]>;
  readonly failures: readonly EventOf<"trial-failed">[];
  readonly starts: readonly EventOf<"server-started">[];
  readonly unavailable: readonly EventOf<"candidate-unavailable">[];
  /** Measurements that were void and done again, and those that stayed void. */
  readonly retriedTrials: number;
  readonly voidTrials: number;
}

/** Sorts the record of a run by candidate and cell. Of several attempts at one trial the last one counts. */
export function collect(plan: Plan, recorded: readonly RunEvent[]): Collected {
  const events = believable(recorded);
  const of = <T extends RunEvent["type"]>(type: T) =>
    events.filter((event): event is EventOf<T> => event.type === type);
  const trials = of("trial-finished");
  const starts = of("server-started");
  const warmed = of("server-warmed");
  const last = lastAttempts(events);
  const ceilings = new Map<string, number[]>();
  for (const { cell, ceilingHz } of of("ceiling-measured")) {
    ceilings.set(cell, [...(ceilings.get(cell) ?? []), ceilingHz]);
  }
  const rounds = [...Array(plan.rounds).keys()];
  const series = plan.candidates.flatMap(({ name }) =>
    plan.cells.map((cell): Series => {
      const kept = rounds.map((round) => last.get(`${name}\n${cell.id}\n${round}`) ?? null);
      return {
        candidate: name,
        cell: cell.id,
        perRound: kept.map((trial) => (trial === null || trial.void !== null ? null : trial.measurement)),
        startupNs: rounds.map((round) =>
          startupOf(starts.find((s) => s.candidate === name && s.round === round)),
        ),
        warmUps: [
          ...warmed.flatMap((e) => (e.candidate === name && e.cell === cell.id ? [e.warmUp] : [])),
          ...trials.flatMap((e) =>
            e.candidate === name && e.cell === cell.id && e.void !== null
              ? [e.measurement.ledger, ...(e.measurement.warmUp === undefined ? [] : [e.measurement.warmUp])]
              : [],
          ),
        ],
        voids: kept.flatMap((trial) => (trial?.void == null ? [] : [trial.void])),
      };
    }),
  );
  return {
    series: series.filter((s) => s.perRound.some((m) => m !== null) || s.voids.length > 0),
    ceilings,
    failures: of("trial-failed"),
    starts,
    unavailable: of("candidate-unavailable"),
    retriedTrials: trials.filter((trial) => trial.attempt > 1).length,
    voidTrials: [...last.values()].filter((trial) => trial.void !== null).length,
  };
}

/** A bound is no figure, and no verdict may rest on it. */
function startupOf(start: EventOf<"server-started"> | undefined): number | null {
  return start === undefined || start.startupBound !== undefined ? null : start.startupNs;
}

/** The last attempt at each trial, by candidate, cell and round, a line each. */
export function lastAttempts(events: readonly RunEvent[]): Map<string, EventOf<"trial-finished">> {
  const last = new Map<string, EventOf<"trial-finished">>();
  for (const event of events) {
    if (event.type !== "trial-finished") continue;
    last.set(`${event.candidate}\n${event.cell}\n${event.round}`, event);
  }
  return last;
}

/** One metric of a series, a value for each round. */
export function metricPerRound(series: Series, metric: MetricName): (number | null)[] {
  if (metric === "startupNs")
    return series.startupNs.map((ns, round) => (series.perRound[round] ? ns : null));
  return series.perRound.map((m) => m?.metrics[metric] ?? null);
}
