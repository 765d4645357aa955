import { z } from "zod";
import { feedSpec } from "./feed.ts";
import { broadcast } from "./ready.ts";

export const codecs = ["json", "sbe", "raw"] as const;
export const codec = z.enum(codecs);
export type Codec = z.infer<typeof codec>;

export const workloads = ["echo", "push", "feed", "fanout"] as const;
export const workload = z.enum(workloads);
export type Workload = z.infer<typeof workload>;

/** Whether the gateway forwards bytes as they came, or decodes, validates and encodes them again. */
export const gatewayMode = z.enum(["passthrough", "transcode"]);

/** Whether a workload sends on a schedule, whatever comes back: the loops whose latencies mean something. */
export const isOpenLoop = (of: Workload): boolean => of === "feed" || of === "fanout";

const timing = {
  /** Length of the unmeasured part before the window, in ms. */
  warmupMs: z.int().nonnegative(),
  /** Length of the measured window, in ms. */
  windowMs: z.int().positive(),
};

/** Closed loop: `connections` sockets, each with `window` messages in flight. Window 1 on one socket is driven by mitata. */
export const echoCell = z.strictObject({
  workload: z.literal("echo"),
  codec,
  /** Payload bytes of a `raw` message. JSON and SBE echo a best-bid-ask message at its natural size, and give null. */
  bytes: z.int().min(8).nullable(),
  connections: z.int().positive(),
  window: z.int().positive(),
  ...timing,
});

/** The server generates: each connection asks for batches of `count` messages until the window ends. */
export const pushCell = z.strictObject({
  workload: z.literal("push"),
  codec,
  /** Payload bytes of each message (a minimum for json and sbe, whose messages pad up to it). */
  bytes: z.int().min(8),
  connections: z.int().positive(),
  count: z.int().positive(),
  ...timing,
});

/** Open loop: one publisher follows a schedule, `subscribers` sockets receive every message. */
export const feedCell = z.strictObject({
  workload: z.literal("feed"),
  codec: z.enum(["json", "sbe"]),
  mode: gatewayMode,
  broadcast,
  subscribers: z.int().positive(),
  feed: feedSpec,
  ...timing,
});

/** Open loop: one stream at a constant rate to many subscribers; first and last receipt of each message are kept. */
export const fanoutCell = z.strictObject({
  workload: z.literal("fanout"),
  codec: z.enum(["json", "sbe"]),
  broadcast,
  subscribers: z.int().positive(),
  /** Messages published per second, before fan-out. */
  rateHz: z.number().positive(),
  ...timing,
});

/** What is asked of a candidate: one workload, one codec, one set of parameters. */
export const cellSpec = z.discriminatedUnion("workload", [echoCell, pushCell, feedCell, fanoutCell]);
export type CellSpec = z.infer<typeof cellSpec>;
export type EchoCell = z.infer<typeof echoCell>;
export type PushCell = z.infer<typeof pushCell>;
export type FeedCell = z.infer<typeof feedCell>;
export type FanoutCell = z.infer<typeof fanoutCell>;

/** What a server must offer for a cell to be measured on it, e.g. `echo/raw` or `feed/json/passthrough/loop`. */
export function serviceOf(spec: CellSpec): string {
  switch (spec.workload) {
    case "echo":
    case "push":
      return `${spec.workload}/${spec.codec}`;
    case "feed":
      return `feed/${spec.codec}/${spec.mode}/${spec.broadcast}`;
    case "fanout":
      return `fanout/${spec.codec}/${spec.broadcast}`;
  }
}

/**
 * Stable name of a cell's specification, e.g. `echo/raw/64B/c32w32` or `fanout/json/native/s100@200Hz`.
 * Timing is left out: two cells that differ in timing alone are the same question.
 */
export function cellId(spec: CellSpec): string {
  switch (spec.workload) {
    case "echo":
      return `echo/${spec.codec}${spec.bytes === null ? "" : `/${spec.bytes}B`}/c${spec.connections}w${spec.window}`;
    case "push":
      return `push/${spec.codec}/${spec.bytes}B/c${spec.connections}`;
    case "feed":
      return `feed/${spec.codec}/${spec.mode}/${spec.broadcast}/s${spec.subscribers}`;
    case "fanout":
      return `fanout/${spec.codec}/${spec.broadcast}/s${spec.subscribers}@${spec.rateHz}Hz`;
  }
}
