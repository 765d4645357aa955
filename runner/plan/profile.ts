import { type CellSpec, isOpenLoop } from "../../schemas/cell.ts";
import type { FeedSpec } from "../../schemas/feed.ts";
import type { MetricName } from "../../schemas/metric.ts";
import type { PlannedCell, Profile } from "../../schemas/plan.ts";
import type { Broadcast } from "../../schemas/ready.ts";
import { isShown } from "../../schemas/tail.ts";

/** How long and how deep a run goes. Times are of one window, or of one warm-up. */
export interface Depth {
  readonly rounds: number;
  /** Warm-up of a cell. */
  readonly warmupMs: number;
  /**
   * Warm-up of a pipelined echo of text, which takes longer than any other: Bun's server spends three times the CPU time on a
   * message until some 0.4 s of full load, and falls back when other cells have left it idle (bench/warm-up.ts).
   */
  readonly textWarmupMs: number;
  /** Windows of a closed loop in a visit, and their length. */
  readonly closed: Windows;
  /** Typical windows of a feed: four in a row hold one stretch of each quarter of the feed by crowding. */
  readonly feed: Windows;
  /** Typical windows of a fan-out. */
  readonly fanout: Windows;
  /** The one long window of the feed, in which stalls are looked for. */
  readonly longWindowMs: number;
  /** Exploratory cells take part in every k-th round; null where they do only if they are named. */
  readonly exploreEvery: number | null;
}

interface Windows {
  readonly count: number;
  readonly ms: number;
}

/**
 * Depths by profile. Within a visit the tail of a feed varies by 0.2 (sd of logs) from window to window, and a window costs a
 * tenth of a visit: several short windows, of which the median is the visit's figure, buy more than longer ones or more
 * visits (docs/METHODOLOGY.md).
 */
export const depths: Record<Profile, Depth> = {
  smoke: {
    rounds: 2,
    warmupMs: 20,
    textWarmupMs: 40,
    closed: { count: 1, ms: 40 },
    feed: { count: 2, ms: 60 },
    fanout: { count: 1, ms: 60 },
    longWindowMs: 150,
    exploreEvery: null,
  },
  quick: {
    rounds: 4,
    warmupMs: 40,
    textWarmupMs: 120,
    closed: { count: 1, ms: 60 },
    feed: { count: 4, ms: 110 },
    fanout: { count: 2, ms: 100 },
    longWindowMs: 300,
    exploreEvery: null,
  },
  standard: {
    rounds: 8,
    warmupMs: 50,
    textWarmupMs: 240,
    closed: { count: 1, ms: 120 },
    feed: { count: 4, ms: 150 },
    fanout: { count: 4, ms: 150 },
    longWindowMs: 600,
    exploreEvery: null,
  },
  thorough: {
    rounds: 60,
    warmupMs: 200,
    textWarmupMs: 800,
    closed: { count: 3, ms: 200 },
    feed: { count: 8, ms: 300 },
    fanout: { count: 6, ms: 600 },
    longWindowMs: 2000,
    exploreEvery: 4,
  },
};

/** A cell as a profile wants it, before the codec and workload filters. */
export type ProfileCell = Pick<PlannedCell, "spec" | "windows" | "longWindowMs" | "headline">;

/**
 * Messages in flight on each of the four connections of a pipelined echo. With 32 the system calls are what is measured, the
 * same for the fastest server and for a null server; with 128 a null server is half as fast again as the fastest candidate.
 * More connections would keep a slow server busy with one turn for longer than a window can count whole turns.
 */
const pipelined = 128;

/**
 * Messages of one batch of a push, of which two are under way on each connection: enough that a server never waits for the
 * next request, few enough that the slowest is done with them in some 40 ms.
 */
const batchMessages = 250;

const closedMetrics: readonly MetricName[] = ["throughputHz", "cpuNsPerMessage"];

/** Every cell of the matrix, headline cells first. */
export function profileCells(depth: Depth, feed: FeedSpec): ProfileCell[] {
  const short = { warmupMs: depth.warmupMs, windowMs: depth.closed.ms };
  const echo = (codec: "json" | "sbe" | "raw", bytes: number | null, connections: number, window: number) =>
    ({ workload: "echo", codec, bytes, connections, window, ...short }) satisfies CellSpec;
  const push = (codec: "json" | "sbe" | "raw", bytes: number) =>
    ({ workload: "push", codec, bytes, connections: 8, count: batchMessages, ...short }) satisfies CellSpec;
  const feedOf = (codec: "json" | "sbe", mode: "passthrough" | "transcode", broadcast: Broadcast) =>
    ({
      workload: "feed",
      codec,
      mode,
      broadcast,
      subscribers: 10,
      feed,
      warmupMs: depth.warmupMs,
      windowMs: depth.feed.ms,
    }) satisfies CellSpec;
  const fanout = (broadcast: "loop" | "native", subscribers: number, rateHz: number) =>
    ({
      workload: "fanout",
      codec: "json",
      broadcast,
      subscribers,
      rateHz,
      warmupMs: depth.warmupMs,
      windowMs: depth.fanout.ms,
    }) satisfies CellSpec;
  const closed = (spec: CellSpec, headline: readonly MetricName[]): ProfileCell => ({
    spec,
    windows: depth.closed.count,
    longWindowMs: null,
    headline: [...headline],
  });
  const open = (spec: CellSpec, headline: readonly MetricName[]): ProfileCell => ({
    spec,
    windows: spec.workload === "feed" ? depth.feed.count : depth.fanout.count,
    longWindowMs: null,
    headline: [...headline],
  });

  const fanoutSpec = fanout("loop", 100, 200);
  const headline: ProfileCell[] = [
    closed(echo("raw", 64, 1, 1), ["latencyNsP50"]),
    closed({ ...echo("json", null, 4, pipelined), warmupMs: depth.textWarmupMs }, closedMetrics),
    closed(echo("sbe", null, 4, pipelined), closedMetrics),
    closed(push("json", 146), closedMetrics),
    {
      ...open(feedOf("json", "passthrough", "loop"), ["latencyNsP50", "latencyNsP99", "cpuNsPerMessage"]),
      longWindowMs: depth.longWindowMs,
    },
    open(fanoutSpec, [lastReceiverTail(depth, fanoutSpec.rateHz), "cpuNsPerMessage"]),
  ];
  const exploratory: CellSpec[] = [
    echo("raw", 64, 32, 32),
    echo("raw", 1024, 32, 32),
    feedOf("sbe", "passthrough", "loop"),
    feedOf("json", "transcode", "loop"),
    feedOf("json", "passthrough", "coalesced"),
    feedOf("json", "passthrough", "native"),
    fanout("loop", 1, 1000),
    fanout("loop", 10, 1000),
    fanout("loop", 1000, 20),
    fanout("native", 100, 200),
    fanout("native", 1000, 20),
  ];
  return [
    ...headline,
    ...exploratory.map((spec) => (isOpenLoop(spec.workload) ? open(spec, []) : closed(spec, []))),
  ];
}

/** The deepest tail of the last receiver that the fan-out's messages can show: each message is one event. */
function lastReceiverTail({ rounds, fanout: { count, ms } }: Depth, rateHz: number): MetricName {
  const perWindow = (rateHz * ms) / 1000;
  const events = { total: perWindow * count * rounds, perWindow };
  const deepest = (["lastLatencyNsP99", "lastLatencyNsP90"] as const).find((name) => isShown(name, events));
  return deepest ?? "lastLatencyNsP50";
}
