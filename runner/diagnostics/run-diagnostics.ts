import { type ExtraTask, extraTasks } from "../plan/extras.ts";
import type { DiagnosticResult, DiagnosticRun } from "./diagnostic.ts";
import { soak } from "./soak.ts";
import { why } from "./why.ts";

/**
 * Makes the extra trials that are not done yet, after the rounds, so that nothing of them is in a figure that is compared. A
 * candidate's failure is recorded and not thrown. What an interrupt cuts is done again by a run that is resumed.
 */
export async function runDiagnostics(x: DiagnosticRun): Promise<void> {
  for (const task of extraTasks(x.plan, x.done, x.unavailable)) {
    if (x.stopping()) return;
    const beganMs = performance.now();
    const result = await extraTrial(x, task);
    const tookMs = performance.now() - beganMs;
    // What the interrupt itself ended has neither figures nor failed.
    if (x.stopping()) return;
    const { kind, candidate, cell } = task;
    const where = { at: x.now().toISOString(), candidate: candidate.name, cell: cell.id };
    if ("failure" in result) {
      const { phase, reason } = result.failure;
      x.record({ type: "extra-failed", ...where, kind, phase, reason, tookMs });
    } else x.record({ type: "extra-finished", ...where, kind, outcome: result.outcome, tookMs });
  }
}

function extraTrial(x: DiagnosticRun, task: ExtraTask): Promise<DiagnosticResult> {
  switch (task.kind) {
    case "why":
      return why(x, task);
    case "soak":
      return soak(x, task);
  }
}
