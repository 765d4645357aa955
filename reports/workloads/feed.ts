import type { FeedCell } from "../../schemas/workloads/feed.ts";
import { formatCount, formatPct } from "../format.ts";
import { broadcastNames, codecNames, subscribersOf, variantWords, type WorkloadWords } from "./workload.ts";

const to = ({ codec, subscribers }: FeedCell): string =>
  `${codecNames[codec]} to ${formatCount(subscribers, "subscriber")}`;
/** The preset of a cell that has one of its own. */
const ofPreset = ({ preset }: FeedCell): string => (preset === undefined ? "" : `, preset ${preset}`);
/** Those that are not timed, of the cells that have such. */
const ofSlow = ({ slow }: FeedCell): string =>
  slow === undefined ? "" : `, ${formatPct(100 * slow)} of them not reading`;
const ofReturning = ({ returning, subscribers }: FeedCell): string =>
  returning === undefined ? "" : `, ${Math.ceil(returning * subscribers)} more that reconnect in mid-window`;
const transcoded = ({ mode }: FeedCell): string => (mode === "transcode" ? ", transcoded" : "");

export const feed: WorkloadWords<FeedCell> = {
  phrase: (spec) =>
    `the ${codecNames[spec.codec]} feed to ${formatCount(spec.subscribers, "subscriber")}${transcoded(spec)}${variantWords(spec.broadcast)}${ofPreset(spec)}`,
  title: (spec) =>
    `${to(spec)}, ${spec.mode}, ${broadcastNames[spec.broadcast]}${ofPreset(spec)}${ofSlow(spec)}${ofReturning(spec)}`,
  column: (spec) =>
    `${codecNames[spec.codec]} feed${transcoded(spec)}${spec.broadcast === "send" ? "" : `, ${spec.broadcast}`}${ofPreset(spec)}`,
  terminal: ({ codec, broadcast, preset }) =>
    `${codec === "json" ? "feed" : `${codecNames[codec]} feed`}${broadcast === "send" ? "" : ` ${broadcast}`}${preset === undefined ? "" : ` ${preset}`}`,
  load: (specs, rate) => {
    const replayed = specs[0]?.feed;
    const kind =
      replayed?.source === "synthetic" ? `a synthetic feed (${replayed.preset})` : "a recorded feed";
    return `${kind} to ${subscribersOf(specs)}${rate === null ? "" : `, delivered at ${rate} in all`}`;
  },
  latency: {
    curve: "Tick-to-client latency by percentile",
    section: ["Latency of the feed", " (open loop)"],
    intro:
      "From the time a message was due to its receipt by a subscriber, at the same offered rate for every candidate. The rate below each name is deliveries per second. Tables and curves give the median of the rounds, with its 95 % interval.",
    rate: "deliveries",
  },
  throughput: null,
};
