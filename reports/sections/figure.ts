import type { MetricName } from "../../schemas/metric.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import { formatCount, formatFigure, formatHeadroom, formatInterval } from "../format.ts";
import { flagged, isShort, isUnattributed, rateOf } from "../view.ts";
import { type Block, type Inline, note, small, stacked } from "./document.ts";

export const absent = "—";

/** In place of a figure whose process could not be known; a dash would say that nobody looked. */
export const notKnown = "not known";

/** What stands for a figure of a result; a throughput near the generator's limit is a lower bound. */
export function medianText(result: CellResult, metric: MetricName): string {
  const found = result.metrics[metric];
  if (found === undefined) return isUnattributed(result, metric) ? notKnown : absent;
  return formatFigure(metric, result, found);
}

/** Median with its interval below it. */
export function figure(result: CellResult, metric: MetricName): Inline {
  const found = result.metrics[metric];
  const interval = found === undefined ? null : formatInterval(metric, found);
  return stacked(medianText(result, metric), interval === null ? null : small(interval));
}

/** How far the generator's own ceiling is; a dash where none was measured. */
export const headroomText = ({ headroom }: CellResult): string =>
  headroom === null ? absent : formatHeadroom(headroom);

/** Candidate, with the rate its latencies belong to below it. */
export const atItsRate = (result: CellResult): Inline =>
  stacked(flagged(result), small(`at ${rateOf(result)}`));

/** How many rounds a table's figures have, where those are too few for distribution-free intervals; else null. */
export function roundsNote(report: Report, results: readonly CellResult[]): Block | null {
  const short = results.filter((r) => isShort(report, r));
  if (short.length === 0) return null;
  const mostRounds = formatCount(Math.max(...short.map((r) => r.rounds)), "round");
  const whose =
    short.length === results.length
      ? mostRounds
      : `${short.length} of these ${short.length === 1 ? "has" : "have"} ${mostRounds} or fewer`;
  return note(`${whose}: too few for distribution-free intervals; these assume symmetric noise.`);
}
