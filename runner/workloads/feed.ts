import type { FeedSpec } from "../../schemas/feed.ts";
import type { MetricName } from "../../schemas/metric.ts";
import type { Profile } from "../../schemas/plan.ts";
import type { FeedCell } from "../../schemas/workloads/feed.ts";
import type { Depth, ProfileCell, Windows } from "../plan/depth.ts";
import type { MeasuredWorkload } from "./workload.ts";

/**
 * Typical windows, the same for every discipline of writing: each replays a stretch of the feed, and disciplines can be compared on the
 * same ones alone. Four in a row hold one stretch of each quarter of the feed by crowding.
 */
const typical: Readonly<Record<Profile, Windows>> = {
  smoke: { count: 2, ms: 60 },
  quick: { count: 3, ms: 100 },
  standard: { count: 4, ms: 150 },
  thorough: { count: 8, ms: 300 },
  open: { count: 4, ms: 110 },
};

/** The one long window of a visit, in which stalls are looked for; quick has no time that would show one. */
const longWindowMs: Readonly<Record<Profile, number | null>> = {
  smoke: 150,
  quick: null,
  standard: 450,
  thorough: 2000,
  open: 600,
};

/**
 * How many times as long a discipline is warmed that no cell before it has run: in windows behind 100 ms of it Bun compiles for 7 ms
 * of 130 on the server's core, behind 500 ms for 0.2.
 */
const newPath = 3;

/** Subscribers that cannot keep up with a crash, and clients beside them that are cut and come back at once. */
const crash = { slow: 0.1, returning: 0.2 } as const;

/** The days that the profile of the market's open replays beside the run's own feed. */
const openPresets = ["open", "burst", "flash-crash"] as const;

function cells({ profile, warmupMs }: Depth, feed: FeedSpec): ProfileCell[] {
  const { count, ms } = typical[profile];
  const cell = (
    kind: Pick<FeedCell, "codec" | "mode" | "broadcast">,
    declared: MetricName[] = [],
    longMs: number | null = null,
  ): ProfileCell => ({
    spec: { workload: "feed", ...kind, subscribers: 10, feed, warmupMs, windowMs: ms },
    windows: count,
    longWindowMs: longMs,
    headline: declared,
  });
  const headlineTo = (tail: MetricName): MetricName[] => ["latencyNsP50", tail, "cpuNsPerMessage"];
  const usual = { codec: "json", mode: "passthrough", broadcast: "send" } as const;
  return [
    ...(profile === "open" ? openPresets : []).map((preset): ProfileCell => {
      const { rate } = feed;
      const { seed, symbols } = feed.source === "synthetic" ? feed : { seed: 1 };
      const model = { source: "synthetic", preset, seed, rate, meanHz: null } as const;
      const replayed = symbols === undefined ? model : { ...model, symbols };
      const { spec, ...planned } = cell(usual, ["latencyNsP99"]);
      const clients = preset === "flash-crash" ? crash : {};
      return { ...planned, spec: { ...spec, feed: replayed, preset, ...clients } as FeedCell };
    }),
    cell(usual, headlineTo("latencyNsP99"), longWindowMs[profile]),
    warmedFor(newPath, cell({ ...usual, broadcast: "coalesced" }, headlineTo(coalescedTail(profile)))),
    cell({ codec: "sbe", mode: "passthrough", broadcast: "send" }),
    cell({ codec: "json", mode: "transcode", broadcast: "send" }),
    cell({ codec: "json", mode: "passthrough", broadcast: "native" }),
  ];
}

/**
 * The tail of coalesced writes. A burst that is written at once is over in 0.2 ms, and what is behind that are the runtimes' own pauses
 * of 1 to 3 ms, which take about 1 % of the time: a p99 lies on either side of one, and copies of one program differ by
 * 0.7 in it (sd of a round's log ratio) and by 0.1 in p90 (docs/PERFORMANCE.md). The longest profile alone has the rounds to decide by it.
 */
function coalescedTail(profile: Profile): MetricName {
  return profile === "thorough" ? "latencyNsP99" : "latencyNsP90";
}

function warmedFor(times: number, { spec, ...planned }: ProfileCell): ProfileCell {
  return { ...planned, spec: { ...spec, warmupMs: times * spec.warmupMs } };
}

export const feed: MeasuredWorkload<FeedCell> = {
  cells,
  offeredHz: async (spec) => (await import("./phases/feed.ts")).offeredHz(spec),
  phases: () => import("./phases/feed.ts"),
};
