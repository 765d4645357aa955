import { z } from "zod";
import { cellSpec } from "./cell.ts";
import {
  failureCode,
  generatorFault,
  loadReply,
  refusal,
  remoteRequest,
  unattributed,
  visitFlagCode,
  windowUse,
} from "./load.ts";
import { readyLine, slowConsumerPolicy } from "./ready.ts";
import { trialPhase } from "./trial-phase.ts";
import { visible } from "./visible.ts";

/** Words from whoever can write to the Redis, which end on terminals: nothing in them steers one. */
const words = z.string().overwrite(visible);

/** What an agent is, as it says itself when it comes. */
export const agentFacts = z.strictObject({
  /** Its own among all agents of a Redis: a part of the queue's name that it takes requests from. */
  name: z.string().regex(/^[\w.-]{1,100}$/, "must be 1 to 100 letters, digits, dots, dashes and underscores"),
  /** What it is for: to make load, or to start the servers on its host. */
  role: z.enum(["load", "server"]),
  toolVersion: words.max(100),
  /** Fingerprint of everything that runner and agent say to each other: where it differs, they do not understand each other. */
  protocol: words.max(100),
  /** Its host, and the core that its load process or its servers are bound to; null where they are bound to none. */
  host: z.strictObject({
    cpu: words.max(200),
    cores: z.int().positive(),
    memoryBytes: z.int().positive(),
    system: words.max(200),
    core: z.int().nonnegative().nullable(),
  }),
});
export type AgentFacts = z.infer<typeof agentFacts>;

/** What one agent is asked; each is a job of its queue. `run` is who asks: an agent serves one run at a time. */
const asking = { protocol: z.string().max(100), run: z.string().regex(/^[\w-]{1,100}$/) };
export const agentRequest = z.discriminatedUnion("type", [
  /** To serve this run; says what it is, and does no harm where it does already. */
  z.strictObject({ type: z.literal("claim"), ...asking }),
  /** How its clock stands to the clock of Redis, over the next `horizonMs`. */
  z.strictObject({ type: z.literal("clock"), ...asking, horizonMs: z.number().nonnegative().max(3_600_000) }),
  /** A request to its load process, which has `limitMs` for it. */
  z.strictObject({
    type: z.literal("cell"),
    ...asking,
    limitMs: z.int().positive().max(3_600_000),
    request: remoteRequest,
  }),
  /** Ends its load process; the next cell finds a new one. */
  z.strictObject({ type: z.literal("restart"), ...asking }),
  /**
   * To start a server of the manifest, or the null server, by its id: no job can name a program. The server before it must have been
   * stopped, but for the null server, which stays. `server` is what later requests call it.
   */
  z.strictObject({
    type: z.literal("serve"),
    ...asking,
    server: z.string().max(100),
    candidate: z.string().max(100),
    port: z.int().min(0).max(65535),
    readyMs: z.number().positive().max(600_000),
    slowConsumer: slowConsumerPolicy,
    backpressureLimitBytes: z.int().positive(),
  }),
  /** To look at a server at an edge of a window of this cell. */
  z.strictObject({
    type: z.literal("watch"),
    ...asking,
    server: z.string().max(100),
    edge: z.enum(["opening", "connected", "begin", "end"]),
    cell: cellSpec,
  }),
  /** Whether it still runs. */
  z.strictObject({ type: z.literal("alive"), ...asking, server: z.string().max(100) }),
  /** A last look at it, and its end. */
  z.strictObject({
    type: z.literal("stop"),
    ...asking,
    server: z.string().max(100),
    graceMs: z.number().nonnegative().max(600_000),
  }),
  /** The run is over. */
  z.strictObject({ type: z.literal("release"), ...asking }),
]);
export type AgentRequest = z.infer<typeof agentRequest>;

/** Why a server did not start, or has ended. */
const serverFailure = z.strictObject({ reason: words, stderr: z.array(words) });

/** What came to light of a server when its visit ended. */
export const lastLook = z.strictObject({
  flags: z.array(z.strictObject({ code: visitFlagCode, reason: z.string() })),
  /** Share of the time for which it was busy with nobody connected; null where it came to rest, or cannot be seen. */
  busyShare: z.number().min(0).nullable(),
});
export type LastLook = z.infer<typeof lastLook>;

/** The answer to each of them, which is the job's result. */
export const agentReply = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("claimed"),
    facts: agentFacts,
    /** Null of an agent that makes no load. */
    clockResolutionNs: z.number().positive().nullable(),
  }),
  z.strictObject({ type: z.literal("busy"), run: z.string() }),
  /** CLOCK_MONOTONIC of its host less the clock of Redis, and how far that may be off, in ns. */
  z.strictObject({ type: z.literal("clock"), offsetNs: z.number(), boundNs: z.number().nonnegative() }),
  z.strictObject({ type: z.literal("answer"), answer: loadReply }),
  z.strictObject({
    type: z.literal("failed"),
    phase: trialPhase,
    reason: words,
    stderr: z.array(words),
    code: failureCode.optional(),
    fault: generatorFault,
    refused: refusal.optional(),
  }),
  z.strictObject({
    type: z.literal("serves"),
    ready: readyLine,
    startupNs: z.number().nonnegative(),
    unattributed: unattributed.nullable(),
  }),
  z.strictObject({ type: z.literal("serves-not"), failure: serverFailure }),
  /** At the edge `end` alone. */
  z.strictObject({ type: z.literal("watched"), use: windowUse.nullable() }),
  /** Null while it runs. */
  z.strictObject({ type: z.literal("alive"), failure: serverFailure.nullable() }),
  z.strictObject({
    type: z.literal("stopped"),
    failure: serverFailure.nullable(),
    lastLook,
  }),
  z.strictObject({ type: z.literal("done") }),
]);
export type AgentReply = z.infer<typeof agentReply>;
