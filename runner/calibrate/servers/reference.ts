import type { ServerWebSocket } from "bun";
import type { Tally } from "../../../schemas/calibration.ts";
import { encodeJson, jsonSequenceOf } from "../../../schemas/codec/json.ts";
import { encodeSbe, sbeSequenceOf } from "../../../schemas/codec/sbe.ts";
import { type PushRequest, parseControl, pushRequest } from "../../../schemas/control.ts";
import type { DeclaredPolicy } from "../../../schemas/pressure.ts";
import { typicalQuote } from "../../../schemas/quote.ts";
import { rawTemplate, writeRawSequence } from "../../../schemas/raw.ts";
import type { ReadyLine, ServerOptions } from "../../../schemas/ready.ts";

/** A message as Bun hands it over: text as a string, binary as a new buffer. */
export type Message = string | Buffer<ArrayBuffer>;
/**
 * What a reference server does with a message that is to go on, to its sender (`/echo`) or to all subscribers; `spare` sends it
 * to all of them but the first.
 */
export type Relay = (
  message: Message,
  send: (message: Message) => void,
  spare: (message: Message) => void,
) => void;

/** What a reference server does besides. */
export interface Habits {
  /** Said to whoever opens a connection, and again before the answer to a request on `/feed`. */
  readonly greeting?: string;
  /** Message `n` of a push; as the contract says unless given. */
  readonly pushed?: (request: PushRequest, n: number) => Message;
  /** Sees upgrade request `n`, from 1: its own answer in place of the upgrade, or null for that, at once or later. */
  readonly admit?: (n: number) => Response | null | Promise<Response | null>;
  /** Of subscribers that do not read; Bun's own limit unless given. */
  readonly slow?: SlowHabit;
  /**
   * Keeps all that is published, and sends a subscriber of `/feed?from=SEQUENCE` what it missed. Reports each message for a
   * subscriber whether it gets it; messages are then passed on one by one.
   */
  readonly resume?: (subscriber: Resuming, message: Message, sequence: number) => boolean;
}

/** What a habit of resuming keeps of a subscriber. */
export interface Resuming {
  /** Whether it asked for what it missed. */
  readonly cameBack: boolean;
  /** Messages that it did not get. */
  withheld: number;
}

/** One subscriber, as a habit of slow subscribers sees it. */
export type Reader = Pick<ServerWebSocket<unknown>, "send" | "getBufferedAmount" | "terminate">;

/** What a server says that it does with slow subscribers, and what it does with a message for one of them. */
export interface SlowHabit {
  readonly declared: DeclaredPolicy;
  readonly deliver: (reader: Reader, message: Message) => void;
  readonly drained?: (reader: Reader) => void;
}

interface Socket extends Resuming {
  readonly path: string;
  /** The first sequence that it asked for; Infinity where it takes what comes. */
  readonly from: number;
}

const maxBytes = 16 * 1024 * 1024;
/** What Bun itself does not interfere below: the habit alone decides. */
const unboundedBytes = 0xffff_ffff;
const options: ServerOptions = {
  compression: false,
  maxPayloadBytes: maxBytes,
  backpressureLimitBytes: maxBytes,
  slowConsumer: "disconnect",
  idleTimeoutSeconds: 0,
  noDelay: true,
  utf8Validation: true,
  backlog: null,
  broadcast: ["send"],
};

/**
 * Serves as much of the wire's contract as the load generator uses, with one known fault in it: `/echo`, `/push`,
 * `/publish` and `/feed` (one stream for everybody), and `GET /tally` for what came in. Listens on PORT, or any free port,
 * and prints the ready line.
 */
export function serveReference(name: string, relay: Relay, habits: Habits = {}): void {
  const { greeting, pushed = asAsked, admit, slow, resume } = habits;
  let requests = 0;
  const subscribers = new Set<ServerWebSocket<Socket>>();
  let messages = 0;
  let firstNs = 0;
  let lastNs = 0;
  const kept: Message[] = [];
  const pass = (subscriber: ServerWebSocket<Socket>, message: Message) => {
    if (resume?.(subscriber.data, message, sequenceOf(message)) === false) subscriber.data.withheld += 1;
    else subscriber.send(message);
  };
  const broadcast = (message: Message) => {
    if (resume !== undefined) kept.push(message);
    for (const subscriber of subscribers) {
      if (slow === undefined) pass(subscriber, message);
      else slow.deliver(subscriber, message);
    }
  };
  const spare = (message: Message) => {
    let isFirst = true;
    for (const subscriber of subscribers) {
      if (!isFirst) subscriber.send(message);
      isFirst = false;
    }
  };
  const server = Bun.serve<Socket>({
    hostname: "127.0.0.1",
    port: Number(process.env.PORT ?? 0),
    fetch(request, bun) {
      const { pathname: path, searchParams } = new URL(request.url);
      const asked = Number(searchParams.get("from") ?? Number.NaN);
      const from = Number.isInteger(asked) ? asked : Number.POSITIVE_INFINITY;
      const data = { path, from, cameBack: Number.isFinite(from), withheld: 0 };
      if (path === "/tally") return Response.json({ messages, durationNs: lastNs - firstNs } satisfies Tally);
      const upgraded = (answer: Response | null) => {
        if (answer !== null) return answer;
        if (bun.upgrade(request, { data })) return undefined;
        return new Response("Upgrade Required", { status: 426 });
      };
      if (admit === undefined) return upgraded(null);
      requests += 1;
      const admitted = admit(requests);
      return admitted instanceof Promise ? admitted.then(upgraded) : upgraded(admitted);
    },
    websocket: {
      idleTimeout: 0,
      perMessageDeflate: false,
      maxPayloadLength: maxBytes,
      backpressureLimit: slow === undefined ? maxBytes : unboundedBytes,
      drain(ws) {
        slow?.drained?.(ws);
      },
      open(ws) {
        if (greeting !== undefined) ws.send(greeting);
      },
      message(ws, message) {
        if (ws.data.path === "/push") {
          push(ws, pushRequest.parse(JSON.parse(message.toString())), pushed);
          return;
        }
        if (ws.data.path === "/feed") {
          if (greeting !== undefined) ws.send(greeting);
          ws.send(subscribe(message.toString()));
          for (const message of kept) if (sequenceOf(message) >= ws.data.from) pass(ws, message);
          subscribers.add(ws);
          return;
        }
        lastNs = Bun.nanoseconds();
        if (messages === 0) firstNs = lastNs;
        messages += 1;
        relay(message, ws.data.path === "/publish" ? broadcast : (back) => void ws.send(back), spare);
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
    options:
      slow === undefined
        ? options
        : {
            ...options,
            slowConsumer: slow.declared.policy,
            backpressureLimitBytes: slow.declared.limitBytes,
          },
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

function sequenceOf(message: Message): number {
  if (typeof message !== "string") return sbeSequenceOf(message, 0, message.length);
  const bytes = Buffer.from(message);
  return jsonSequenceOf(bytes, 0, bytes.length);
}

/** Message `n` as the contract says. */
function asAsked({ codec, bytes, seed }: PushRequest, n: number): Message {
  if (codec === "sbe") return Buffer.from(encodeSbe(typicalQuote, n));
  if (codec === "json") {
    const text = encodeJson(typicalQuote, n);
    return text.length >= bytes ? text : `${text.slice(0, -1).padEnd(bytes - 1)}}`;
  }
  const message = Buffer.from(rawTemplate(bytes, seed));
  writeRawSequence(message, n);
  return message;
}

/** Unsent bytes at which a push waits, and messages between two looks at them. */
const highWaterBytes = 1024 * 1024;
const runMessages = 64;
const pushes = new WeakMap<ServerWebSocket<Socket>, Promise<void>>();

/** Requests of a connection are served in turn. */
function push(
  ws: ServerWebSocket<Socket>,
  request: PushRequest,
  pushed: NonNullable<Habits["pushed"]>,
): void {
  const before = pushes.get(ws) ?? Promise.resolve();
  pushes.set(
    ws,
    before.then(async () => {
      for (let n = 0; n < request.count && ws.readyState === 1; n += 1) {
        ws.send(pushed(request, n));
        if (n % runMessages !== 0) continue;
        do await new Promise<void>((resolve) => setImmediate(resolve));
        while (ws.getBufferedAmount() > highWaterBytes && ws.readyState === 1);
      }
      ws.send(JSON.stringify({ done: true, count: request.count }));
    }),
  );
}

function subscribe(text: string): string {
  const request = parseControl(text);
  return JSON.stringify("error" in request ? request : { result: null, id: request.id });
}
