import type { Codec } from "../../schemas/cell.ts";
import type { MetricName } from "../../schemas/metric.ts";
import type { Profile } from "../../schemas/plan.ts";
import type { EchoCell } from "../../schemas/workloads/echo.ts";
import type { Depth, ProfileCell, Windows } from "../plan/depth.ts";
import type { MeasuredWorkload } from "./workload.ts";

/**
 * Warm-up of a pipelined echo of text, which takes longer than any other: Bun's server spends three times the CPU time on a
 * message until some 0.4 s of full load, and falls back when other cells have left it idle (bench/warm-up.ts).
 */
const textWarmupMs: Readonly<Record<Profile, number>> = {
  smoke: 40,
  quick: 120,
  standard: 240,
  thorough: 800,
  open: 240,
};

/**
 * Messages in flight on each of the four connections of a pipelined echo. With 32 the system calls are what is measured, the
 * same for the fastest server and for a null server; with 128 a null server is half as fast again as the fastest candidate.
 * More connections would keep a slow server busy with one turn for longer than a window can count whole turns.
 */
const pipelined = 128;

/** Windows of the loop with one message in flight: a latency, of which the median of several says more than one long one. */
const single: Readonly<Partial<Record<Profile, Windows>>> = { standard: { count: 5, ms: 30 } };

function cells({ profile, warmupMs, closed }: Depth): ProfileCell[] {
  const cell = (
    codec: Codec,
    bytes: number | null,
    [connections, window]: readonly [number, number],
    headline: MetricName[],
    warmup = warmupMs,
    { count, ms }: Windows = closed,
  ): ProfileCell => ({
    spec: { workload: "echo", codec, bytes, connections, window, warmupMs: warmup, windowMs: ms },
    windows: count,
    longWindowMs: null,
    headline,
  });
  const rate = (): MetricName[] => ["throughputHz", "cpuNsPerMessage"];
  return [
    cell("raw", 64, [1, 1], ["latencyNsP50"], warmupMs, single[profile]),
    cell("json", null, [4, pipelined], rate(), textWarmupMs[profile]),
    cell("sbe", null, [4, pipelined], rate()),
    cell("raw", 64, [32, 32], []),
    cell("raw", 1024, [32, 32], []),
  ];
}

export const echo: MeasuredWorkload<EchoCell> = {
  cells,
  offeredHz: () => Promise.resolve(null),
  phases: () => import("./phases/echo.ts"),
};
