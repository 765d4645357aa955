import type { FeedSpec } from "../../../schemas/feed.ts";
import type { WindowAsked } from "../../../schemas/load.ts";
import type { FeedCell } from "../../../schemas/workloads/feed.ts";
import { feedHz } from "../../feed/check.ts";
import { loadFeed, type Schedule } from "../../feed/schedule.ts";
import { symbolName, symbolsOf, zipfShares } from "../../feed/symbols.ts";
import { Histogram } from "../../load/histogram.ts";
import type { OpenCell, TrialContext } from "../context.ts";
import { latencyMetrics } from "../metrics.ts";
import { leadMs, openLoop } from "../open-loop.ts";
import type { Publication } from "../sides.ts";

/** Open loop of market data: tick-to-client latency at the feed's own arrival times. */
export function open(context: TrialContext<FeedCell>): Promise<OpenCell> {
  return openLoop(context, {
    publish: (asked) => publicationOf(context.cell, asked, context.shard?.index ?? 0),
    observe: ({ intendedNs, windowAtNs }, slices) => {
      const latency = new Histogram();
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

/** Clients of one load process have their own numbers, below this. */
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

/** Deliveries that a cell offers a second, over all its receivers. */
export async function offeredHz(spec: FeedCell): Promise<number> {
  return (await feedHz(spec.feed)) * takersOf(spec);
}

/** When each delivery of a window is due. */
export async function arrivals(
  spec: FeedCell,
  asked: Pick<WindowAsked, "windowMs" | "stretch">,
): Promise<{ readonly dueNs: Float64Array; readonly countedFromNs: number }> {
  const { intendedNs, windowAtNs, streams, chosen } = await publicationOf(spec, asked);
  const clients = Array.from({ length: spec.subscribers }, (_, client) => client);
  const takersOfStream = streams.map((stream) =>
    chosen === undefined ? spec.subscribers : clients.filter((client) => chosen.takes(client, stream)).length,
  );
  const dueNs = [...intendedNs].flatMap((atNs, n) =>
    Array<number>(chosen === undefined ? spec.subscribers : takersOfStream[chosen.streamOf[n]!]!).fill(atNs),
  );
  return { dueNs: Float64Array.from(dueNs), countedFromNs: windowAtNs };
}
