import type { RunEvent } from "../../schemas/event.ts";
import type { ExtraOutcome } from "../../schemas/extra.ts";
import type { Plan, PlannedCandidate } from "../../schemas/plan.ts";
import type { Bench, TrialFailure } from "../experiment.ts";
import type { Children } from "../process/children.ts";

/** What the extra trials of a run are made with. */
export interface DiagnosticRun {
  readonly plan: Plan;
  readonly bench: Pick<Bench, "start" | "open">;
  /** One whose servers report what their runtime knows of itself to a port of this machine; null where a runtime reports nothing. */
  readonly benchWithin: (candidate: PlannedCandidate, port: number) => Promise<DiagnosticRun["bench"] | null>;
  readonly children: Children;
  /** Where servers run; null where nothing is bound to a core. */
  readonly serverCores: readonly number[] | null;
  readonly record: (event: RunEvent) => void;
  readonly done: readonly RunEvent[];
  readonly unavailable: ReadonlySet<string>;
  readonly now: () => Date;
  readonly stopping: () => boolean;
}

export type DiagnosticResult = { readonly outcome: ExtraOutcome } | { readonly failure: TrialFailure };
