import { z } from "zod";
import { slowConsumerPolicy } from "./ready.ts";

/** What a server says that it does with a subscriber that does not read, and at how many unsent bytes. */
export const declaredPolicy = z.strictObject({
  policy: slowConsumerPolicy,
  limitBytes: z.int().positive(),
});
export type DeclaredPolicy = z.infer<typeof declaredPolicy>;

/** The settings of a server that was given no others (docs/CONTRACT.md). */
export const contractPolicy: DeclaredPolicy = { policy: "disconnect", limitBytes: 16 * 1024 * 1024 };

/** What became of one subscriber that stopped reading. */
export const stoppedSubscriber = z.strictObject({
  /**
   * Unsent bytes that the server held for it when the policy struck: what the others had by then, less what this one had read and
   * what the kernel held. Lowest and highest that the looks allow; null where the policy did not strike or the kernel does not report it.
   */
  queuedBytes: z.strictObject({ low: z.number(), high: z.number() }).nullable(),
  /** The most that the server can have held for it, had it dropped nothing; null where the kernel does not report it. */
  owedBytesMax: z.number().nonnegative().nullable(),
  /** Of that, what lay in the kernel's buffers at the last look; null where it does not report it. */
  kernelBytes: z.number().nonnegative().nullable(),
  /** Whether the server ended the connection, or left messages out. */
  struck: z.boolean(),
  /** Close code that it ended with, 1006 for none; null where it lived. */
  closeCode: z.int().nullable(),
  /** Messages left out before one that came, so that they are no end cut off. */
  missing: z.int().nonnegative(),
  /** Of those, what was left out though all before it had been read: nothing waited that could have reached the limit. */
  missingIdle: z.int().nonnegative(),
  /** Arrivals out of the order of their stream, doubled, or not what was sent. */
  reorders: z.int().nonnegative(),
  duplicates: z.int().nonnegative(),
  corrupt: z.int().nonnegative(),
  /** Where the policy is to conflate: streams of quotes with messages left out, and those of which the newest never came, though none followed it for a while. */
  conflated: z.int().nonnegative(),
  stale: z.int().nonnegative(),
});
export type StoppedSubscriber = z.infer<typeof stoppedSubscriber>;

/** One window in which subscribers stop reading. The ledger and the latencies beside it are of those that go on. */
export const stoppedReading = z.strictObject({
  declared: declaredPolicy,
  subscribers: z.array(stoppedSubscriber),
  /** p99 of the others before anybody stopped; null where too few messages came. */
  calmNsP99: z.number().nonnegative().nullable(),
});
export type StoppedReading = z.infer<typeof stoppedReading>;

/**
 * How a server deviates from what it says. `never-disconnected`: it lives though the limit is far behind. `unbounded`: so it is with
 * another policy. `early` and `late`: at another number of bytes. `wrong-close`: with another close code. `wrong-content`:
 * messages left out, doubled or out of order that the policy does not allow. `healthy-disturbed`: the others lost messages, or
 * their p99 rose.
 */
export const policyDeviations = [
  "never-disconnected",
  "unbounded",
  "early",
  "late",
  "wrong-close",
  "wrong-content",
  "healthy-disturbed",
] as const;
export const policyDeviation = z.enum(policyDeviations);
export type PolicyDeviation = z.infer<typeof policyDeviation>;

/** Whether a server does what it says: `not-observed` where the limit was never reached, or nothing shows that it was. */
export const policyVerdicts = ["kept", "deviates", "not-observed"] as const;

const range = z.strictObject({ min: z.number(), median: z.number(), max: z.number() });

/** What all windows of a result say of the declared policy. */
export const policyKept = z.strictObject({
  declared: declaredPolicy,
  verdict: z.enum(policyVerdicts),
  /** Kinds seen in half of the windows or more, which make the verdict, and the rest. */
  deviations: z.array(z.strictObject({ kind: policyDeviation, windows: z.int().positive() })),
  windows: z.int().positive(),
  /** Subscribers that stopped, over all windows, and those that the policy struck. */
  stopped: z.int().nonnegative(),
  struck: z.int().nonnegative(),
  /** Unsent bytes when it struck; null where it was not seen. */
  queuedBytes: range.nullable(),
  closeCodes: z.array(z.int()),
  calmNsP99: z.number().nonnegative().nullable(),
});
export type PolicyKept = z.infer<typeof policyKept>;

/** What a publisher met that offers more than the server can take. */
export const flooding = z.strictObject({
  /** What the server took in when it was kept busy and not more, in published messages per second. */
  capacityHz: z.number().positive(),
  /** Offered within the window, by the schedule. */
  offered: z.int().nonnegative(),
  offeredBytes: z.number().nonnegative(),
  /** Of that, what the connection took. */
  accepted: z.int().nonnegative(),
  acceptedBytes: z.number().nonnegative(),
  /** How long the connection took nothing, as a share of the window. */
  blockedShare: z.number().min(0).max(1),
  /** How fast the server's memory grew within the window, in bytes per second; null where it is not known. */
  rssGrowthBytesHz: z.number().nullable(),
  /** The most that it had accepted and not yet delivered, in published bytes: what waits in it and in the kernel. */
  backlogBytesMax: z.number().nonnegative(),
});
export type Flooding = z.infer<typeof flooding>;

/**
 * What becomes of what a server cannot take. `reaches`: the publisher's writes are not taken, so that it knows. `buffers`: the
 * server takes it and delivers it late. `sheds`: it takes it and loses messages.
 */
export const backPressures = ["reaches", "buffers", "sheds"] as const;
export const flooded = z.strictObject({
  backPressure: z.enum(backPressures),
  offeredHz: z.number().nonnegative(),
  capacityHz: z.number().nonnegative(),
  acceptedShare: z.number().min(0).max(1),
  blockedShare: z.number().min(0).max(1),
  rssGrowthBytesHz: z.number().nullable(),
  backlogBytesMax: z.number().nonnegative(),
  lost: z.int().nonnegative(),
  accepted: z.int().nonnegative(),
});
export type Flooded = z.infer<typeof flooded>;
