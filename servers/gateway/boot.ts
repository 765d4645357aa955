import type { Health, ReadyLine, ServerOptions, Versioned } from "../../schemas/ready.ts";
import { candidates } from "../manifest.ts";
import { Gateway } from "./gateway.ts";
import { fail, whenAskedToEnd } from "./life.ts";
import type { Data } from "./peer.ts";
import { readSettings, type Settings } from "./settings.ts";
import { joinSiblings } from "./siblings.ts";
import { readTls, type Secure } from "./tls.ts";

export { hostname } from "./settings.ts";

/** What only the candidate knows about itself. The rest of the options comes from the settings. */
export interface Traits {
  readonly framework: Versioned;
  readonly utf8Validation: boolean;
  readonly backlog: number | null;
  /** Where the framework does not let a program choose it. */
  readonly maxPayloadBytes?: number;
  readonly idleTimeoutSeconds?: number;
}

/** What reaches every subscriber of a topic in this process; a server of Bun's is one. */
interface AllTopics {
  publish(topic: string, data: Data, compress: boolean): unknown;
}

export interface Server {
  readonly settings: Settings;
  readonly secure: Secure;
  /** How to send, for the frameworks that ask with each message whether to compress it. */
  readonly sending: { readonly compress: boolean };
  readonly gateway: Gateway;
  health(): Health;
  /** Prints the ready line. `stop` ends listening and resolves when the last connection is gone. */
  ready(port: number, stop: () => Promise<unknown>, topics?: AllTopics): void;
  /**
   * Whether other processes serve the same port (`SERVER_CORES`). A runtime that shares it by SO_REUSEPORT has to be asked for it; Node's
   * cluster does it by itself.
   */
  readonly reusePort: boolean;
}

/** Below the 2 s that wire.md allows, with room for the exit itself. */
const drainLimitMs = 1000;
const goingAway = 1001;

/** Reads the environment and builds the shared gateway for candidate `id` of the manifest. */
export function boot(id: string, traits: Traits): Server {
  process.on("uncaughtException", fail);
  const settings = readSettings(process.env);
  const secure = readTls(settings);
  const candidate = candidates.find((one) => one.id === id);
  if (candidate === undefined) throw new Error(`${id} is not in the manifest`);
  const options: ServerOptions = {
    compression: settings.DEFLATE,
    maxPayloadBytes: traits.maxPayloadBytes ?? settings.MAX_PAYLOAD_BYTES,
    backpressureLimitBytes: settings.BACKPRESSURE_LIMIT_BYTES,
    slowConsumer: settings.SLOW_CONSUMER,
    idleTimeoutSeconds: traits.idleTimeoutSeconds ?? 0,
    noDelay: true,
    utf8Validation: traits.utf8Validation,
    backlog: traits.backlog,
    broadcast: [...candidate.broadcast],
    replayMessages: settings.REPLAY_MESSAGES,
    replayBytes: settings.REPLAY_BYTES,
    tls: secure.tls !== undefined,
    ...(settings.SERVER_CORES === 1 ? {} : { processes: settings.SERVER_CORES }),
  };
  const siblings = settings.SERVER_CORES === 1 ? null : joinSiblings(settings.SERVER_CORES);
  const gateway = new Gateway(options, siblings);
  let line: ReadyLine | undefined;
  return {
    settings,
    secure,
    sending: { compress: settings.DEFLATE },
    gateway,
    reusePort: siblings !== null,
    health() {
      if (line === undefined) throw new Error("asked for health before the server was ready");
      return {
        ...line,
        uptimeMs: performance.now(),
        rssBytes: process.memoryUsage.rss(),
        openConnections: gateway.connections.size,
      };
    },
    ready(port, stop, topics) {
      line = {
        ready: true,
        port,
        candidate: settings.CANDIDATE ?? id,
        runtime: runtime(),
        framework: traits.framework,
        options,
      };
      drainOnSignal(gateway, stop);
      if (siblings === null) process.stdout.write(`${JSON.stringify(line)}\n`);
      else {
        const publish = (topic: string, data: Data) => void topics?.publish(topic, data, settings.DEFLATE);
        siblings.ready(line, (batch) => gateway.takeForwarded(batch, publish));
      }
    },
  };
}

function runtime(): Versioned {
  const bun = process.versions.bun;
  return bun === undefined ? { name: "node", version: process.versions.node } : { name: "bun", version: bun };
}

function drainOnSignal(gateway: Gateway, stop: () => Promise<unknown>): void {
  const drain = async () => {
    setTimeout(() => process.exit(0), drainLimitMs);
    const stopped = stop();
    await gateway.connections.closeAll(goingAway, "server is shutting down");
    await stopped;
    process.exit(0);
  };
  whenAskedToEnd(() => void drain());
}
