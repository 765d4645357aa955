import { z } from "zod";
import { failureCode, generatorFault, loadReply, loadRequest, refusal } from "./load.ts";
import { trialPhase } from "./trial-phase.ts";

/** What an agent is, as it says itself when it comes. */
export const agentFacts = z.strictObject({
  /** Its own among all agents of a Redis: a part of the queue's name that it takes requests from. */
  name: z.string().regex(/^[\w.-]{1,100}$/, "must be 1 to 100 letters, digits, dots, dashes and underscores"),
  toolVersion: z.string().max(100),
  /** Fingerprint of everything that runner and agent say to each other: where it differs, they do not understand each other. */
  protocol: z.string().max(100),
  /** Its host, and the core that its load process is bound to; null where it is bound to none. */
  host: z.strictObject({
    cpu: z.string().max(200),
    cores: z.int().positive(),
    memoryBytes: z.int().positive(),
    system: z.string().max(200),
    loadCore: z.int().nonnegative().nullable(),
  }),
});
export type AgentFacts = z.infer<typeof agentFacts>;

/** What one agent is asked; each is a job of its queue. `run` is who asks: an agent serves one run at a time. */
const asking = { protocol: z.string().max(100), run: z.string().min(1).max(100) };
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
    request: loadRequest,
  }),
  /** Ends its load process; the next cell finds a new one. */
  z.strictObject({ type: z.literal("restart"), ...asking }),
  /** The run is over. */
  z.strictObject({ type: z.literal("release"), ...asking }),
]);
export type AgentRequest = z.infer<typeof agentRequest>;

/** The answer to each of them, which is the job's result. */
export const agentReply = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("claimed"),
    facts: agentFacts,
    clockResolutionNs: z.number().positive(),
  }),
  z.strictObject({ type: z.literal("busy"), run: z.string() }),
  /** CLOCK_MONOTONIC of its host less the clock of Redis, and how far that may be off, in ns. */
  z.strictObject({ type: z.literal("clock"), offsetNs: z.number(), boundNs: z.number().nonnegative() }),
  z.strictObject({ type: z.literal("answer"), answer: loadReply }),
  z.strictObject({
    type: z.literal("failed"),
    phase: trialPhase,
    reason: z.string(),
    stderr: z.array(z.string()),
    code: failureCode.optional(),
    fault: generatorFault,
    refused: refusal.optional(),
  }),
  z.strictObject({ type: z.literal("done") }),
]);
export type AgentReply = z.infer<typeof agentReply>;
