import { z } from "zod";
import { insideFigures } from "./inside.ts";

/** Three points of a distribution, in ns. */
export const tail = z.strictObject({
  p50: z.number().nonnegative(),
  p90: z.number().nonnegative(),
  p99: z.number().nonnegative(),
});
export type Tail3 = z.infer<typeof tail>;

/** What a server asked of the kernel in one window, by strace. It slows the server down, so that no time is reported from it. */
export const systemCalls = z.strictObject({
  deliveries: z.int().positive(),
  calls: z.int().nonnegative(),
  /** Calls that write: write, writev, send, sendto, sendmsg and their kin; and the bytes that they took. */
  writes: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  /** The most frequent, the first first. */
  top: z.array(z.strictObject({ name: z.string(), calls: z.int().positive() })),
});
export type SystemCalls = z.infer<typeof systemCalls>;

/** Why system calls were not counted, or why a runtime said nothing. */
export const notMeasuredCode = z.enum([
  "no-strace",
  "not-permitted",
  "process-unknown",
  "nothing-delivered",
  /** The runtime has no way to be asked, as Python's has not here. */
  "runtime-tells-nothing",
  "own-server",
  "no-answer",
]);
export type NotMeasuredCode = z.infer<typeof notMeasuredCode>;
const notMeasured = z.strictObject({ notMeasured: notMeasuredCode });

/** The cell's schedule at a multiple of its rate, through one server that takes the same time for each delivery. */
export const queueAt = z.strictObject({
  times: z.number().positive(),
  /** Share of the time that the server works: at 1 and above its queue grows without end. */
  utilisation: z.number().nonnegative(),
  queue: tail,
});
export type QueueAt = z.infer<typeof queueAt>;

/** What one candidate's trial found: what its deliveries cost, and why they take as long as they do. */
export const whyRecord = z.strictObject({
  windowMs: z.number().positive(),
  deliveriesHz: z.number().nonnegative(),
  /** At the cell's own rate; null where nothing arrived. */
  measured: tail.nullable(),
  /** At a multiple of it, which the model has not seen. */
  heldOut: z.strictObject({ times: z.number().positive(), measured: tail.nullable() }),
  /** Windows of the two that others disturbed. */
  disturbed: z.int().nonnegative(),
  /** A delivery, of the server's processes; null where these are not known. */
  cost: z
    .strictObject({
      cpuNs: z.number().nonnegative(),
      voluntarySwitches: z.number().nonnegative(),
      involuntarySwitches: z.number().nonnegative(),
    })
    .nullable(),
  systemCalls: z.union([systemCalls, notMeasured]),
  inside: z.union([insideFigures, notMeasured]),
  /** At 1, 2 and 4 times the rate; empty where the cost of a delivery is not known. */
  model: z.array(queueAt),
});
export type WhyRecord = z.infer<typeof whyRecord>;

/** What is expected at a multiple of the rate: the queue there, and the residual of the cell's own rate. */
export const whyPrediction = z.strictObject({
  times: z.number().positive(),
  utilisation: z.number().nonnegative(),
  predicted: tail,
  /** Null where it was not measured. */
  measured: tail.nullable(),
  /** Predicted ÷ measured − 1, in percent. */
  errorPct: z.strictObject({ p50: z.number(), p90: z.number(), p99: z.number() }).nullable(),
});

export const whyResult = z.strictObject({
  candidate: z.string(),
  cell: z.string(),
  ...whyRecord.omit({ model: true, heldOut: true }).shape,
  /** Null where there is no model. */
  explained: z
    .strictObject({
      utilisation: z.number().nonnegative(),
      queue: tail,
      /** Measured less queue: what the model does not explain, such as wake-ups, the kernel and the wire. It may be below 0. */
      residual: z.strictObject({ p50: z.number(), p90: z.number(), p99: z.number() }),
      predictions: z.array(whyPrediction),
    })
    .nullable(),
});
export type WhyResult = z.infer<typeof whyResult>;
