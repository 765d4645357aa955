import type { FeedSpec } from "../../schemas/feed.ts";
import type { WindowAsked } from "../../schemas/load.ts";
import type { MetricName } from "../../schemas/metric.ts";
import type { Profile } from "../../schemas/plan.ts";
import type { FeedCell } from "../../schemas/workloads/feed.ts";
import { feedHz } from "../feed/check.ts";
import { loadFeed, type Schedule } from "../feed/schedule.ts";
import { symbolName, symbolsOf, zipfShares } from "../feed/symbols.ts";
import { Histogram } from "../load/histogram.ts";
import type { Depth, ProfileCell, Windows } from "../plan/depth.ts";
import type { OpenCell, TrialContext } from "./context.ts";
import { latencyMetrics } from "./metrics.ts";
import { leadMs, openLoop } from "./open-loop.ts";
import type { Publication } from "./sides.ts";
import { Slices } from "./slices.ts";
import type { MeasuredWorkload } from "./workload.ts";

/**
 * Typical windows, the same for every discipline of writing: each replays a stretch of the feed, and disciplines can be compared on the
 * same ones alone. Four in a row hold one stretch of each quarter of the feed by crowding.
 */
const typical: Readonly<Record<Profile, Windows>> = {
  smoke: { count: 2, ms: 60 },
  quick: { count: 3, ms: 100 },
  standard: { count: 4, ms: 130 },
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
  const headline: MetricName[] = ["latencyNsP50", "latencyNsP99", "cpuNsPerMessage"];
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
    cell(usual, headline, longWindowMs[profile]),
    warmedFor(newPath, cell({ ...usual, broadcast: "coalesced" }, headline)),
    cell({ codec: "sbe", mode: "passthrough", broadcast: "send" }),
    cell({ codec: "json", mode: "transcode", broadcast: "send" }),
    cell({ codec: "json", mode: "passthrough", broadcast: "native" }),
  ];
}

function warmedFor(times: number, { spec, ...planned }: ProfileCell): ProfileCell {
  return { ...planned, spec: { ...spec, warmupMs: times * spec.warmupMs } };
}

/** Open loop of market data: tick-to-client latency at the feed's own arrival times. */
function open(context: TrialContext<FeedCell>): Promise<OpenCell> {
  return openLoop(context, {
    publish: (asked) => publicationOf(context.cell, asked, context.shard?.index ?? 0),
    observe: ({ intendedNs, windowAtNs }, windowMs) => {
      const latency = new Histogram();
      const slices = new Slices(windowMs * 1e6);
      return {
        onArrival: (n, latencyNs) => {
          latency.record(latencyNs);
          slices.record((intendedNs[n] ?? 0) - windowAtNs, latencyNs);
        },
        finish: () => ({
          metrics: latencyMetrics(latency),
          histograms: { latency },
          slices,
        }),
      };
    },
  });
}

async function publicationOf(
  { feed, codec, mode }: FeedCell,
  { windowMs, stretch }: Pick<WindowAsked, "windowMs" | "stretch">,
  shard = 0,
): Promise<Publication> {
  const request = { feed, codec, mode, windowNs: windowMs * 1e6, leadNs: leadMs * 1e6, stretch };
  const schedule = await loadFeed(request);
  return {
    codec: schedule.codec,
    opcode: schedule.opcode,
    payloads: schedule.payloads,
    intendedNs: schedule.intendedNs,
    firstCounted: schedule.leadMessages,
    windowAtNs: schedule.leadNs,
    streams: schedule.streams,
    ...chosenOf(feed, schedule, shard),
    description: schedule.facts.description,
    loops: schedule.facts.loops,
    stretch: schedule.facts.stretch,
  };
}

/** Clients of one load process have numbers of their own, below this. */
const clientsPerShard = 65_536;

/** What each client takes of a feed of several symbols, the same in every window and for every candidate. */
function chosenOf(
  feed: FeedSpec,
  { streamOf }: Pick<Schedule, "streamOf">,
  shard: number,
): Pick<Publication, "chosen"> {
  if (feed.source !== "synthetic" || feed.symbols === undefined) return {};
  const { symbols, seed } = feed;
  const prefixes = new Map<number, ReadonlySet<string>>();
  const prefixesOf = (client: number) => {
    const known = prefixes.get(client);
    if (known !== undefined) return known;
    const chosen = [...symbolsOf(symbols, seed, shard * clientsPerShard + client)];
    const found = new Set(chosen.map((symbol) => symbolName(symbol).toLowerCase()));
    prefixes.set(client, found);
    return found;
  };
  const takes = (client: number, stream: string) =>
    prefixesOf(client).has(stream.slice(0, stream.indexOf("@")));
  return { chosen: { streamOf, takes } };
}

/** Subscribers that a message has on average. */
function takersOf({ feed, subscribers }: FeedCell): number {
  if (feed.source !== "synthetic" || feed.symbols === undefined) return subscribers;
  const { symbols, seed } = feed;
  const shares = zipfShares(symbols);
  const parts = Array.from({ length: subscribers }, (_, client) =>
    [...symbolsOf(symbols, seed, client)].reduce((sum, symbol) => sum + shares[symbol]!, 0),
  );
  return parts.reduce((sum, part) => sum + part, 0);
}

export const feed: MeasuredWorkload<FeedCell> = {
  open,
  cells,
  arrivals: async (spec, asked) => {
    const { intendedNs, windowAtNs, streams, chosen } = await publicationOf(spec, asked);
    const clients = Array.from({ length: spec.subscribers }, (_, client) => client);
    const takersOf = streams.map((stream) =>
      chosen === undefined
        ? spec.subscribers
        : clients.filter((client) => chosen.takes(client, stream)).length,
    );
    const dueNs = [...intendedNs].flatMap((atNs, n) =>
      Array<number>(chosen === undefined ? spec.subscribers : takersOf[chosen.streamOf[n]!]!).fill(atNs),
    );
    return { dueNs: Float64Array.from(dueNs), countedFromNs: windowAtNs };
  },
  offeredHz: async (spec) => (await feedHz(spec.feed)) * takersOf(spec),
};
