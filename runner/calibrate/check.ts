import type { CalibrationRow, FigureUnit, Tolerance } from "../../schemas/calibration.ts";

/** Whether `measured` lies within the tolerance of `expected`. */
export function isWithin(expected: number, measured: number, tolerance: Tolerance): boolean {
  const off = Math.abs(measured - expected);
  return off <= (tolerance.kind === "relative" ? tolerance.share * expected : tolerance.by);
}

/** A figure with a known answer. */
export function check(
  figure: string,
  unit: FigureUnit,
  expected: number,
  measured: number | undefined,
  tolerance: Tolerance,
  closedLoop: number | null = null,
): CalibrationRow {
  const passes = measured !== undefined && isWithin(expected, measured, tolerance);
  const verdict = passes ? "pass" : "fail";
  return { figure, unit, expected, measured: measured ?? null, tolerance, verdict, closedLoop };
}

/** A figure that is shown without a known answer. */
export function show(figure: string, unit: FigureUnit, measured: number): CalibrationRow {
  return { figure, unit, expected: null, measured, tolerance: null, verdict: "shown", closedLoop: null };
}

/** The known answer itself. */
export const exactly: Tolerance = { kind: "absolute", by: 0 };

/** Within a share of the known answer: 0.02 is 2 % to either side. */
export function within(share: number): Tolerance {
  return { kind: "relative", share };
}

/** Within `by` to either side of the known answer, in the figure's unit. */
export function plusMinus(by: number): Tolerance {
  return { kind: "absolute", by };
}

/** A case passes when every figure with a known answer does; one without any is only shown. */
export function verdictOf(rows: readonly CalibrationRow[]): CalibrationRow["verdict"] {
  if (rows.some((row) => row.verdict === "fail")) return "fail";
  return rows.some((row) => row.verdict === "pass") ? "pass" : "shown";
}
