import type { ExtraOutcome } from "../../schemas/extra.ts";
import type { PlannedCandidate } from "../../schemas/plan.ts";
import type { Bench, Experiment, TrialFailure } from "../experiment.ts";
import type { Children } from "../process/children.ts";

/** What the extra trials of a run are made with. */
export interface DiagnosticRun extends Pick<Experiment, "plan" | "record" | "done" | "unavailable" | "now"> {
  readonly bench: Pick<Bench, "start" | "open">;
  /** One whose servers report what their runtime knows of itself to a port of this machine; null where a runtime reports nothing. */
  readonly benchWithin: (candidate: PlannedCandidate, port: number) => Promise<DiagnosticRun["bench"] | null>;
  readonly children: Children;
  /** Where servers run; null where nothing is bound to a core. */
  readonly serverCores: readonly number[] | null;
  readonly stopping: () => boolean;
}

export type DiagnosticResult = { readonly outcome: ExtraOutcome } | { readonly failure: TrialFailure };
