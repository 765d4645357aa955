import { randomBytes } from "node:crypto";
import os from "node:os";
import { type Job, Queue, UnrecoverableError, Worker } from "bullmq";
import { z } from "zod";
import { version as toolVersion } from "../../package.json";
import { type AgentFacts, type AgentReply, type AgentRequest, agentRequest } from "../../schemas/agent.ts";
import { visible } from "../../schemas/visible.ts";
import { entry, LoadClient } from "../load-client.ts";
import { Children } from "../process/children.ts";
import type { Failure } from "../process/failure.ts";
import { hostFacts } from "../process/host.ts";
import { helperCoresOf, pinSelf, planPins, readTopology } from "../process/pin.ts";
import { helloQueue, lockMs, prefix, protocol, queueOf, RedisClock, stalledMs } from "./redis.ts";
import { connectionTo } from "./redis-url.ts";
import { ServerSide } from "./server-side.ts";

/** How often an agent that serves nobody says that it is here, in ms. */
const helloMs = 1_000;
/** A run that asks nothing for so long is gone, in ms: its runner would have released the agent. */
const silenceMs = 60_000;

const noClock = { clockResolutionNs: null };
type ServerAsked = Extract<AgentRequest, { type: "serve" | "watch" | "alive" | "stop" }>;

/** What an agent says to its user. */
export type Say = (line: string) => void;

/**
 * A host of a run: it takes requests from its queue, and has them answered by its own load process, or starts servers and looks
 * at them.
 */
export class Agent {
  readonly facts: AgentFacts;
  readonly #say: Say;
  readonly #children = new Children();
  readonly #load: LoadClient;
  /** Null of an agent that makes load. */
  readonly #servers: ServerSide | null;
  readonly #helperCores: number[];
  readonly #cores: number[];
  readonly #clock: RedisClock;
  readonly #hellos: Queue;
  readonly #worker: Worker<unknown, AgentReply>;
  readonly #announcing: Timer;
  readonly #undo: () => void;
  #run: string | null = null;
  #askedAtMs = 0;

  constructor(url: string, name: string, role: AgentFacts["role"], say: Say, onSignal: () => void) {
    const connection = connectionTo(url);
    const machine = readTopology();
    const pins = planPins(machine);
    const { cpu, cores, memoryBytes, os: system, kernel } = hostFacts(pins, machine.allowed);
    const loadCore = pins.pinned ? (pins.load[0] ?? null) : null;
    const serverCore = pins.pinned ? (pins.server[0] ?? null) : null;
    const core = role === "load" ? loadCore : serverCore;
    this.facts = {
      ...{ name, role },
      toolVersion,
      protocol,
      host: { cpu, cores, memoryBytes, system: `${system}, kernel ${kernel}`, core },
    };
    this.#say = say;
    this.#undo = this.#children.endWithProcess(onSignal);
    // What it does itself must not be on the core of its servers.
    if (role === "server" && pins.pinned) pinSelf(pins.runner);
    this.#servers = role === "server" ? new ServerSide(this.#children, pins) : null;
    this.#load = new LoadClient(this.#children, loadCore === null ? null : [loadCore], [
      process.execPath,
      entry,
    ]);
    this.#cores = pins.pinned && pins.accountable !== false ? [...pins.server, ...pins.load] : [];
    this.#helperCores = [...helperCoresOf(pins)];
    this.#clock = new RedisClock(url);
    this.#hellos = new Queue(helloQueue, { connection, prefix });
    // A Redis that is gone for a while is no error: it is waited for.
    this.#hellos.on("error", () => undefined);
    this.#worker = new Worker<unknown, AgentReply>(queueOf(name), (job) => this.#take(job), {
      ...{ connection, prefix, concurrency: 4 },
      ...{ lockDuration: lockMs, stalledInterval: stalledMs, maxStalledCount: 0 },
    });
    this.#worker.on("error", () => undefined);
    this.#announcing = setInterval(() => void this.#announce(), helloMs);
  }

  /** Resolves when it can be found. */
  async ready(): Promise<void> {
    await this.#worker.waitUntilReady();
    await this.#announce();
  }

  /** Ends its load process and its connections. */
  async close(): Promise<void> {
    clearInterval(this.#announcing);
    await this.#load.stop();
    await this.#servers?.end();
    await this.#children.close();
    this.#undo();
    this.#clock.close();
    // What is under way would be waited for, and nobody waits for its result any more.
    await Promise.race([Promise.all([this.#worker.close(true), this.#hellos.close()]), Bun.sleep(1_000)]);
  }

  async #announce(): Promise<void> {
    if (this.#run !== null && performance.now() - this.#askedAtMs > silenceMs)
      await this.#end("it has asked nothing for a minute");
    if (this.#run !== null) return;
    // One that waits already is not doubled.
    const options = { jobId: `hello-${this.facts.name}`, removeOnComplete: true, removeOnFail: true };
    await this.#hellos.add("hello", this.facts, options).catch(() => undefined);
  }

  /** A job of its queue. What is no request fails, and so says to whoever put it there what is wrong with it. */
  async #take(job: Job<unknown>): Promise<AgentReply> {
    const parsed = agentRequest.safeParse(job.data);
    if (!parsed.success) {
      const why = visible(z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, " ")).slice(0, 500);
      this.#say(`refused a job that is no request: ${why}`);
      throw new UnrecoverableError(`${this.facts.name}: this is no request: ${why}`);
    }
    const asked = parsed.data;
    if (asked.protocol !== protocol) {
      throw new UnrecoverableError(`${this.facts.name}: speaks protocol ${protocol}, got ${asked.protocol}`);
    }
    if (this.#run !== null && this.#run !== asked.run) return { type: "busy", run: this.#run };
    this.#askedAtMs = performance.now();
    return this.#answer(asked);
  }

  async #answer(asked: AgentRequest): Promise<AgentReply> {
    switch (asked.type) {
      case "claim": {
        if (this.#run === null) this.#say(`serves run ${asked.run}`);
        this.#run = asked.run;
        const { clockResolutionNs } = this.#servers === null ? await this.#load.ready() : noClock;
        return { type: "claimed", facts: this.facts, clockResolutionNs };
      }
      case "clock":
        return { type: "clock", ...(await this.#clock.look(asked.horizonMs)) };
      case "cell":
        if (this.#servers !== null) throw this.#refused(asked.type);
        return this.#cell(asked);
      case "serve":
      case "watch":
      case "alive":
      case "stop":
        return this.#atServer(asked);
      case "restart":
        await this.#load.stop();
        return { type: "done" };
      case "release":
        await this.#end("it is over");
        return { type: "done" };
    }
  }

  async #cell({ request, limitMs }: Extract<AgentRequest, { type: "cell" }>): Promise<AgentReply> {
    // Cores are those of this host, and the server's process runs on another.
    const localPart = {
      cores: this.#cores,
      serverCores: undefined,
      helperCores: this.#helperCores,
      serverPid: null,
    };
    const asked = request.type === "open" ? { ...request, ...localPart } : request;
    const never = Promise.withResolvers<Failure>().promise;
    const answer = await this.#load.ask(asked, limitMs, never);
    if ("failure" in answer) return { type: "failed", ...answer.failure, stderr: [...answer.failure.stderr] };
    return { type: "answer", answer };
  }

  async #atServer(asked: ServerAsked): Promise<AgentReply> {
    const servers = this.#servers;
    if (servers === null) throw this.#refused(asked.type);
    if (asked.type === "serve") return servers.serve(asked);
    const reply = await (asked.type === "watch"
      ? servers.watch(asked)
      : asked.type === "alive"
        ? servers.alive(asked)
        : servers.stop(asked));
    if (reply === null) throw new UnrecoverableError(`${this.facts.name}: has no server ${asked.server}`);
    return reply;
  }

  #refused(type: AgentRequest["type"]): UnrecoverableError {
    const { name, role } = this.facts;
    return new UnrecoverableError(`${name}: "${type}" is not for an agent with --role ${role}`);
  }

  async #end(why: string): Promise<void> {
    if (this.#run !== null) this.#say(`no longer serves run ${this.#run}: ${why}`);
    this.#run = null;
    await this.#load.stop();
    await this.#servers?.end();
  }
}

/** A name that no other agent has: two containers may have their host's name, and the same pid. */
export function agentName(): string {
  const host = os
    .hostname()
    .replaceAll(/[^\w.-]/g, "_")
    .slice(0, 60);
  return `${host}-${randomBytes(3).toString("hex")}`;
}
