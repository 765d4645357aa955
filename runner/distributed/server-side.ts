import { join } from "node:path";
import type { AgentReply, AgentRequest, LastLook } from "../../schemas/agent.ts";
import { builtInEndpoint } from "../../schemas/endpoint.ts";
import { candidates as manifest } from "../../servers/manifest.ts";
import { findCommands } from "../candidates/commands.ts";
import { availableCandidates } from "../candidates/selection.ts";
import type { Children } from "../process/children.ts";
import { childEnv } from "../process/env.ts";
import type { Failure } from "../process/failure.ts";
import type { PinPlan } from "../process/pin.ts";
import { candidateProcess, type ServerProcess } from "../process/server-process.ts";
import { startServer } from "../process/supervise.ts";
import { lastLookAt } from "../quality/visit-end.ts";
import { WindowMeter } from "../workloads/window.ts";

const root = join(import.meta.dir, "..", "..");
/** Of connections, which it opens none of. */
const limits = { connectTimeoutMs: 1, drainTimeoutMs: 1, endpoint: builtInEndpoint, enter: () => undefined };

type Asked<Type extends AgentRequest["type"]> = Extract<AgentRequest, { type: Type }>;

interface Held {
  readonly server: ServerProcess;
  readonly cores: readonly number[] | null;
  failure: Failure | null;
  meter: WindowMeter | null;
}

/** The servers that an agent has started for a run, and what is seen of them on their own host. */
export class ServerSide {
  readonly #children: Children;
  readonly #pins: PinPlan;
  readonly #held = new Map<string, Held>();

  constructor(children: Children, pins: PinPlan) {
    this.#children = children;
    this.#pins = pins;
  }

  async serve(asked: Asked<"serve">): Promise<AgentReply> {
    const command = await commandOf(asked.candidate);
    if (command === null) {
      const reason = `no candidate ${asked.candidate} runs on the host of the agent`;
      return { type: "serves-not", failure: { reason, stderr: [] } };
    }
    const cores = this.#pins.pinned ? this.#pins.server : null;
    const env = childEnv({
      PORT: `${asked.port}`,
      HOST: "0.0.0.0",
      CANDIDATE: asked.candidate,
      SLOW_CONSUMER: asked.slowConsumer,
      BACKPRESSURE_LIMIT_BYTES: `${asked.backpressureLimitBytes}`,
      NODE_ENV: "production",
    });
    const spec = { name: asked.candidate, command, cwd: root, env, cores };
    const started = await startServer(spec, this.#children, { readyMs: asked.readyMs });
    if (!started.ok) return { type: "serves-not", failure: failureReply(started.failure) };
    const server = candidateProcess(started.server);
    const held: Held = { server, cores, failure: null, meter: null };
    this.#held.set(asked.server, held);
    void server.lost.then((failure) => {
      held.failure = failure;
    });
    const { ready, startupNs } = started.server;
    return { type: "serves", ready, startupNs, unattributed: server.unattributed };
  }

  /** Null where it has started no such server. */
  watch({ server: name, edge, cell }: Asked<"watch">): AgentReply | null {
    const held = this.#held.get(name);
    if (held === undefined) return null;
    const { server } = held;
    if (edge === "opening") {
      const accountable = this.#pins.pinned && this.#pins.accountable !== false;
      held.meter = new WindowMeter({
        cell,
        port: server.port,
        serverPid: server.pid,
        cores: accountable ? [...this.#pins.server] : [],
        helperCores: [],
        ...limits,
      });
    } else if (edge === "connected") held.meter?.connected();
    else if (edge === "begin") held.meter?.begin();
    return { type: "watched", use: edge === "end" ? (held.meter?.end() ?? null) : null };
  }

  /** Null where it has started no such server. */
  alive({ server: name }: Asked<"alive">): AgentReply | null {
    const held = this.#held.get(name);
    if (held === undefined) return null;
    return { type: "alive", failure: held.failure === null ? null : failureReply(held.failure) };
  }

  /** Null where it has started no such server. */
  async stop({ server: name, graceMs }: Asked<"stop">): Promise<AgentReply | null> {
    const held = this.#held.get(name);
    if (held === undefined) return null;
    this.#held.delete(name);
    const lastLook: LastLook =
      held.failure === null ? await lastLookAt(held.server, held.cores) : { flags: [], busyShare: null };
    const failure = held.failure ?? (await held.server.stop(graceMs));
    return { type: "stopped", failure: failure === null ? null : failureReply(failure), lastLook };
  }

  /** Ends whatever still runs. */
  async end(): Promise<void> {
    const all = [...this.#held.values()];
    this.#held.clear();
    await Promise.all(all.map(({ server }) => server.stop(1_000)));
  }
}

/** How a server of the manifest, or the null server, is started here, on the runtime that is pinned; null where it cannot be. */
async function commandOf(id: string): Promise<readonly string[] | null> {
  const wanted = availableCandidates(manifest, [], [], [], { node: "pinned" }).filter((c) => c.id === id);
  return (await findCommands(wanted)).commands.get(id) ?? null;
}

const failureReply = ({ reason, stderrTail }: Failure) => ({ reason, stderr: [...stderrTail] });
