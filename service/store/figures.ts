import { comparedCandidates } from "../../reports/view.ts";
import { lowerBoundOf } from "../../reports/wording.ts";
import { type MetricName, metricNames } from "../../schemas/metric.ts";
import type { Report } from "../../schemas/report.ts";

/** A figure of a report, as trends follow it. */
export interface Figure {
  readonly candidate: string;
  readonly cell: string;
  readonly metric: MetricName;
  readonly median: number;
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
  /** The true rate is at least this. */
  readonly isBound: boolean;
  readonly runtime: string;
  readonly framework: string;
}

/** Every figure of every candidate but the A/A replicate. */
export function figuresOf(report: Report): Figure[] {
  const versions = new Map(
    comparedCandidates(report).map((c) => [
      c.id,
      {
        runtime: `${c.runtime.name} ${c.runtime.version}`,
        framework: `${c.framework.name} ${c.framework.version}`,
      },
    ]),
  );
  return report.results.flatMap((result) => {
    const version = versions.get(result.candidate);
    if (version === undefined) return [];
    return metricNames.flatMap((metric) => {
      const found = result.metrics[metric];
      if (found === undefined) return [];
      const { median, ciLow, ciHigh } = found;
      const isBound = lowerBoundOf(metric, result) !== null;
      return [
        {
          candidate: result.candidate,
          cell: result.cell,
          metric,
          median,
          ciLow,
          ciHigh,
          isBound,
          ...version,
        },
      ];
    });
  });
}
