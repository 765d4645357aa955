import type { AgentReply, LastLook } from "../../schemas/agent.ts";
import type { Plan, PlannedCandidate, Target } from "../../schemas/plan.ts";
import type { OwnStarted } from "../candidates/custom/start.ts";
import type { Trial } from "../load-client.ts";
import type { Failure } from "../process/failure.ts";
import type { ServerProcess } from "../process/server-process.ts";
import { type ServerWatch, ShardLost } from "../shards/sharded-load.ts";
import type { AgentLink } from "./agent-link.ts";

/** How often it is asked whether a server still runs, and what an answer may take, in ms. */
const aliveEveryMs = 1_000;
const answerMs = 5_000;

interface Held {
  readonly link: AgentLink;
  readonly server: string;
}

/** Servers on another host, which an agent there starts, looks at and ends. */
export class ServerHost {
  readonly #link: () => Promise<AgentLink>;
  /** By the port that a cell's connections go to. */
  readonly #held = new Map<number, Held>();
  #started = 0;

  /** `link` gives the agent, as often as one is asked for: it may be another than before. */
  constructor(link: () => Promise<AgentLink>) {
    this.#link = link;
  }

  async start({ id }: PlannedCandidate, plan: Plan, { port }: Pick<Target, "port">): Promise<OwnStarted> {
    const { limits, slowConsumer, backpressureLimitBytes } = plan;
    try {
      const link = await this.#link();
      this.#started += 1;
      const server = `${this.#started}`;
      const asked = {
        server,
        candidate: id,
        port,
        readyMs: limits.readyMs,
        slowConsumer,
        backpressureLimitBytes,
      };
      const reply = await link.request({ type: "serve", ...asked }, limits.readyMs);
      if (reply.type === "serves-not") return { ok: false, failure: failureOf("start", reply.failure) };
      if (reply.type !== "serves") throw unexpected(link, "serve", reply);
      const held = { link, server };
      this.#held.set(reply.ready.port, held);
      return { ok: true, server: this.#process(held, reply) };
    } catch (error) {
      if (!(error instanceof ShardLost)) throw error;
      return { ok: false, failure: failureOf("start", { reason: error.message, stderr: [] }) };
    }
  }

  /** Looks at the server that a cell connects to. */
  readonly watch = async ({ port, cell }: Trial): Promise<ServerWatch> => {
    const held = this.#held.get(port);
    if (held === undefined) throw new ShardLost(`no agent has started a server on port ${port}`);
    const { link, server } = held;
    const look = async (edge: "opening" | "connected" | "begin" | "end") => {
      const reply = await link.request({ type: "watch", server, edge, cell }, answerMs);
      if (reply.type !== "watched") throw unexpected(link, "watch", reply);
      return reply.use;
    };
    await look("opening");
    return {
      connected: async () => void (await look("connected")),
      begin: async () => void (await look("begin")),
      end: () => look("end"),
    };
  };

  #process({ link, server }: Held, served: Extract<AgentReply, { type: "serves" }>): ServerProcess {
    const { ready, startupNs, unattributed } = served;
    const lost = Promise.withResolvers<Failure>();
    let stderr: readonly string[] = [];
    let seen: LastLook = { flags: [], busyShare: null };
    const gone = (failure: { readonly reason: string; readonly stderr: readonly string[] }) => {
      clearInterval(asking);
      ({ stderr } = failure);
      lost.resolve(failureOf("running", failure));
    };
    const ask = async () => {
      try {
        const reply = await link.request({ type: "alive", server }, answerMs);
        if (reply.type === "alive" && reply.failure !== null) gone(reply.failure);
      } catch (error) {
        if (!(error instanceof ShardLost)) throw error;
        // Whatever Redis has lost is asked anew; an agent that has died has taken its servers along.
        if (link.isDead) gone({ reason: error.message, stderr: [] });
      }
    };
    const asking = setInterval(() => void ask(), aliveEveryMs);
    return {
      // A pid of another host's means nothing here.
      pid: null,
      unattributed,
      host: "127.0.0.1",
      port: ready.port,
      ready,
      startupNs,
      notes: [],
      lost: lost.promise,
      stderrTail: () => stderr,
      usedCpuNs: () => null,
      lastLook: () => seen,
      stop: async (graceMs) => {
        clearInterval(asking);
        this.#held.delete(ready.port);
        try {
          const reply = await link.request({ type: "stop", server, graceMs }, graceMs + answerMs);
          if (reply.type !== "stopped") throw unexpected(link, "stop", reply);
          seen = reply.lastLook;
          return reply.failure === null ? null : failureOf("stop", reply.failure);
        } catch (error) {
          if (!(error instanceof ShardLost)) throw error;
          return failureOf("stop", { reason: error.message, stderr: [] });
        }
      },
    };
  }
}

/** A failure as its host reported it, of which the exit stands in the reason. */
function failureOf(
  phase: Failure["phase"],
  { reason, stderr }: { readonly reason: string; readonly stderr: readonly string[] },
): Failure {
  return { phase, kind: "exited", reason, exit: null, stderrTail: stderr };
}

const unexpected = ({ name }: AgentLink, asked: string, reply: AgentReply) =>
  new ShardLost(`the agent ${name} answered "${asked}" with "${reply.type}"`);
