import { createHash } from "node:crypto";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { z } from "zod";
import { agentReply, agentRequest } from "../../schemas/agent.ts";
import { UsageError } from "../cli/usage-error.ts";
import { monotonicNs } from "../process/clock.ts";
import { ClockOffset, type Offset } from "./clock-offset.ts";
import { connectionTo, shown } from "./redis-url.ts";

/** Prefix of every key of ours in a Redis that others may use too. */
export const prefix = "tickbench";
/** The queue that agents announce themselves in. */
export const helloQueue = "agents";
/** The queue of one agent. */
export const queueOf = (agent: string): string => `agent-${agent}`;

/** How long an agent may be silent within a job before it counts as dead, and how often that is looked at, in ms. */
export const lockMs = 6_000;
export const stalledMs = 1_000;

/** Fingerprint of what runner and agent say to each other. */
export const protocol: string = createHash("sha256")
  .update(JSON.stringify([agentRequest, agentReply].map((schema) => z.toJSONSchema(schema, { io: "input" }))))
  .digest("hex")
  .slice(0, 16);

/** Throws UsageError where the Redis does not answer within `limitMs`: a wrong address or password would be waited for for ever. */
export async function mustAnswer(url: string, limitMs: number): Promise<void> {
  const connection = connectionTo(url);
  const redis = new Redis({ ...(connection as object), lazyConnect: true, retryStrategy: () => null });
  let why = `nothing answered within ${limitMs} ms`;
  redis.on("error", (error: Error) => {
    why = error.message;
  });
  const limit = setTimeout(() => redis.disconnect(), limitMs);
  try {
    await redis.connect();
    // A database that there is not would be another one: the client goes on in that with number 0.
    if ("db" in connection) await redis.select(connection.db ?? 0);
    await redis.ping();
  } catch (error) {
    if (error instanceof Error && !/Connection is closed/.test(error.message)) why = error.message;
    throw new UsageError(`--redis: must be a Redis or Valkey that answers, got ${shown(url)}: ${why}`);
  } finally {
    clearTimeout(limit);
    redis.disconnect();
  }
}

/** Connections that take requests under an agent's name. One without an id stands for a Redis that does not list its clients. */
export async function agentsNamed(
  url: string,
  name: string,
): Promise<readonly { readonly [key: string]: string }[]> {
  const queue = new Queue(queueOf(name), { connection: connectionTo(url), prefix });
  queue.on("error", () => undefined);
  try {
    return await queue.getWorkers();
  } finally {
    await queue.close();
  }
}

/**
 * Throws UsageError where more than `allowed` agents take requests under a name: each would answer requests for the cells of another. The
 * kernel ends the connections of one that has died.
 */
export async function mustBeAlone(url: string, name: string, allowed: 0 | 1): Promise<void> {
  const agents = (await agentsNamed(url, name)).filter(({ id }) => id !== undefined);
  if (agents.length <= allowed) return;
  const from = agents.map(({ addr }) => addr).join(" and ");
  throw new UsageError(
    `--name: must be one that no other agent has, got ${name}, which serves already from ${from}`,
  );
}

/** Seconds are counted from here, so that nanoseconds since then are kept to some of them in a double. */
const epochS = 1_780_000_000;

/** Exchanges that one look at the clock takes: the quickest of them bounds the offset. */
const exchanges = 12;

/** CLOCK_MONOTONIC of this host against the clock of a Redis, which all hosts of a run see. */
export class RedisClock {
  readonly #redis: Redis;
  readonly #offset = new ClockOffset();

  constructor(url: string) {
    this.#redis = new Redis(connectionTo(url) as object);
    this.#redis.on("error", () => undefined);
  }

  /** How it stands now and over the next `horizonMs`. Rejects where this system has no such clock. */
  async look(horizonMs: number): Promise<Offset> {
    for (let i = 0; i < exchanges; i += 1) {
      const sentNs = monotonicNs();
      const [seconds, micros] = await this.#redis.time();
      const receivedNs = monotonicNs();
      if (sentNs === null || receivedNs === null)
        throw new Error("this system has no clock that its processes share");
      // It gives whole microseconds, the one that it is in.
      const otherNs = (Number(seconds) - epochS) * 1e9 + Number(micros) * 1e3;
      this.#offset.add({ sentNs: sentNs - 1e3, otherNs, receivedNs });
    }
    const offset = this.#offset.at((monotonicNs() ?? 0) + horizonMs * 1e6);
    if (offset === null) throw new Error("no exchange with the clock of Redis");
    return offset;
  }

  close(): void {
    this.#redis.disconnect();
  }
}
