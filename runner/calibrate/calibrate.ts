import type { Calibration, CalibrationCase } from "../../schemas/calibration.ts";
import { calibrationVersion } from "../../schemas/calibration.ts";
import { hostFacts } from "../process/host.ts";
import { pinSelf, planPins, readTopology } from "../process/pin.ts";
import { processesOf } from "../processes.ts";
import { Calibrator } from "./calibrator.ts";
import { type Case, runCase } from "./case.ts";

/**
 * Measures each case in turn, and reports each to `note`. Every process that it starts has ended when it returns, and an
 * interrupt ends it after the case in hand, whose result is dropped.
 */
export async function calibrate(
  cases: readonly Case[],
  toolVersion: string,
  note: (line: string) => void,
): Promise<Calibration> {
  const startedAt = new Date().toISOString();
  const startedMs = performance.now();
  const machine = readTopology();
  const pins = planPins(machine);
  let interrupted = false;
  const { children, load, close } = processesOf(pins, () => {
    interrupted = true;
  });
  const measured: CalibrationCase[] = [];
  try {
    if (pins.pinned) pinSelf(pins.runner);
    const calibrator = new Calibrator(children, load, pins);
    for (const task of cases) {
      note(`${measured.length + 1}/${cases.length} ${task.title}`);
      const result = await runCase(task, calibrator, () => interrupted);
      if (interrupted) break;
      measured.push(result);
    }
  } finally {
    await close();
  }
  return {
    calibrationVersion,
    startedAt,
    durationMs: performance.now() - startedMs,
    toolVersion,
    host: hostFacts(pins, machine.allowed),
    cases: measured,
    interrupted,
    verdict: overall(measured, interrupted),
  };
}

/** A calibration that was cut short has not passed, whatever it got to see. */
export function overall(
  cases: readonly Pick<CalibrationCase, "verdict">[],
  interrupted: boolean,
): Calibration["verdict"] {
  return !interrupted && cases.every((one) => one.verdict !== "fail") ? "pass" : "fail";
}
