import type { RunEvent } from "../../schemas/event.ts";
import type { Plan } from "../../schemas/plan.ts";
import { collect } from "./collect.ts";

/**
 * Candidates that were measured and of which not one trial counts, A/A replicates left out: the run has nothing of what was asked
 * for of them, which the command's exit code tells as it tells a failure.
 */
export function voidedCandidates(plan: Plan, events: readonly RunEvent[]): string[] {
  const { series } = collect(plan, events);
  return plan.candidates
    .filter(({ twinOf }) => twinOf === null)
    .map(({ name }) => name)
    .filter((name) => {
      const own = series.filter((s) => s.candidate === name);
      return own.length > 0 && own.every((s) => s.perRound.every((m) => m === null));
    });
}
