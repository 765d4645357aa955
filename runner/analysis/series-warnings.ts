import { inFlightOf } from "../../schemas/cell.ts";
import type { Measurement } from "../../schemas/load.ts";
import type { Plan, PlannedCell } from "../../schemas/plan.ts";
import { type RunWarning, warning } from "../../schemas/warning.ts";
import { median } from "../../stats/moments.ts";
import { cleanWindows, type Series } from "./collect.ts";

/** Rate × mean latency may differ from the messages in flight by this much (Little 1961) before it is warned of. */
const littleTolerance = 0.05;
/** mitata's p50 and ours may differ by this much. */
const mitataTolerance = 0.05;

/** Where two instruments that look at the same messages disagree, and where the same messages came twice. */
export function seriesWarnings(plan: Plan, series: readonly Series[]): RunWarning[] {
  return plan.cells.flatMap((cell) => {
    const ofCell = series.filter((one) => one.cell === cell.id);
    const each = ofCell.flatMap((one) => {
      const counted = cleanWindows(one);
      const where = `${one.candidate} ${cell.id}`;
      return counted.length === 0 ? [] : [...little(cell, counted, where), ...mitata(counted, where)];
    });
    return [...each, ...looped(cell, ofCell.flatMap(cleanWindows))];
  });
}

function little(cell: PlannedCell, counted: readonly Measurement[], where: string): RunWarning[] {
  const inFlight = inFlightOf(cell.spec);
  if (inFlight === null) return [];
  // Of all rounds together: a single short window may open and close in the middle of a server's turn.
  const seen = median(
    counted.map((m) => {
      const cycleNs = (m.metrics.latencyNsMean ?? 0) + (m.generator.turnaroundNsMean ?? 0);
      return ((m.metrics.throughputHz ?? 0) * cycleNs) / 1e9;
    }),
  );
  if (Math.abs(seen / inFlight - 1) <= littleTolerance) return [];
  const cause = `rate × mean latency says ${seen.toPrecision(4)} messages in flight, there were ${inFlight} (median of ${counted.length} windows)`;
  return [warning("little-law", cause, { cell: where })];
}

function mitata(counted: readonly Measurement[], where: string): RunWarning[] {
  const off = counted.filter((m) => {
    const p50Ns = m.metrics.latencyNsP50;
    return (
      m.mitataNsP50 !== null && p50Ns !== undefined && Math.abs(p50Ns / m.mitataNsP50 - 1) > mitataTolerance
    );
  });
  if (off.length === 0) return [];
  const cause = `mitata's p50 and ours differ by over 5 % in ${off.length} of ${counted.length} windows`;
  return [warning("mitata-disagrees", cause, { cell: where })];
}

/** One for all candidates, which get the same bytes. */
function looped(cell: PlannedCell, counted: readonly Measurement[]): RunWarning[] {
  const loops = Math.max(0, ...counted.map((m) => m.feedLoops ?? 0));
  if (loops === 0) return [];
  const cause = `the capture is shorter than the window at its speed, and restarted ${loops === 1 ? "once" : `${loops} times`} within it: ${cell.spec.windowMs} ms`;
  return [warning("capture-looped", cause, { cell: cell.id })];
}
