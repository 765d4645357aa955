import type { CalibrationCase, CalibrationRow } from "../../schemas/calibration.ts";
import { CalibrationFailure, type Calibrator } from "./calibrator.ts";
import { verdictOf } from "./check.ts";
import { disturbanceOf, type MachineUse } from "./machine.ts";

/** One known answer, or one thing to show: how it is measured, and the rows that it makes. */
export interface Case<L = Calibrator> {
  readonly id: string;
  readonly title: string;
  /** How long at a time the case itself stops the generator, in ns: what it does not run for then is not the machine's. */
  readonly pausedNs?: number;
  readonly run: (calibrator: L) => Promise<readonly CalibrationRow[]>;
}

/** Everything that a case is measured in reports what the machine did. */
interface Witness {
  takeSeen(): readonly MachineUse[];
}

/** Measurements of one case, the first included. */
const attemptsMax = 3;

/**
 * Measures a case. One that fails while other programs used the machine is measured again; one that fails on a quiet machine
 * is a fault of the tool and stands. Stops short where `stopping` says so.
 */
export async function runCase<L extends Witness>(
  task: Case<L>,
  calibrator: L,
  stopping: () => boolean,
): Promise<CalibrationCase> {
  for (let attempts = 1; ; attempts += 1) {
    const { rows, failure } = await attempt(task, calibrator);
    const machine = disturbanceOf(calibrator.takeSeen(), task.pausedNs ?? 0);
    const verdict = failure === null ? verdictOf(rows) : "fail";
    const again = verdict === "fail" && (machine.disturbedBy !== null || failure !== null);
    if (!again || attempts === attemptsMax || stopping()) {
      return { id: task.id, title: task.title, rows: [...rows], attempts, machine, failure, verdict };
    }
  }
}

async function attempt<L extends Witness>(
  task: Case<L>,
  calibrator: L,
): Promise<{ rows: readonly CalibrationRow[]; failure: string | null }> {
  calibrator.takeSeen();
  try {
    return { rows: await task.run(calibrator), failure: null };
  } catch (error) {
    if (!(error instanceof CalibrationFailure)) throw error;
    return { rows: [], failure: error.message };
  }
}
