import { join } from "node:path";
import { decided } from "../../reports/decision/decided.ts";
import { parseReport } from "../../reports/json.ts";
import { defaultPolicy } from "../../reports/policies.ts";
import type { CellResult, MetricResult, Report } from "../../schemas/report.ts";

const golden = join(import.meta.dir, "../golden/report.json");

/**
 * The golden report with the two Bun candidates torn: bun/serve, better at all else, takes four times the memory. So the
 * weight of memory decides between them. Slices are added, so that latency over time has something to show.
 */
export async function tornReport(): Promise<Report> {
  const { decision: _, ...undecided } = parseReport(await Bun.file(golden).text(), golden);
  const results = undecided.results.map(torn);
  const report = { ...undecided, results };
  return decided(report, defaultPolicy);
}

function torn(result: CellResult): CellResult {
  const rss = result.metrics.rssBytesPeak;
  const heavy = result.candidate.startsWith("bun/serve") && rss !== undefined;
  const metrics = heavy ? { ...result.metrics, rssBytesPeak: times(rss, 4) } : result.metrics;
  const p99 = metrics.latencyNsP99?.median ?? 0;
  const slices = Array.from({ length: 12 }, (_, i) => ({
    atMs: i * 50,
    count: 100,
    p50Ns: p99 / 4,
    p99Ns: p99 * (1 + 0.3 * Math.sin(i)),
    maxNs: p99 * 2,
  }));
  const ledger = { ...result.ledger, delivered: result.ledger.due, gaps: 0 };
  return { ...result, metrics, reach: 1, ledger, slices: result.workload === "feed" ? slices : [] };
}

function times(result: MetricResult, by: number): MetricResult {
  const scaled = (value: number | null) => (value === null ? null : value * by);
  return {
    ...result,
    median: result.median * by,
    ciLow: scaled(result.ciLow),
    ciHigh: scaled(result.ciHigh),
    perRound: result.perRound.map(scaled),
  };
}
