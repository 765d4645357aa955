import { controlReply } from "../../schemas/control.ts";
import type { Broadcast } from "../../schemas/ready.ts";
import type { BufferView } from "../load/buffer-view.ts";
import type { Connection, ConnectionSink } from "../load/connection.ts";
import type { DataOpcode } from "../load/frame.ts";
import { withTimeout } from "../load/timeout.ts";
import { TrialError } from "../load/trial-error.ts";
import { textOf, type UnsolicitedMessages } from "../load/unsolicited.ts";
import type { TrialContext } from "./context.ts";
import { openAll } from "./open.ts";

/** The only request on a connection; whatever bears another id is no answer to it. */
const requestId = 1;

/** Takes the answer to one request. What is no answer to it was not asked for, and is left out. */
class Subscription implements ConnectionSink {
  readonly #answer = Promise.withResolvers<void>();
  /** Resolves when the server has agreed. Rejects with what it said instead. */
  readonly agreed = this.#answer.promise;
  readonly #method: Method;
  readonly #unasked: UnsolicitedMessages;

  constructor(method: Method, unasked: UnsolicitedMessages) {
    this.#method = method;
    this.#unasked = unasked;
    // Nobody may be waiting any more when a connection is lost.
    this.agreed.catch(() => undefined);
  }

  message(_opcode: DataOpcode, buffer: BufferView, start: number, end: number): void {
    const reply = controlReply.safeParse(
      parseJson(Buffer.from(buffer.bytes.subarray(start, end)).toString("utf8")),
    );
    // A server that could not read the request cannot tell its id.
    const isAnswer =
      reply.success && (reply.data.id === requestId || ("error" in reply.data && reply.data.id === null));
    if (!isAnswer) this.#unasked.take(buffer.bytes, start, end);
    else if ("result" in reply.data) this.#answer.resolve();
    else
      this.#answer.reject(refused(`${this.#method} was answered with ${textOf(buffer.bytes, start, end)}`));
  }

  lost(): void {
    this.#answer.reject(refused(`the server closed a subscriber's connection during ${this.#method}`));
  }
}

const refused = (text: string) => new TrialError("subscribe-refused", text);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Opens the subscribers' connections, without subscribing yet. */
export function openSubscribers(
  context: TrialContext,
  count: number,
  codec: "json" | "sbe",
  unasked: UnsolicitedMessages,
): Promise<Connection[]> {
  return openAll(context, "feed", count, () => unasked.sink, { codec });
}

/** Subscribes every connection to `streams`, and resolves when all are agreed. Rejects after the connect time limit. */
export function subscribeAll(
  context: TrialContext,
  connections: readonly Connection[],
  streams: readonly string[],
  unasked: UnsolicitedMessages,
): Promise<void> {
  const answers = connections.map((connection) => subscribe(connection, streams, unasked));
  return allAnswered("SUBSCRIBE", answers, context, unasked);
}

/** Subscriptions of each subscriber's own. */
export interface Chosen {
  /** Position in the publication's streams of each message's. */
  readonly streamOf: ArrayLike<number>;
  /** Whether subscriber number `client` takes a stream. */
  readonly takes: (client: number, stream: string) => boolean;
}

/** Streams of a publication, and who takes which; all take all where none chooses. */
export interface Offered {
  readonly streams: readonly string[];
  readonly chosen?: Chosen;
}

/** What each connection of a cell has subscribed to. */
export class Subscriptions {
  readonly #context: TrialContext;
  readonly #connections: readonly Connection[];
  readonly #unasked: UnsolicitedMessages;
  readonly #held: readonly Set<string>[];

  constructor(context: TrialContext, connections: readonly Connection[], unasked: UnsolicitedMessages) {
    this.#context = context;
    this.#connections = connections;
    this.#unasked = unasked;
    this.#held = connections.map(() => new Set());
  }

  /**
   * Brings every connection to what it takes of a publication, since stretches of one feed may hold other streams. It resolves when the
   * server has agreed to all, and rejects after the connect time limit.
   */
  async follow({ streams, chosen }: Offered): Promise<void> {
    const takes = (client: number, stream: string) => chosen?.takes(client, stream) ?? true;
    const further = this.#held.map((held, client) =>
      streams.filter((stream) => !held.has(stream) && takes(client, stream)),
    );
    await this.#ask("SUBSCRIBE", further);
    const left = this.#held.map((held, client) => [...held].filter((stream) => !takes(client, stream)));
    await this.#ask("UNSUBSCRIBE", left);
    for (const [client, held] of this.#held.entries()) {
      for (const stream of further[client]!) held.add(stream);
      for (const stream of left[client]!) held.delete(stream);
    }
  }

  async #ask(method: Method, streamsOf: readonly (readonly string[])[]): Promise<void> {
    const asked = this.#connections.flatMap((connection, client) => {
      const streams = streamsOf[client]!;
      return streams.length === 0 ? [] : [request(method, connection, streams, this.#unasked)];
    });
    if (asked.length > 0) await allAnswered(method, asked, this.#context, this.#unasked);
  }
}

type Method = "SUBSCRIBE" | "UNSUBSCRIBE";

async function allAnswered(
  method: Method,
  answers: readonly Promise<void>[],
  context: TrialContext,
  unasked: UnsolicitedMessages,
): Promise<void> {
  if (await withTimeout(context.connectTimeoutMs, Promise.all(answers))) return;
  const { told } = unasked;
  const instead =
    told === undefined ? "" : `; ${told.messages} other messages came, the first: ${told.first}`;
  throw new TrialError(
    "subscribe-unanswered",
    `${method} was not answered within ${context.connectTimeoutMs} ms${instead}`,
  );
}

/** Subscribes one connection. Rejects where the server answers otherwise than with its agreement, or ends the connection. */
export function subscribe(
  connection: Connection,
  streams: readonly string[],
  unasked: UnsolicitedMessages,
): Promise<void> {
  return request("SUBSCRIBE", connection, streams, unasked);
}

function request(
  method: Method,
  connection: Connection,
  streams: readonly string[],
  unasked: UnsolicitedMessages,
): Promise<void> {
  const subscription = new Subscription(method, unasked);
  connection.sink = subscription;
  if (connection.isClosed) subscription.lost();
  connection.sendText(JSON.stringify({ method, params: streams, id: requestId }));
  return subscription.agreed;
}

/** Opens the upstream, whose own messages are errors. */
export async function openPublisher(
  context: TrialContext,
  mode: "passthrough" | "transcode",
  broadcast: Broadcast,
  onError: (text: string) => void,
): Promise<Connection> {
  const sink: ConnectionSink = {
    message: (_opcode, buffer, start, end) => {
      onError(Buffer.from(buffer.bytes.subarray(start, end)).toString("utf8").slice(0, 200));
    },
  };
  const [publisher] = await openAll(context, "publish", 1, () => sink, { mode, broadcast });
  return publisher!;
}
