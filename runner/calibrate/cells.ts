import type { CapacityCell } from "../../schemas/workloads/capacity.ts";
import type { ConnectionsCell } from "../../schemas/workloads/connections.ts";
import type { EchoCell } from "../../schemas/workloads/echo.ts";
import type { FanoutCell } from "../../schemas/workloads/fanout.ts";

/** Closed loop of 64-byte messages. */
export function echoCell(connections: number, window: number, windowMs: number, warmupMs = 200): EchoCell {
  return { workload: "echo", codec: "raw", bytes: 64, connections, window, warmupMs, windowMs };
}

/** A ramp to 1,000 connections, a storm of them, and cycles of as many. */
export function connectionsCell(cycles: number): ConnectionsCell {
  return {
    workload: "connections",
    codec: "json",
    connections: 1_000,
    rampHz: 2_000,
    stormMs: 500,
    cycles,
    turnover: 1_000,
    warmupMs: 300,
    windowMs: 1_000 + 300 * cycles,
  };
}

/** Open loop of one stream to one subscriber. */
export function openCell(rateHz: number, windowMs: number, warmupMs: number): FanoutCell {
  return {
    workload: "fanout",
    codec: "json",
    broadcast: "send",
    subscribers: 1,
    rateHz,
    warmupMs,
    windowMs,
  };
}

/** The highest rate of one stream to one subscriber with p99 < 20 ms. */
export function capacityCell(): CapacityCell {
  return {
    workload: "capacity",
    codec: "json",
    broadcast: "send",
    seek: "rate",
    subscribers: 1,
    rateHz: 300,
    limit: { percentile: "latencyNsP99", maxNs: 20e6 },
    probeMs: 700,
    warmupMs: 200,
    windowMs: 20_000,
  };
}
