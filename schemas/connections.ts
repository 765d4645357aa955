import { z } from "zod";

/**
 * What became of the connections of a phase, each counted once. `refused`: nobody listened, or the upgrade was answered with another
 * status than 101. `reset`: the server ended the connection before it was served. `timedOut`: neither an answer nor an end within the
 * time limit. `wrong`: an answer that opens no WebSocket, or another one to SUBSCRIBE than the contract has.
 */
export const connectionFates = z.strictObject({
  due: z.int().nonnegative(),
  opened: z.int().nonnegative(),
  refused: z.int().nonnegative(),
  reset: z.int().nonnegative(),
  timedOut: z.int().nonnegative(),
  wrong: z.int().nonnegative(),
});
export type ConnectionFates = z.infer<typeof connectionFates>;

/** A slope in bytes a connection, with its 95 % interval. */
const slope = z.strictObject({ bytes: z.number(), ciLow: z.number(), ciHigh: z.number() });

/** Memory of a server at a moment at which so many connections were open and idle. */
const memoryStep = z.strictObject({
  connections: z.int().nonnegative(),
  rssBytes: z.number().nonnegative(),
});
export type MemoryStep = z.infer<typeof memoryStep>;

/** What one window of `connections` saw. */
export const connectionsMeasured = z.strictObject({
  ramp: connectionFates,
  storm: connectionFates,
  /** All cycles together. */
  cycles: connectionFates,
  /** Over the ramp; empty where the server's memory is not known. */
  steps: z.array(memoryStep),
  /** Least squares over `steps`; null below three of them. */
  perConnection: slope.nullable(),
  /** Time from the cut until each further hundredth of all connections was served again, in ns; shorter where some never were. */
  stormNs: z.array(z.number().nonnegative()),
  /** How late the generator itself began the storm's connections, in ns; that of the ramp's is the measurement's own. */
  stormLatenessNs: z
    .strictObject({ p50: z.number().nonnegative(), p99: z.number().nonnegative() })
    .optional(),
  /** Resident bytes once all connections had left: before the ramp, and after each cycle. */
  restBytes: z.array(z.number().nonnegative()),
  /** Sockets that the server still held 2 s after the last connection had left, at most over the cycles. */
  heldSockets: z.int().nonnegative(),
});
export type ConnectionsMeasured = z.infer<typeof connectionsMeasured>;

/** `grows`: the memory at rest rises from cycle to cycle. `steady`: no such trend is shown. `too-few`: so few cycles show nothing. */
export const leakReading = z.enum(["grows", "steady", "too-few"]);

/** What the rounds of a result say of its connections. */
export const connectionsResult = z.strictObject({
  /** Over all rounds and phases. */
  fates: connectionFates,
  /** Of the middle round. */
  steps: z.array(memoryStep),
  perConnection: slope.nullable(),
  stormNs: z.array(z.number().nonnegative()),
  restBytes: z.array(z.number().nonnegative()),
  heldSockets: z.int().nonnegative(),
  leak: z.strictObject({
    reads: leakReading,
    /** Rounds in which the memory at rest rose beyond chance, of those with enough cycles. */
    rising: z.int().nonnegative(),
    rounds: z.int().nonnegative(),
  }),
});
export type ConnectionsResult = z.infer<typeof connectionsResult>;
