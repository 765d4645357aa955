import type { MetricName } from "../../schemas/metric.ts";
import type { CellResult, Comparison, Report } from "../../schemas/report.ts";
import { formatCount, formatFigure, formatInterval } from "../format.ts";
import { flagged, isShort, isUnattributed, rateOf } from "../view.ts";
import { ratioWords, verdictWords } from "../wording.ts";
import { text } from "./element.ts";

export const absent = "—";

/** In place of a figure whose process could not be told; a dash would say that nobody looked. */
export const notKnown = "not known";

/** Median with its interval below it; a throughput near the generator's ceiling is a lower bound. */
export function figure(result: CellResult, metric: MetricName): string {
  const found = result.metrics[metric];
  if (found === undefined) return isUnattributed(result, metric) ? notKnown : absent;
  const interval = formatInterval(metric, found);
  const value = formatFigure(metric, result, found);
  return interval === null ? value : `${value}<br><sub>${interval}</sub>`;
}

/** Candidate, with the rate its latencies belong to below it. */
export const atItsRate = (result: CellResult): string =>
  `${text(flagged(result))}<br><sub>at ${rateOf(result)}</sub>`;

/** How many rounds a table's figures have, where those are too few for intervals that assume no shape; else null. */
export function roundsNote(report: Report, results: readonly CellResult[]): string | null {
  const short = results.filter((r) => isShort(report, r));
  if (short.length === 0) return null;
  const most = formatCount(Math.max(...short.map((r) => r.rounds)), "round");
  const whose = short.length === results.length ? most : `${short.length} of these have ${most} or fewer`;
  return `<sub>${whose}: the intervals take a shape of the noise for granted.</sub>`;
}

/** What a comparison reads as, with its ratio below; the details of why one is withheld stands in the table of ratios. */
export function ratioFigure(c: Comparison): string {
  const figure = c.verdict === "withheld" ? null : ratioWords(c);
  return `${text(verdictWords(c))}${figure === null ? "" : `<br><sub>${figure}</sub>`}`;
}
