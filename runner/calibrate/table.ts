import { digits3, formatDuration, formatInteger, formatNs, formatShare } from "../../reports/format.ts";
import { table } from "../../reports/text-table.ts";
import type { Calibration, CalibrationCase, CalibrationRow, FigureUnit } from "../../schemas/calibration.ts";

const head = ["figure", "expected", "measured", "error", "bound", "pass", "closed loop"];

/** The calibration as a table for people. Columns keep one width over all cases, so that figures can be run down. */
export function calibrationTable(calibration: Calibration): string {
  const { cases, host, toolVersion, durationMs } = calibration;
  const rows = cases.flatMap((one) => ["", titleOf(one), ...one.rows.map(cellsOf), ...notesOf(one)]);
  const facts = `tickbench ${toolVersion} on ${host.cpu}, kernel ${host.kernel}; ${host.pinning.how}`;
  // A figure that is broken over two lines cannot be run down, so that the width is not bounded.
  const figures = table(head, rows, Infinity, { align: "lrrrrrr", indent: 2, rule: false });
  return `${facts}\n\n${figures}\n${summaryOf(calibration, durationMs)}\n`;
}

function titleOf({ title, attempts }: CalibrationCase): string {
  return attempts === 1 ? title : `${title} (measured ${attempts} times)`;
}

/** A failure that the machine may have caused must not pass for a fault of the tool. */
function notesOf({ verdict, failure, machine }: CalibrationCase): string[] {
  if (verdict !== "fail") return [];
  const gap = machine.hiccupNsMax === null ? [] : [`longest stall ${figureText("ns", machine.hiccupNsMax)}`];
  const seen = [
    `others took ${formatShare(machine.foreignShareMax)} of a core`,
    `the hypervisor ${formatShare(machine.stealShareMax)}`,
    ...gap,
  ].join(", ");
  const advice =
    machine.disturbedBy === null
      ? "within limits, so look for the fault in the tool"
      : "too disturbed to tell the tool's fault from the machine's: close other programs, then repeat";
  const reason = failure === null ? [] : [`  not measured: ${failure}`];
  return [...reason, `  the machine: ${seen}; ${advice}`];
}

function cellsOf(row: CalibrationRow): string[] {
  const { figure, unit, expected, measured, closedLoop, verdict } = row;
  return [
    figure,
    expected === null ? "" : figureText(unit, expected),
    measured === null ? "none" : figureText(unit, measured),
    errorText(row),
    boundText(row),
    verdict === "shown" ? "" : verdict === "pass" ? "pass" : "FAIL",
    closedLoop === null ? "" : figureText(unit, closedLoop),
  ];
}

function errorText({ expected, measured, tolerance, unit }: CalibrationRow): string {
  if (expected === null || measured === null || tolerance === null) return "";
  const off = measured - expected;
  const sign = off < 0 ? "−" : "+";
  if (tolerance.kind === "absolute" || expected === 0) return `${sign}${figureText(unit, Math.abs(off))}`;
  return `${sign}${((100 * Math.abs(off)) / expected).toFixed(2)} %`;
}

function boundText({ tolerance, unit }: CalibrationRow): string {
  if (tolerance === null) return "";
  if (tolerance.kind === "relative") return `±${+(100 * tolerance.share).toFixed(2)} %`;
  return tolerance.by === 0 ? "exact" : `±${figureText(unit, tolerance.by)}`;
}

/** `187 ms`, `41.2 µs`, `45.0 ns`, `40,000`, `32.0`. */
function figureText(unit: FigureUnit, value: number): string {
  if (unit === "count") return formatInteger(value);
  // Of a count that is a mean, such as the messages in flight, the whole number stays.
  if (unit === "ratio") return value >= 100 ? formatInteger(value) : digits3(value);
  return formatNs(value);
}

function summaryOf({ cases, interrupted }: Calibration, durationMs: number): string {
  const checked = cases.flatMap((one) => one.rows).filter((row) => row.verdict !== "shown");
  const passed = checked.filter((row) => row.verdict === "pass").length;
  const failed = cases.filter((one) => one.verdict === "fail").map((one) => one.id);
  const cut = interrupted ? ", interrupted before the end" : "";
  const failures = failed.length === 0 ? "" : `; failed: ${failed.join(", ")}`;
  return `${passed} of ${checked.length} known answers reproduced in ${formatDuration(durationMs)}${cut}${failures}`;
}
