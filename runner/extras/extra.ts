import type { RunEvent } from "../../schemas/event.ts";
import type { ExtraOutcome } from "../../schemas/extra.ts";
import type { Plan } from "../../schemas/plan.ts";
import type { Bench, TrialFailure } from "../experiment.ts";

/** What the extra trials of a run are made with. */
export interface Extras {
  readonly plan: Plan;
  readonly bench: Pick<Bench, "start" | "open">;
  readonly record: (event: RunEvent) => void;
  readonly done: readonly RunEvent[];
  readonly unavailable: ReadonlySet<string>;
  readonly now: () => Date;
  readonly stopping: () => boolean;
}

export type ExtraResult = { readonly outcome: ExtraOutcome } | { readonly failure: TrialFailure };
