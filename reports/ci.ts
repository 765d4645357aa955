import { correctShare } from "../schemas/delivery.ts";
import { type MetricName, metricKinds } from "../schemas/metric.ts";
import type { CellResult, MetricResult, Report } from "../schemas/report.ts";
import { formatCount } from "./format.ts";

interface Figure {
  readonly result: CellResult;
  readonly metric: MetricName;
  readonly value: MetricResult;
}

/** The figures of the declared family: those whose change between commits can mean something. */
function headlines(report: Report): Figure[] {
  const replicates = new Set(report.candidates.filter((c) => c.replicateOf !== null).map((c) => c.id));
  const declared = new Set(report.comparisons.filter((c) => c.declared).map((c) => `${c.cell} ${c.metric}`));
  return report.results
    .filter((result) => result.rounds > 0 && !replicates.has(result.candidate))
    .flatMap((result) =>
      (Object.entries(result.metrics) as [MetricName, MetricResult][])
        .filter(([metric]) => declared.size === 0 || declared.has(`${result.cell} ${metric}`))
        .map(([metric, value]) => ({ result, metric, value })),
    );
}

/** `± 1.2 %` of the median: the farther end of its interval. */
function rangeText({ median, ciLow, ciHigh }: MetricResult): string | undefined {
  if (ciLow === null || ciHigh === null || median === 0) return undefined;
  const reach = Math.max(median - ciLow, ciHigh - median) / median;
  return `± ${(100 * reach).toFixed(1)} %`;
}

/** One array for each direction, as github-action-benchmark's tools `customSmallerIsBetter` and `customBiggerIsBetter` read. */
export function githubActionBenchmark(report: Report, better: "lower" | "higher"): string {
  const entries = headlines(report)
    .filter(({ metric }) => metricKinds[metric].better === better)
    .map(({ result, metric, value }) => ({
      name: `${result.candidate} ${result.cell} ${metricKinds[metric].label}`,
      unit: value.unit,
      value: value.median,
      range: rangeText(value),
      extra: `run ${report.run.id}, ${formatCount(result.rounds, "round")}, reach ${result.reach}, correct ${correctShare(result)}`,
    }));
  return `${JSON.stringify(entries, null, 2)}\n`;
}

type BencherMeasure = { value: number; lower_value?: number; upper_value?: number };

/**
 * Bencher Metric Format: benchmark name → measure slug → value with its bounds. The slugs are the metric's own name in
 * kebab case, e.g. `latency-ns-p99`.
 */
export function bencherMetricFormat(report: Report): string {
  const benchmarks: Record<string, Record<string, BencherMeasure>> = {};
  for (const { result, metric, value } of headlines(report)) {
    const name = `${result.candidate} ${result.cell}`;
    const bounds =
      value.ciLow === null || value.ciHigh === null
        ? {}
        : { lower_value: value.ciLow, upper_value: value.ciHigh };
    benchmarks[name] ??= {};
    benchmarks[name][kebab(metric)] = { value: value.median, ...bounds };
  }
  return `${JSON.stringify(benchmarks, null, 2)}\n`;
}

const kebab = (name: string): string => name.replace(/([A-Z])/g, (letter) => `-${letter.toLowerCase()}`);
