import type { EchoCell } from "../../schemas/workloads/echo.ts";
import type { FanoutCell } from "../../schemas/workloads/fanout.ts";

/** Closed loop of 64-byte messages. */
export function echoCell(connections: number, window: number, windowMs: number, warmupMs = 200): EchoCell {
  return { workload: "echo", codec: "raw", bytes: 64, connections, window, warmupMs, windowMs };
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
