import { z } from "zod";

/** What one window of a soak found. All windows of a soak replay the same stretch of the feed. */
export const soakWindow = z.strictObject({
  /** Beginning, in seconds from the beginning of the soak. */
  atS: z.number().nonnegative(),
  /** Null where nothing arrived. */
  latencyNsP99: z.number().nonnegative().nullable(),
  /** The longest that a delivery was held up, and how much of it the generator's own loop stood still. */
  pauseNs: z.number().nonnegative(),
  ownNs: z.number().nonnegative(),
  /** Resident bytes of the server at the window's end; null where they are not known. */
  rssBytes: z.number().nonnegative().nullable(),
  /** Deliveries that were lost, doubled, out of order or changed. */
  flawed: z.int().nonnegative(),
  /** Whether others disturbed it: its latencies then say nothing about the server. */
  disturbed: z.boolean(),
  /** p99 of each second, in ns; one value where the window is shorter than a few seconds. */
  secondsP99Ns: z.array(z.number().nonnegative()),
});
export type SoakWindow = z.infer<typeof soakWindow>;

/** One candidate under one load for a long time, on one process. */
export const soakRecord = z.strictObject({
  windowMs: z.number().positive(),
  windows: z.array(soakWindow),
});
export type SoakRecord = z.infer<typeof soakRecord>;

/**
 * Whether something grows with time: `rising` where the whole interval of its growth lies above the threshold of its family, `flat`
 * where it lies below the margin of equality, `undecided` else, and with too few windows.
 */
export const trendVerdict = z.enum(["rising", "flat", "undecided"]);
export type TrendVerdict = z.infer<typeof trendVerdict>;

export const soakTrend = z.strictObject({
  verdict: trendVerdict,
  /** Growth over what was tested, in percent, by Sen's slope on logarithms, with its 95 % interval; null for too few windows. */
  growthPct: z.number().nullable(),
  ciLowPct: z.number().nullable(),
  ciHighPct: z.number().nullable(),
  /** Mann–Kendall's two-sided p, corrected for neighbours that resemble each other. */
  p: z.number().min(0).max(1).nullable(),
  /** The same growth in an hour, in the figure's own unit. */
  perHour: z.number().nullable(),
  /** Windows that were tested. */
  windows: z.int().nonnegative(),
});
export type SoakTrend = z.infer<typeof soakTrend>;

/** What a soak says of one candidate. */
export const soakResult = z.strictObject({
  candidate: z.string(),
  cell: z.string(),
  /** How long it was, in seconds. */
  lengthS: z.number().nonnegative(),
  windowMs: z.number().positive(),
  windows: z.int().nonnegative(),
  disturbed: z.int().nonnegative(),
  flawed: z.int().nonnegative(),
  /** Both tested behind the first third, in which a heap grows to its size. */
  rss: soakTrend,
  latency: soakTrend,
  /** Longest that a delivery was held up for by anything but the generator, in the windows that nobody disturbed. */
  longestPause: z.strictObject({ atS: z.number().nonnegative(), ns: z.number().nonnegative() }).nullable(),
  /** For a chart: the worst second's p99, and the last memory, of each step. */
  points: z.array(
    z.strictObject({
      atS: z.number().nonnegative(),
      p99Ns: z.number().nonnegative().nullable(),
      rssBytes: z.number().nonnegative().nullable(),
    }),
  ),
});
export type SoakResult = z.infer<typeof soakResult>;
