import { randomUUID } from "node:crypto";
import { UnrecoverableError, Worker } from "bullmq";
import { type AgentFacts, agentFacts } from "../../schemas/agent.ts";
import { UsageError } from "../cli/usage-error.ts";
import { type Fleet, type ShardLink, ShardLost, watchHere } from "../shards/sharded-load.ts";
import { AgentLink } from "./agent-link.ts";
import { agentsNamed, helloQueue, mustAnswer, prefix, protocol, RedisClock } from "./redis.ts";
import { connectionTo, shown } from "./redis-url.ts";
import { ServerHost } from "./server-host.ts";

/** How long a Redis may take to answer at all, and agents to come, in ms. */
const answerMs = 5_000;
const gatherMs = 60_000;
/** How long an agent may take to start its load process, and to say that it lives, in ms. */
const claimMs = 10_000;
const aliveMs = 1_000;
/** Agents that are looked at in a second: who floods the queue of announcements does not keep the runner busy. */
const hellosPerSecond = 200;

export interface FleetOptions {
  readonly url: string;
  readonly wanted: number;
  /** Whether an agent of another host starts the servers, which is waited for as well. */
  readonly wantsServer?: boolean;
  readonly say: (line: string) => void;
  /** An agent has come to take part. */
  readonly onJoin: (facts: AgentFacts) => void;
  readonly stopping: () => boolean;
  /** None has come in place of one that was lost: the run ends with what it has. Reported in one line with what to do. */
  readonly onShort: (line: string) => void;
  readonly gatherMs?: number;
}

/** The agents of a run, found through a Redis: as many as it wants, and those that wait to take the place of one that is lost. */
export class AgentFleet implements Fleet {
  readonly watch: NonNullable<Fleet["watch"]>;
  /** Null where this process starts the servers. */
  readonly servers: ServerHost | null;
  /** A request comes to an agent through Redis, on a machine that may be busy. */
  readonly startAheadMs = 150;
  readonly #options: FleetOptions;
  readonly #run = randomUUID();
  readonly #clock: RedisClock;
  readonly #hellos: Worker;
  readonly #waiting = new Map<string, AgentFacts>();
  /** Those that are being taken in: each goes on saying that it is here until it is. */
  readonly #admitting = new Set<string>();
  #live: AgentLink[] = [];
  #server: AgentLink | null = null;
  #resolutionNs = 0;
  #came = Promise.withResolvers<void>();
  #refusal: UsageError | null = null;
  /** Set once the run has begun: a wrong agent that comes later is reported, and ends nothing. */
  #isUnderWay = false;
  /** Why the run ends early: nobody is waited for a second time. */
  #short: string | null = null;

  private constructor(options: FleetOptions) {
    this.#options = options;
    this.servers = options.wantsServer === true ? new ServerHost(() => this.#serverLink()) : null;
    this.watch = this.servers?.watch ?? watchHere;
    this.#clock = new RedisClock(options.url);
    this.#hellos = new Worker(helloQueue, async ({ data }) => this.#hello(data), {
      ...{ connection: connectionTo(options.url), prefix },
      limiter: { max: hellosPerSecond, duration: 1_000 },
      ...{ removeOnComplete: { count: 0 }, removeOnFail: { count: 0 } },
    });
    this.#hellos.on("error", () => undefined);
  }

  /**
   * Throws UsageError where the Redis does not answer, too few agents come, or one that comes is of another version; ShardLost where the
   * run is interrupted meanwhile.
   */
  static async gather(options: FleetOptions): Promise<AgentFleet> {
    await mustAnswer(options.url, answerMs);
    const fleet = new AgentFleet(options);
    try {
      await fleet.#fill(options.gatherMs ?? gatherMs);
      fleet.#isUnderWay = true;
      return fleet;
    } catch (error) {
      await fleet.close();
      throw error;
    }
  }

  ready(): Promise<{ readonly clockResolutionNs: number }> {
    return Promise.resolve({ clockResolutionNs: this.#resolutionNs });
  }

  async links(): Promise<readonly [ShardLink, ...ShardLink[]]> {
    const claims = await Promise.all(this.#live.map((link) => claim(link, aliveMs)));
    const lost = this.#live.filter((_, i) => claims[i] === null);
    this.#live = this.#live.filter((link) => !lost.includes(link));
    for (const link of lost) {
      this.#options.say(`the agent ${link.name} is lost`);
      await link.close();
    }
    await this.#fill(this.#options.gatherMs ?? gatherMs);
    return this.#live as [AgentLink, ...AgentLink[]];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#live.map((link) => link.request({ type: "restart" }, claimMs).catch(() => null)));
  }

  /** The agent that starts the servers; waits for another where it was lost. */
  async #serverLink(): Promise<AgentLink> {
    const link = this.#server;
    if (link !== null && (await claim(link, aliveMs)) === null) {
      this.#options.say(`the agent ${link.name} is lost`);
      this.#server = null;
      await link.close();
    }
    await this.#fill(this.#options.gatherMs ?? gatherMs);
    return this.#admitted();
  }

  #admitted(): AgentLink {
    if (this.#server === null) throw new ShardLost("the agent that starts the servers was let go");
    return this.#server;
  }

  /** Lets the agents go. */
  async close(): Promise<void> {
    const all = [...this.#live, ...(this.#server === null ? [] : [this.#server])];
    this.#live = [];
    this.#server = null;
    await Promise.all(
      all.map(async (link) => {
        await link.request({ type: "release" }, 1_000).catch(() => null);
        await link.close();
      }),
    );
    this.#clock.close();
    await Promise.race([this.#hellos.close(true), Bun.sleep(1_000)]);
  }

  /** An agent says that it is here. */
  async #hello(data: unknown): Promise<void> {
    const parsed = agentFacts.safeParse(data);
    if (!parsed.success) throw new UnrecoverableError("this is no agent");
    const facts = parsed.data;
    if (facts.protocol !== protocol) {
      // What an agent said before it was killed is there still.
      if ((await agentsNamed(this.#options.url, facts.name)).length === 0) return;
      const text = `the agent ${facts.name} is of tickbench ${facts.toolVersion} with protocol ${facts.protocol}, and this is protocol ${protocol}; give it the same version`;
      if (this.#isUnderWay) this.#options.say(text);
      else this.#refusal = new UsageError(`--agents: ${text}`);
    } else if (!this.#isTaken(facts.name)) {
      this.#waiting.set(facts.name, facts);
    }
    this.#came.resolve();
  }

  /** Whether it takes part, or soon does: one that took part twice would be asked twice for each window. */
  #isTaken(name: string): boolean {
    return (
      this.#admitting.has(name) ||
      name === this.#server?.name ||
      this.#live.some((link) => link.name === name)
    );
  }

  /** Takes in agents until there are as many as are wanted. */
  async #fill(limitMs: number): Promise<void> {
    const { wanted, say, stopping, url } = this.#options;
    const deadline = performance.now() + limitMs;
    let lastMessage = "";
    for (;;) {
      const wantsServer = this.servers !== null && this.#server === null;
      const wantsLoad = this.#live.length < wanted;
      if (!wantsLoad && !wantsServer) return;
      if (this.#short !== null) throw new ShardLost(this.#short);
      if (this.#refusal !== null) throw this.#refusal;
      const next = [...this.#waiting.values()].find(({ role }) =>
        role === "load" ? wantsLoad : wantsServer,
      );
      if (next !== undefined) {
        this.#waiting.delete(next.name);
        this.#admitting.add(next.name);
        try {
          await this.#admit(next);
        } finally {
          this.#admitting.delete(next.name);
        }
        continue;
      }
      const come = this.#live.length;
      const line = `waiting for agents: ${come} of ${wanted} have come${wantsServer ? ", and none with --role server" : ""}`;
      if (line !== lastMessage) say(line);
      lastMessage = line;
      if (stopping()) throw new ShardLost("the run was interrupted while it waited for agents");
      if (performance.now() > deadline) {
        const seconds = Math.round(limitMs / 1000);
        const role = wantsLoad ? "" : "--role server ";
        const start = `bun run runner/agent.ts ${role}--redis ${shown(url)}`;
        if (this.#isUnderWay) {
          const line = `no agent came within ${seconds} s in place of one that was lost; start one with ${start}, and continue with --resume and the run's folder`;
          this.#short = line;
          this.#options.onShort(line);
          throw new ShardLost(line);
        }
        throw new UsageError(
          wantsLoad
            ? `--agents: must be as many as there are, got ${wanted} and ${come} came within ${seconds} s; start the others with ${start}`
            : `--target: needs an agent that starts the servers there, and none came within ${seconds} s; start it with ${start}`,
        );
      }
      this.#came = Promise.withResolvers<void>();
      await Promise.race([this.#came.promise, Bun.sleep(200)]);
    }
  }

  async #admit(facts: AgentFacts): Promise<void> {
    const { url, say, onJoin } = this.#options;
    const reference = (horizonMs: number) => this.#clock.look(horizonMs);
    const link = new AgentLink(url, facts, this.#run, reference);
    await link.ready();
    const claimed = await claim(link, claimMs);
    if (claimed === null) {
      // It has died since, or another run was quicker.
      await link.close();
      return;
    }
    this.#resolutionNs = Math.max(this.#resolutionNs, claimed.clockResolutionNs ?? 0);
    if (facts.role === "server") this.#server = link;
    else this.#live.push(link);
    say(
      `${facts.role === "server" ? "server " : ""}agent ${facts.name}: ${facts.host.cpu}, ${facts.host.cores} cores`,
    );
    onJoin(facts);
  }
}

/** Asks an agent to serve this run; null where it does not. */
async function claim(link: AgentLink, limitMs: number) {
  try {
    const reply = await link.request({ type: "claim" }, limitMs);
    return reply.type === "claimed" ? reply : null;
  } catch (error) {
    if (error instanceof ShardLost) return null;
    throw error;
  }
}
