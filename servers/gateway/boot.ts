import type { Health, ReadyLine, ServerOptions, Versioned } from "../../schemas/ready.ts";
import { candidates } from "../manifest.ts";
import { Gateway } from "./gateway.ts";
import { readSettings, type Settings, UsageError } from "./settings.ts";
import { readTls, type Secure } from "./tls.ts";

/** What only the candidate knows about itself. The rest of the options comes from the settings. */
export interface Traits {
  readonly framework: Versioned;
  readonly utf8Validation: boolean;
  readonly backlog: number | null;
  /** Where the framework does not let a program choose it. */
  readonly maxPayloadBytes?: number;
  readonly idleTimeoutSeconds?: number;
}

export interface Server {
  readonly settings: Settings;
  readonly secure: Secure;
  /** How to send, for the frameworks that ask with each message whether to compress it. */
  readonly sending: { readonly compress: boolean };
  readonly gateway: Gateway;
  health(): Health;
  /** Prints the ready line. `stop` ends listening and resolves when the last connection is gone. */
  ready(port: number, stop: () => Promise<unknown>): void;
}

/** Loopback, unless load comes from other hosts: whoever runs the tool says so. */
export const hostname = process.env.HOST === "0.0.0.0" ? "0.0.0.0" : "127.0.0.1";
/** Below the 2 s that wire.md allows, with room for the exit itself. */
const drainLimitMs = 1000;
const parentCheckMs = 1000;
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
  };
  const gateway = new Gateway(options);
  let line: ReadyLine | undefined;
  return {
    settings,
    secure,
    sending: { compress: settings.DEFLATE },
    gateway,
    health() {
      if (line === undefined) throw new Error("asked for health before the server was ready");
      return {
        ...line,
        uptimeMs: performance.now(),
        rssBytes: process.memoryUsage.rss(),
        openConnections: gateway.connections.size,
      };
    },
    ready(port, stop) {
      line = {
        ready: true,
        port,
        candidate: settings.CANDIDATE ?? id,
        runtime: runtime(),
        framework: traits.framework,
        options,
      };
      drainOnSignal(gateway, stop);
      process.stdout.write(`${JSON.stringify(line)}\n`);
    },
  };
}

function runtime(): Versioned {
  const bun = process.versions.bun;
  return bun === undefined ? { name: "node", version: process.versions.node } : { name: "bun", version: bun };
}

function drainOnSignal(gateway: Gateway, stop: () => Promise<unknown>): void {
  let draining = false;
  const drain = async () => {
    if (draining) return;
    draining = true;
    setTimeout(() => process.exit(0), drainLimitMs);
    const stopped = stop();
    await gateway.connections.closeAll(goingAway, "server is shutting down");
    await stopped;
    process.exit(0);
  };
  process.on("SIGTERM", () => void drain());
  process.on("SIGINT", () => void drain());
  // A server whose runner was killed would hold its core for ever; asking once a second costs nothing.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) void drain();
  }, parentCheckMs).unref();
}

/** Last resort for what nobody caught: one line and 2 for the user's mistakes, the stack and 1 for ours. */
function fail(error: Error & { code?: string }): never {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
  if (error.code === "EADDRINUSE") {
    process.stderr.write(
      `PORT: ${hostname}:${process.env.PORT} is in use, choose another port or 0 for any free one\n`,
    );
    process.exit(2);
  }
  process.stderr.write(`${error.stack ?? error.message}\n`);
  process.exit(1);
}
