import { type Standing, standingsOf, trialsOf } from "../runner/plan/adaptive.ts";
import { trialKey } from "../runner/plan/schedule.ts";
import type { RunEvent } from "../schemas/event.ts";
import type { Plan } from "../schemas/plan.ts";

/** How a declared comparison ended, and after how many rounds of the run. */
export interface Ending extends Standing {
  readonly rounds: number;
}

export interface Replay {
  /** What an adaptive run would have recorded of the same measurements. */
  readonly kept: readonly RunEvent[];
  readonly endings: readonly Ending[];
  readonly roundsRun: number;
}

/**
 * What a run with a fixed number of rounds would have left undone, had it stopped each comparison when it was settled: its
 * own rule after each round, over what was measured up to there. The rounds of the record are its budget.
 */
export function replay(plan: Plan, events: readonly RunEvent[]): Replay {
  const byRound = Map.groupBy(events, (event) => ("round" in event ? event.round : -1));
  const kept = [...(byRound.get(-1) ?? [])];
  const settled = new Map<string, number>();
  let standings = standingsOf(plan, kept);
  let roundsRun = 0;
  while (roundsRun < plan.rounds) {
    const open = trialsOf(plan, standings);
    if (open.size === 0) break;
    kept.push(...neededOf(plan, byRound.get(roundsRun) ?? [], open));
    roundsRun += 1;
    standings = standingsOf(plan, kept);
    for (const standing of standings) {
      const key = keyOf(standing);
      // A floor that moves may open a comparison again.
      if (standing.decision.state === "go-on") settled.delete(key);
      else if (!settled.has(key)) settled.set(key, roundsRun);
    }
  }
  const endings = standings.map((s) => ({ ...s, rounds: settled.get(keyOf(s)) ?? roundsRun }));
  return { kept, endings, roundsRun };
}

function keyOf({ cell, metric, a, b }: Standing): string {
  return [cell, metric, a, b].join("\n");
}

/** The events of one round that remain where only the open trials are measured. */
function neededOf(plan: Plan, ofRound: readonly RunEvent[], open: ReadonlySet<string>): RunEvent[] {
  const exploratory = new Set(plan.cells.filter((c) => c.headline.length === 0).map((c) => c.id));
  const needed = (candidate: string, cell: string) =>
    exploratory.has(cell) || open.has(trialKey(candidate, cell));
  const measured = ofRound.flatMap((event) =>
    event.type === "trial-finished" && needed(event.candidate, event.cell) ? [event.candidate] : [],
  );
  const candidates = new Set(measured);
  return ofRound.filter((event) => {
    if (event.type === "server-started") return candidates.has(event.candidate);
    if (event.type !== "trial-finished" && event.type !== "trial-failed") return true;
    return event.cell === null || needed(event.candidate, event.cell);
  });
}

/**
 * What each event of a record took, in ms: the time since the event before it. A server's start is told before it is warmed,
 * so that the warm-up is in the gap that ends with its first trial; it is counted as the server's here.
 */
export function costsMs(plan: Plan, events: readonly RunEvent[]): ReadonlyMap<RunEvent, number> {
  const costs = new Map<RunEvent, number>();
  let before: RunEvent | null = null;
  for (const event of events) {
    const gapMs: number = before === null ? 0 : Date.parse(event.at) - Date.parse(before.at);
    const warmupMs: number = before?.type === "server-started" ? Math.min(gapMs, plan.processWarmupMs) : 0;
    if (before !== null) costs.set(before, (costs.get(before) ?? 0) + warmupMs);
    costs.set(event, gapMs - warmupMs);
    before = event;
  }
  return costs;
}

/** The headline trials alone, without what no rule looks at: light enough to be replayed by the hundred. */
export function headlineOnly(plan: Plan, events: readonly RunEvent[]): { plan: Plan; events: RunEvent[] } {
  const cells = plan.cells.filter((c) => c.headline.length > 0);
  const ids = new Set(cells.map((c) => c.id));
  const kept = events.filter(
    (e) =>
      (e.type === "trial-finished" || e.type === "trial-failed" || e.type === "ceiling-measured") &&
      e.cell !== null &&
      ids.has(e.cell),
  );
  return { plan: { ...plan, cells }, events: kept };
}

/** The reference and its A/A twin as if they were two candidates: a comparison of which the truth is known. */
export function twinsAsCandidates(plan: Plan): Plan {
  const candidates = plan.candidates
    .filter((c) => c.name === plan.reference || c.twinOf === plan.reference)
    .map((c) => ({ ...c, twinOf: null }));
  return { ...plan, candidates };
}
