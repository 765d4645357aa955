import type { ServerWebSocket } from "bun";
import type { Tally } from "../../../schemas/calibration.ts";
import { parseControl } from "../../../schemas/control.ts";
import type { ReadyLine, ServerOptions } from "../../../schemas/ready.ts";

/** A message as Bun hands it over: text as a string, binary as bytes of its own. */
export type Message = string | Buffer<ArrayBuffer>;
/** What a reference server does with a message that is to go on, to its sender (`/echo`) or to all subscribers. */
export type Relay = (message: Message, send: (message: Message) => void) => void;

interface Socket {
  readonly path: string;
}

const maxBytes = 16 * 1024 * 1024;
const options: ServerOptions = {
  compression: false,
  maxPayloadBytes: maxBytes,
  backpressureLimitBytes: maxBytes,
  slowConsumer: "disconnect",
  idleTimeoutSeconds: 0,
  noDelay: true,
  utf8Validation: true,
  backlog: null,
  broadcast: ["loop"],
};

/**
 * Serves as much of the wire's contract as the load generator uses, with one known fault in it: `/echo`, `/publish` and
 * `/feed` (one stream for everybody), and `GET /tally` for what came in. Prints the ready line.
 */
export function serveReference(name: string, relay: Relay): void {
  const subscribers = new Set<ServerWebSocket<Socket>>();
  let messages = 0;
  let firstNs = 0;
  let lastNs = 0;
  const broadcast = (message: Message) => {
    for (const subscriber of subscribers) subscriber.send(message);
  };
  const server = Bun.serve<Socket>({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request, bun) {
      const path = new URL(request.url).pathname;
      if (path === "/tally") return Response.json({ messages, spanNs: lastNs - firstNs } satisfies Tally);
      if (bun.upgrade(request, { data: { path } })) return undefined;
      return new Response("Upgrade Required", { status: 426 });
    },
    websocket: {
      idleTimeout: 0,
      perMessageDeflate: false,
      maxPayloadLength: maxBytes,
      backpressureLimit: maxBytes,
      message(ws, message) {
        if (ws.data.path === "/feed") {
          ws.send(subscribe(message.toString()));
          subscribers.add(ws);
          return;
        }
        lastNs = Bun.nanoseconds();
        if (messages === 0) firstNs = lastNs;
        messages += 1;
        relay(message, ws.data.path === "/publish" ? broadcast : (back) => void ws.send(back));
      },
      close(ws) {
        subscribers.delete(ws);
      },
    },
  });
  process.on("SIGTERM", () => {
    void server.stop(true);
    process.exit(0);
  });
  const runtime = { name: "bun", version: Bun.version };
  const ready: ReadyLine = {
    ready: true,
    port: server.port!,
    candidate: name,
    runtime,
    framework: runtime,
    options,
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

function subscribe(text: string): string {
  const request = parseControl(text);
  return JSON.stringify("error" in request ? request : { result: null, id: request.id });
}
