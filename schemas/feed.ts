import { z } from "zod";
import { feedPresets } from "./names.ts";

export const feedPreset = z.enum(feedPresets);
export type FeedPreset = z.infer<typeof feedPreset>;

/** Symbols that share the messages of a feed, the busiest first: each has a part in proportion to 1 ÷ (its rank to the power of `zipf`). */
export const feedSymbols = z.strictObject({
  count: z.int().min(2).max(1000),
  zipf: z.number().min(0).max(4),
});
export type FeedSymbols = z.infer<typeof feedSymbols>;

/** Where the arrival schedule and the messages come from. The same spec gives the same bytes on every machine. */
export const feedSpec = z.discriminatedUnion("source", [
  z.strictObject({
    source: z.literal("synthetic"),
    preset: feedPreset,
    /** Seed of the generator, 32 bits unsigned. */
    seed: z.int().nonnegative().max(0xffffffff),
    /** Speed-up of the schedule: 2 halves every gap. */
    rate: z.number().positive(),
    /** Mean messages per second before `rate`, for the flat presets alone; null lets the preset decide. */
    meanHz: z.number().positive().nullable(),
    /** Absent for one symbol. */
    symbols: feedSymbols.optional(),
  }),
  z.strictObject({
    source: z.literal("capture"),
    /** Path of an NDJSON capture, plain or gzip. */
    file: z.string().min(1),
    rate: z.number().positive(),
    /** Stream of the frames that name none, e.g. `btcusdt@trade`; absent: each message must name it. */
    stream: z.string().min(1).optional(),
  }),
]);
export type FeedSpec = z.infer<typeof feedSpec>;

/** Messages per second, and the mean over messages of how many arrive within 100 ms from each: of the part, and of the whole feed. */
const density = {
  meanHz: z.number().nonnegative(),
  sourceHz: z.number().nonnegative(),
  crowding: z.number().nonnegative(),
  sourceCrowding: z.number().nonnegative(),
};

/** The part of a feed that one window replays. Times are the source's own; rates and crowding are those sent. */
export const feedStretch = z.strictObject({
  /** The number that was asked for: one number gives the same bytes to every candidate. */
  stretch: z.int().nonnegative(),
  /** Which draw of the model it lies in; 0 for a capture. */
  draw: z.int().nonnegative(),
  /** Where it begins in its draw, or in the capture with its holes taken out, in ns. */
  fromNs: z.number(),
  lengthNs: z.number().positive(),
  messages: z.int().nonnegative(),
  ...density,
});
export type FeedStretch = z.infer<typeof feedStretch>;

/** What a capture was found to be, and what was done to it before it could be replayed. */
export const recordingFacts = z.strictObject({
  file: z.string(),
  lines: z.int().nonnegative(),
  /** Messages that are replayed. */
  messages: z.int().positive(),
  /** From the first message to the last, without the holes. */
  durationNs: z.number().positive(),
  /** How its receive times are written, and the step that they are written in. */
  clock: z.enum(["s", "ms", "µs", "ns", "ISO 8601"]),
  resolutionNs: z.number().positive(),
  /** Receive times that fell a little, and were raised to the line before: the order of lines is the exchange's. */
  raisedTimes: z.int().nonnegative(),
  /** Places where the file went back in time by a second or more; above 0, all was sorted by receive time. */
  joins: z.int().nonnegative(),
  /** Messages that stood twice in such a file, and are replayed once. */
  duplicates: z.int().nonnegative(),
  /** Gaps far beyond the recording's own, which are left out. */
  holes: z.strictObject({
    count: z.int().nonnegative(),
    totalNs: z.number().nonnegative(),
    longestNs: z.number().nonnegative(),
  }),
  /** Lines that are no market message, by kind, the most frequent first. */
  leftOut: z.array(
    z.strictObject({
      kind: z.string(),
      lines: z.int().positive(),
      firstLine: z.int().positive(),
      /** What was wrong with the first of them, where it would have been a market message. */
      reason: z.string().nullable(),
    }),
  ),
});
export type RecordingFacts = z.infer<typeof recordingFacts>;

/** What a feed cell replayed of its feed, over all windows that count. Times are the feed's own, rates are those sent. */
export const feedCoverage = z.strictObject({
  cell: z.string(),
  feed: z.string(),
  /** Different stretches, and the messages in them. */
  stretches: z.int().positive(),
  messages: z.int().nonnegative(),
  /** How much of the feed they cover, and how long it is: null for a model, which has no end. */
  replayedNs: z.number().positive(),
  sourceNs: z.number().positive().nullable(),
  /** The one ÷ the other, 0 to 1. */
  share: z.number().min(0).max(1).nullable(),
  ...density,
  /** How each candidate's latency p99 ÷ the reference's varied from stretch to stretch; of stretches that both have. */
  ratios: z.array(
    z.strictObject({
      candidate: z.string(),
      stretches: z.int().min(2),
      low: z.number().positive(),
      median: z.number().positive(),
      high: z.number().positive(),
    }),
  ),
  /** Null for a model. */
  recording: recordingFacts.nullable(),
});
export type FeedCoverage = z.infer<typeof feedCoverage>;
