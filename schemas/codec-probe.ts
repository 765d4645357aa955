import { z } from "zod";
import { codecOperation, messageKind } from "./workloads/codec.ts";

/** What a probe is asked for, a line of JSON on its standard input. */
export const probeRequest = z.strictObject({
  operation: codecOperation,
  message: messageKind,
  warmupMs: z.number().nonnegative(),
  windowMs: z.number().positive(),
});
export type ProbeRequest = z.infer<typeof probeRequest>;

/** What it found, a line of JSON on its standard output. Times are of one operation, in ns. */
export const probeAnswer = z.strictObject({
  meanNs: z.number().positive(),
  p50Ns: z.number().positive(),
  p99Ns: z.number().positive(),
  /** Means that the percentiles are of: each is over as many operations as outweigh the clock's resolution. */
  samples: z.int().positive(),
  operations: z.int().positive(),
  elapsedNs: z.number().positive(),
  /** Growth of the heap by one operation, where the runtime reports it. */
  heapBytes: z.number().nonnegative().nullable(),
});
export type ProbeAnswer = z.infer<typeof probeAnswer>;
