import { z } from "zod";
import { slowConsumerPolicies } from "./names.ts";

/** How a server treats a subscriber whose unsent bytes pass the limit. One policy for every candidate of a run. */
export const slowConsumerPolicy = z.enum(slowConsumerPolicies);
export type SlowConsumerPolicy = z.infer<typeof slowConsumerPolicy>;

/**
 * How a gateway writes: each message to each subscriber as it comes (`send`), what a subscriber is owed of one turn of the
 * event loop in one write (`coalesced`), or by the runtime's own topic publish (`native`).
 */
export const broadcasts = ["send", "coalesced", "native"] as const;
export const broadcast = z.enum(broadcasts);
export type Broadcast = z.infer<typeof broadcast>;

/** Whether the gateway forwards bytes as they came, or decodes, validates and encodes them again. */
export const gatewayMode = z.enum(["passthrough", "transcode"]);

/** Every server option that could move a figure. Declared on the ready line so that none can hide. */
export const serverOptions = z.strictObject({
  /** permessage-deflate offered or accepted. */
  compression: z.boolean(),
  /** Largest message accepted before the connection is closed with 1009, in bytes. */
  maxPayloadBytes: z.int().positive(),
  /** Unsent bytes of one subscriber at which the slow-consumer policy applies. */
  backpressureLimitBytes: z.int().positive(),
  slowConsumer: slowConsumerPolicy,
  /** Seconds without traffic before the server closes a WebSocket; 0 is never. */
  idleTimeoutSeconds: z.int().nonnegative(),
  /** TCP_NODELAY on accepted sockets. */
  noDelay: z.boolean(),
  /** Whether the server checks that text messages are UTF-8, as RFC 6455 section 8.1 demands. */
  utf8Validation: z.boolean(),
  /** listen(2) backlog asked for; null where the runtime does not let a program choose. */
  backlog: z.int().positive().nullable(),
  /** The broadcast variants served, `send` first. */
  broadcast: z.array(broadcast).min(1),
  /**
   * What is kept at most for subscribers that resume, in messages and in bytes of their payloads: the memory that `keep=on` may take.
   * Absent where resuming is not served.
   */
  replayMessages: z.int().positive().optional(),
  replayBytes: z.int().positive().optional(),
  /** How many processes share its port, each with its own subscribers; absent where one serves alone. */
  processes: z.int().min(2).optional(),
  /** Whether it is served over TLS; absent where a server does not say. */
  tls: z.boolean().optional(),
});
export type ServerOptions = z.infer<typeof serverOptions>;

export const versioned = z.strictObject({ name: z.string().min(1), version: z.string().min(1) });
export type Versioned = z.infer<typeof versioned>;

/** The version of what never started, and of a server that reports none. */
export const unknownVersion = "unknown";

/** The one line of JSON that a candidate prints on stdout once it accepts connections. */
export const readyLine = z.strictObject({
  ready: z.literal(true),
  port: z.int().min(1).max(65535),
  candidate: z.string().min(1),
  runtime: versioned,
  framework: versioned,
  options: serverOptions,
});
export type ReadyLine = z.infer<typeof readyLine>;

/** What `GET /health` answers. */
export const health = readyLine.extend({
  uptimeMs: z.number().nonnegative(),
  rssBytes: z.int().positive(),
  openConnections: z.int().nonnegative(),
});
export type Health = z.infer<typeof health>;
