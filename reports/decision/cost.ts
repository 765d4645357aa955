import type { Policy } from "../../schemas/policy.ts";
import type { CellResult } from "../../schemas/report.ts";
import { intervalOfMean } from "../../stats/interval.ts";

type Prices = Policy["prices"];

const billion = 1e9;
const nsPerHour = 3.6e12;
const bytesPerGiB = 2 ** 30;

/**
 * Money for a billion deliveries at the cell's own rate, by round: CPU time of the server × the price of a vCPU-hour, plus
 * its peak RSS held for as long as a billion deliveries take × the price of a GiB-hour. Null where a round lacks a part.
 */
export function costPerRound(result: CellResult, prices: Prices): (number | null)[] {
  const cpu = result.metrics.cpuNsPerMessage?.perRound ?? [];
  const rss = result.metrics.rssBytesPeak?.perRound ?? [];
  const rate = (result.metrics.deliveriesHz ?? result.metrics.throughputHz)?.perRound ?? [];
  return cpu.map((cpuNs, round) => {
    if (cpuNs === null) return null;
    const cpuCost = (cpuNs * billion * prices.vcpuHour) / nsPerHour;
    if (prices.gibHour === 0) return cpuCost;
    const bytes = rss[round] ?? null;
    const hz = rate[round] ?? null;
    if (bytes === null || hz === null || hz <= 0) return null;
    const hours = billion / hz / 3600;
    return cpuCost + (bytes / bytesPerGiB) * hours * prices.gibHour;
  });
}

export interface Cost {
  candidate: string;
  cell: string;
  perBillion: number;
  ciLow: number | null;
  ciHigh: number | null;
}

/** Geometric mean over rounds of what a billion deliveries cost, with its 95 % interval; null without any round. */
export function costOf(result: CellResult, prices: Prices): Cost | null {
  const logs = costPerRound(result, prices).flatMap((v) => (v === null || v <= 0 ? [] : [Math.log(v)]));
  const first = logs[0];
  if (first === undefined) return null;
  const interval = intervalOfMean(logs);
  return {
    candidate: result.candidate,
    cell: result.cell,
    perBillion: Math.exp(interval?.mean ?? first),
    ciLow: interval === null ? null : Math.exp(interval.low),
    ciHigh: interval === null ? null : Math.exp(interval.high),
  };
}
