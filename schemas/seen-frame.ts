import { z } from "zod";
import { trialPhase } from "./trial-phase.ts";

/** One WebSocket frame as it crossed the wire of a trial. */
export const seenFrame = z.strictObject({
  /** Connections in the order in which they were opened, from 0. */
  connection: z.int().nonnegative(),
  direction: z.enum(["sent", "received"]),
  /** Since the cell began to open, in ms: when its last byte was written or read. */
  atMs: z.number().nonnegative(),
  phase: trialPhase,
  /** RFC 6455 section 5.2. */
  opcode: z.int().min(0).max(15),
  /** Last frame of its message. */
  final: z.boolean(),
  /** Of the payload. */
  bytes: z.int().nonnegative(),
  /** Beginning of the payload: text as it is, bytes as hex, of a close frame its code and reason. */
  payload: z.string(),
});
export type SeenFrame = z.infer<typeof seenFrame>;
