import type { CellSpec } from "../../schemas/cell.ts";
import type { FeedSpec } from "../../schemas/feed.ts";
import type { MetricName } from "../../schemas/metric.ts";
import type { Profile } from "../../schemas/plan.ts";

/** How long and how deep a run goes. Times are per trial. */
export interface Depth {
  readonly rounds: number;
  /**
   * Warming of a fresh server before its first trial, at full speed: until some 0.4 s of it, a message costs twice and three
   * times what it costs after (bench/warm-up.ts; docs/METHODOLOGY.md has a run).
   */
  readonly processWarmupMs: number;
  readonly warmupMs: number;
  /**
   * Warm-up of a pipelined echo of text, which takes longer than any other: Bun's server spends three times the CPU time on a
   * message until some 0.4 s of full load, and falls back when other cells have left it idle (bench/warm-up.ts).
   */
  readonly textWarmupMs: number;
  readonly windowMs: number;
  /** Exploratory cells take part in every k-th round. */
  readonly exploreEvery: number;
  /** Exploratory cells are left out altogether. */
  readonly headlineOnly: boolean;
}

/**
 * Depths by profile. The windows are short and the rounds many, because the noise that matters on a shared
 * machine lies between rounds and not within them; a longer window would buy nothing that a round does not.
 */
export const depths: Record<Profile, Depth> = {
  smoke: {
    rounds: 2,
    processWarmupMs: 80,
    warmupMs: 10,
    textWarmupMs: 10,
    windowMs: 40,
    exploreEvery: 1,
    headlineOnly: true,
  },
  quick: {
    rounds: 5,
    processWarmupMs: 240,
    warmupMs: 30,
    textWarmupMs: 240,
    windowMs: 70,
    exploreEvery: 1,
    headlineOnly: true,
  },
  standard: {
    rounds: 10,
    processWarmupMs: 360,
    warmupMs: 30,
    textWarmupMs: 400,
    windowMs: 60,
    exploreEvery: 4,
    headlineOnly: false,
  },
  thorough: {
    rounds: 100,
    processWarmupMs: 2000,
    warmupMs: 100,
    textWarmupMs: 800,
    windowMs: 300,
    exploreEvery: 4,
    headlineOnly: false,
  },
};

/** A cell as a profile wants it, before the codec and workload filters. */
export interface ProfileCell {
  readonly spec: CellSpec;
  readonly headline: readonly MetricName[];
}

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

const closed: readonly MetricName[] = ["throughputHz", "cpuNsPerMessage"];
const open: readonly MetricName[] = ["latencyNsP50", "latencyNsP99", "cpuNsPerMessage"];

/** Every cell of the matrix, headline cells first. */
export function profileCells(depth: Depth, feed: FeedSpec): ProfileCell[] {
  const short = { warmupMs: depth.warmupMs, windowMs: depth.windowMs };
  // An open loop sends at the schedule's rate and not as fast as it can, so it needs longer for as many samples.
  const long = { warmupMs: depth.warmupMs, windowMs: Math.round(depth.windowMs * 2.5) };
  const echo = (codec: "json" | "sbe" | "raw", bytes: number | null, connections: number, window: number) =>
    ({ workload: "echo", codec, bytes, connections, window, ...short }) satisfies CellSpec;
  const push = (codec: "json" | "sbe" | "raw", bytes: number) =>
    ({ workload: "push", codec, bytes, connections: 8, count: batchMessages, ...short }) satisfies CellSpec;
  const feedOf = (codec: "json" | "sbe", mode: "passthrough" | "transcode", broadcast: "loop" | "native") =>
    ({ workload: "feed", codec, mode, broadcast, subscribers: 10, feed, ...long }) satisfies CellSpec;
  const fanout = (broadcast: "loop" | "native", subscribers: number, rateHz: number) =>
    ({ workload: "fanout", codec: "json", broadcast, subscribers, rateHz, ...long }) satisfies CellSpec;

  const headline: ProfileCell[] = [
    { spec: echo("raw", 64, 1, 1), headline: ["latencyNsP50"] },
    { spec: { ...echo("json", null, 4, pipelined), warmupMs: depth.textWarmupMs }, headline: closed },
    { spec: echo("sbe", null, 4, pipelined), headline: closed },
    { spec: push("json", 146), headline: closed },
    { spec: feedOf("json", "passthrough", "loop"), headline: open },
    { spec: fanout("loop", 100, 200), headline: ["lastLatencyNsP99", "cpuNsPerMessage"] },
  ];
  if (depth.headlineOnly) return headline;
  const exploratory: CellSpec[] = [
    echo("raw", 64, 32, 32),
    echo("raw", 1024, 32, 32),
    feedOf("sbe", "passthrough", "loop"),
    feedOf("json", "transcode", "loop"),
    feedOf("json", "passthrough", "native"),
    fanout("loop", 1, 1000),
    fanout("loop", 10, 1000),
    fanout("loop", 1000, 20),
    fanout("native", 100, 200),
    fanout("native", 1000, 20),
  ];
  return [...headline, ...exploratory.map((spec) => ({ spec, headline: [] }))];
}
