import { metricKinds } from "../../schemas/metric.ts";
import type { Report } from "../../schemas/report.ts";
import { formatPct, formatRatio, listed } from "../format.ts";
import { table } from "../text-table.ts";
import { type MachinesVerdict, machinesMin, type OverMachines } from "./machines.ts";

/** A verdict over machines as text for a terminal. */
export function machinesText(reports: readonly Report[], verdict: MachinesVerdict, columns: number): string {
  const { machines, comparisons, alike, leftOut } = verdict;
  const hosts = reports.map(
    ({ run, host }) => `  ${run.id}: ${host.cpu}, ${host.cores} cores, kernel ${host.kernel}`,
  );
  const head = ["machine by machine, in this order", "a ÷ b over machines", "a further machine", "reads"];
  const parts = [
    [`One verdict over ${machines} runs:`, ...hosts].join("\n"),
    ...alike.map(
      (same) =>
        `Runs ${listed(same.map((i) => `${i + 1}`))} describe the same host: if it is one machine, its figures count twice.`,
    ),
    machines < machinesMin
      ? `From ${machines} ${machines === 1 ? "machine" : "machines"} nothing follows for others: ${machinesMin} or more show how a ratio varies over hardware.`
      : "",
    comparisons.length === 0
      ? "The runs have no declared comparison in common."
      : table(["figure", ...head], comparisons.map(row), columns, { indent: 2 }).trimEnd(),
    leftOut.length === 0 ? "" : `Left out, because the runs differ in its settings: ${leftOut.join(", ")}`,
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function row(one: OverMachines): string[] {
  const { cell, metric, a, b, ratios, ratio, ciLow, ciHigh, furtherLow, furtherHigh, spreadPct, marginPct } =
    one;
  const interval = (low: number | null, high: number | null) =>
    low === null || high === null ? "" : `${formatRatio(low)} to ${formatRatio(high)}`;
  return [
    `${a} ÷ ${b}, ${cell} ${metricKinds[metric].label}`,
    ratios.map((each) => (each === null ? "–" : formatRatio(each))).join(", "),
    ratio === null
      ? "cannot tell"
      : `${formatRatio(ratio)} [${interval(ciLow, ciHigh)}], spread ±${formatPct(spreadPct ?? 0)}`,
    interval(furtherLow, furtherHigh),
    one.code === "too-few-machines" ? "too few machines" : `${one.reading} at ±${formatPct(marginPct)}`,
  ];
}
