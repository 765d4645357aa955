import { z } from "zod";

/**
 * What takes subscribers their book: every connection is cut at once; the server is ended and started again, as a deploy does; or the
 * sockets stay up and nearly all messages on them stop.
 */
export const recoveryCauses = ["cut", "restart", "thin"] as const;
export const recoveryCause = z.enum(recoveryCauses);
export type RecoveryCause = z.infer<typeof recoveryCause>;

/** How long a server's end took, from SIGTERM on, and then its start, from the spawn until it was ready, in ns. */
export const restartTimes = z.strictObject({
  stopNs: z.number().nonnegative(),
  startNs: z.number().nonnegative(),
});
export type RestartTimes = z.infer<typeof restartTimes>;

/** One window of `recovery`: what was lost, and how soon each subscriber had the publisher's own book again. */
export const recoveryRecord = z.strictObject({
  cause: recoveryCause,
  /** When it happened, from the window's beginning. */
  atMs: z.number().nonnegative(),
  subscribers: z.int().positive(),
  /**
   * From the moment that it happened until a subscriber's book was the publisher's own by update id and checksum, for each of
   * them, in ns, rising. One whose book never was again is left out.
   */
  bookNs: z.array(z.number().nonnegative()),
  /** How much of the time until the last of those the generator's own loop stood still: it reads what a server sends by then. */
  ownNs: z.number().nonnegative(),
  /** The same until half of the subscribers had theirs, and 99 % of them. Absent where so many never did. */
  ownNsP50: z.number().nonnegative().optional(),
  ownNsP99: z.number().nonnegative().optional(),
  /** Updates that left in the window and that a subscriber never applied, over all of them. */
  lost: z.int().nonnegative(),
  /** Updates of the window that never left, since no server was there to take them: every subscriber lacks them. */
  unsent: z.int().nonnegative(),
  /** What came on a new connection of what had been published before it was agreed on, over all subscribers. */
  resent: z.strictObject({ messages: z.int().nonnegative(), bytes: z.int().nonnegative() }),
  /** Subscriptions that were answered that what they missed is no longer kept. */
  tooOld: z.int().nonnegative(),
  /** Absent where the server was left to run. */
  restart: restartTimes.optional(),
  /** Subscribers that found a live socket wanting, by a missing update or by silence, and when the median of them did. Absent for none. */
  noticed: z.strictObject({ subscribers: z.int().positive(), nsP50: z.number().nonnegative() }).optional(),
  /** The first sequence that was missing on a live socket which the generator had not thinned, and at how many subscribers. Absent for none. */
  missing: z.strictObject({ sequence: z.int().nonnegative(), subscribers: z.int().positive() }).optional(),
  /** Subscribers whose live sockets brought less than half of what was published, by the server's doing, and the share that never came. */
  thinned: z.strictObject({ subscribers: z.int().positive(), share: z.number().min(0).max(1) }).optional(),
});
export type RecoveryRecord = z.infer<typeof recoveryRecord>;

/** All counted windows of a cell together. */
export const recoveryResult = z.strictObject({
  cause: recoveryCause,
  windows: z.int().positive(),
  subscribers: z.int().positive(),
  /** Over all windows: subscribers that got their book back, and that did not. */
  recovered: z.int().nonnegative(),
  unrecovered: z.int().nonnegative(),
  /** Of the window that is in the middle by its half: as in its record. */
  bookNs: z.array(z.number().nonnegative()),
  ownNs: z.number().nonnegative(),
  tooOld: z.int().nonnegative(),
  /** Medians over the windows. Absent where the server was left to run. */
  restart: restartTimes.optional(),
  /** Over all windows; the time is the median of theirs. */
  noticed: recoveryRecord.shape.noticed,
  /** The first window's that has it, with the subscribers of all. */
  missing: recoveryRecord.shape.missing,
  /** The largest share, with the subscribers of all windows. */
  thinned: recoveryRecord.shape.thinned,
});
export type RecoveryResult = z.infer<typeof recoveryResult>;
