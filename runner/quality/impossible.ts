import { factsOf, workloadOfId } from "../../schemas/cell.ts";
import type { Measurement } from "../../schemas/load.ts";
import { type MetricName, metricKinds } from "../../schemas/metric.ts";

/** A figure that no server can have: an error of measurement, and never a result. */
export interface Impossible {
  readonly metrics: readonly MetricName[];
  readonly reason: string;
}

/** CPU time below which nothing is delivered: a byte of a message takes a core longer to copy out of the kernel and in again. */
export const cpuNsPerMessageMin = 1;
/** A message goes through the kernel four times on its way, each of which takes longer than half of this. */
export const latencyNsMin = 1_000;
/** Pages of the smallest static program with a thread and a socket; a kernel thread has none at all. */
export const rssBytesMin = 256 * 1024;

const costs = ["cpuNsPerMessage", "contextSwitchesPerMessage"] as const;
const memory = ["rssBytesPeak", "rssBytesPerConnection"] as const;
/** Latencies of whole messages; a skew is a difference, and may be 0. */
const latencies = Object.keys(metricKinds).filter((name): name is MetricName => /latencyNs/i.test(name));

/** The figures of one measurement of a cell that cannot be, by what makes them so; none where all can. */
export function impossibleIn(cell: string, { metrics, ledger, server }: Measurement): Impossible[] {
  const found: Impossible[] = [];
  const delivered = ledger.delivered > 0;
  const { cpuNsPerMessage, rssBytesPeak } = metrics;
  if (delivered && cpuNsPerMessage !== undefined && cpuNsPerMessage < cpuNsPerMessageMin) {
    const detail = server === null ? "" : ` (${Math.round(server.cpuNs)} ns in all)`;
    const reason = `${ledger.delivered} messages were delivered, but its processes used too little CPU time for that${detail}`;
    found.push({ metrics: costs, reason });
  }
  if (rssBytesPeak !== undefined && rssBytesPeak < rssBytesMin) {
    const reason = `a peak RSS of ${Math.round(rssBytesPeak)} bytes is less than any running program uses`;
    found.push({ metrics: memory, reason });
  }
  const workload = workloadOfId(cell);
  const timed = workload === null || factsOf(workload).timesEachMessage ? latencies : [];
  const early = timed.filter((name) => (metrics[name] ?? latencyNsMin) < latencyNsMin);
  const [first] = early;
  if (delivered && first !== undefined) {
    const reason = `a ${metricKinds[first].label} of ${Math.round(metrics[first] ?? 0)} ns is shorter than the kernel takes to pass a message`;
    // An arrival before its send taints every quantile above it.
    found.push({ metrics: latencies, reason });
  }
  return found;
}

/** A measurement without the figures that cannot be. */
export function withoutImpossible(cell: string, measurement: Measurement): Measurement {
  const left = new Set(impossibleIn(cell, measurement).flatMap(({ metrics }) => metrics));
  if (left.size === 0) return measurement;
  const kept = Object.entries(measurement.metrics).filter(([name]) => !left.has(name as MetricName));
  return { ...measurement, metrics: Object.fromEntries(kept) };
}
