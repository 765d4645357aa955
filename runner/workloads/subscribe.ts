import { parseReply } from "../../schemas/control.ts";
import type { Broadcast } from "../../schemas/ready.ts";
import type { BufferView } from "../load/buffer-view.ts";
import { collectPrepared } from "../load/connect-all.ts";
import type { Connection, ConnectionSink } from "../load/connection.ts";
import type { DataOpcode } from "../load/frame.ts";
import { withTimeout } from "../load/timeout.ts";
import { TrialError } from "../load/trial-error.ts";
import { textOf, type UnsolicitedMessages } from "../load/unsolicited.ts";
import type { TrialContext } from "./context.ts";
import { openAll } from "./open.ts";

/** The only request on a connection; whatever bears another id is no answer to it. */
const requestId = 1;

/** Waits for as many agreements; the first refusal ends it. One for all, since a promise for each of thousands would stay in memory. */
class Answers {
  readonly #all = Promise.withResolvers<void>();
  /** Rejects with what a server said instead. */
  readonly agreed = this.#all.promise;
  #due: number;
  /** The last one that agreed: all servers say it to thousands in the same bytes, and judging each leaves kilobytes behind. */
  #agreement: Buffer | undefined;

  constructor(due: number) {
    this.#due = due;
    // Nobody may be waiting any more when a connection is lost.
    this.agreed.catch(() => undefined);
  }

  /** Whether a message is to the byte one that has agreed before. */
  isAgreement(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#agreement?.length === end - start && this.#agreement.compare(bytes, start, end) === 0;
  }

  /** Takes the agreement in `bytes[start, end)`. */
  agree(bytes: Uint8Array, start: number, end: number): void {
    if (!this.isAgreement(bytes, start, end)) this.#agreement = Buffer.from(bytes.subarray(start, end));
    this.#due -= 1;
    if (this.#due === 0) this.#all.resolve();
  }

  refuse(text: string): void {
    this.#all.reject(new TrialError("subscribe-refused", text));
  }
}

/** Takes the answer to one request. What is no answer to it was not asked for, and is left out. */
class Subscription implements ConnectionSink {
  readonly #method: Method;
  readonly #unasked: UnsolicitedMessages;
  /** Where the answer is reported; nowhere once it has been. */
  #answers: Answers | undefined;

  constructor(method: Method, unasked: UnsolicitedMessages, answers: Answers) {
    this.#method = method;
    this.#unasked = unasked;
    this.#answers = answers;
  }

  message(_opcode: DataOpcode, buffer: BufferView, start: number, end: number): void {
    if (this.#answers?.isAgreement(buffer.bytes, start, end) === true) {
      this.#agree(buffer.bytes, start, end);
      return;
    }
    const reply = parseReply(Buffer.from(buffer.bytes.subarray(start, end)).toString("utf8"));
    // A server that could not read the request cannot name its id.
    const isAnswer =
      reply !== undefined && (reply.id === requestId || ("error" in reply && reply.id === null));
    if (!isAnswer) {
      this.#unasked.take(buffer.bytes, start, end);
      return;
    }
    if ("result" in reply) {
      this.#agree(buffer.bytes, start, end);
      return;
    }
    this.#answers?.refuse(`${this.#method} was answered with ${textOf(buffer.bytes, start, end)}`);
    this.#answers = undefined;
  }

  #agree(bytes: Uint8Array, start: number, end: number): void {
    this.#answers?.agree(bytes, start, end);
    this.#answers = undefined;
  }

  lost(): void {
    this.#answers?.refuse(`the server closed a subscriber's connection during ${this.#method}`);
    this.#answers = undefined;
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
  return allAsk("SUBSCRIBE", connections, () => streams, context, unasked);
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

/** What one subscriber still has to ask for, what it has to give up, and what it holds then. */
interface Change {
  readonly further: readonly string[];
  readonly left: readonly string[];
  readonly next: ReadonlySet<string>;
}

/** What each connection of a cell has subscribed to. */
export class Subscriptions {
  readonly #context: TrialContext;
  readonly #connections: readonly Connection[];
  readonly #unasked: UnsolicitedMessages;
  /** Never written to, so that thousands that hold the same share one. */
  #held: readonly ReadonlySet<string>[];

  constructor(context: TrialContext, connections: readonly Connection[], unasked: UnsolicitedMessages) {
    this.#context = context;
    this.#connections = connections;
    this.#unasked = unasked;
    const none = new Set<string>();
    this.#held = connections.map(() => none);
  }

  /**
   * Brings every connection to what it takes of a publication, since stretches of one feed may hold other streams. It resolves when the
   * server has agreed to all, and rejects after the connect time limit.
   */
  async follow({ streams, chosen }: Offered): Promise<void> {
    const takes = (client: number, stream: string) => chosen?.takes(client, stream) ?? true;
    const change = (held: ReadonlySet<string>, client: number): Change => {
      const further = streams.filter((stream) => !held.has(stream) && takes(client, stream));
      const left = [...held].filter((stream) => !takes(client, stream));
      const next = [...held, ...further].filter((stream) => !left.includes(stream));
      return { further, left, next: further.length + left.length === 0 ? held : new Set(next) };
    };
    const same = new Map<ReadonlySet<string>, Change>();
    const changes = this.#held.map((held, client) => {
      if (chosen !== undefined) return change(held, client);
      const known = same.get(held) ?? change(held, client);
      same.set(held, known);
      return known;
    });
    await this.#ask("SUBSCRIBE", (client) => changes[client]!.further);
    await this.#ask("UNSUBSCRIBE", (client) => changes[client]!.left);
    this.#held = changes.map(({ next }) => next);
  }

  async #ask(method: Method, streamsOf: (client: number) => readonly string[]): Promise<void> {
    const due = this.#connections.map((_, client) => client).filter((client) => streamsOf(client).length > 0);
    const connections = due.map((client) => this.#connections[client]!);
    await allAsk(method, connections, (n) => streamsOf(due[n]!), this.#context, this.#unasked);
  }
}

type Method = "SUBSCRIBE" | "UNSUBSCRIBE";

/** Asks on every connection, and resolves when all have agreed. Rejects after the connect time limit. */
async function allAsk(
  method: Method,
  connections: readonly Connection[],
  streamsOf: (n: number) => readonly string[],
  context: TrialContext,
  unasked: UnsolicitedMessages,
): Promise<void> {
  if (connections.length === 0) return;
  const answers = new Answers(connections.length);
  for (const [n, connection] of connections.entries())
    ask(method, connection, streamsOf(n), unasked, answers);
  if (await withTimeout(context.connectTimeoutMs, answers.agreed)) {
    collectPrepared(connections.length);
    return;
  }
  const { report } = unasked;
  const instead =
    report === undefined ? "" : `; ${report.messages} other messages came, the first: ${report.first}`;
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
  const answers = new Answers(1);
  ask("SUBSCRIBE", connection, streams, unasked, answers);
  return answers.agreed;
}

function ask(
  method: Method,
  connection: Connection,
  streams: readonly string[],
  unasked: UnsolicitedMessages,
  answers: Answers,
): void {
  const subscription = new Subscription(method, unasked, answers);
  connection.sink = subscription;
  if (connection.isClosed) subscription.lost();
  connection.sendText(JSON.stringify({ method, params: streams, id: requestId }));
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
