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

/** Takes the answer to one SUBSCRIBE. What is no answer to it was not asked for, and is left out. */
class Subscription implements ConnectionSink {
  readonly #answer = Promise.withResolvers<void>();
  /** Resolves when the server has agreed. Rejects with what it said instead. */
  readonly agreed = this.#answer.promise;
  readonly #unasked: UnsolicitedMessages;

  constructor(unasked: UnsolicitedMessages) {
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
    else this.#answer.reject(refused(`SUBSCRIBE was answered with ${textOf(buffer.bytes, start, end)}`));
  }

  lost(): void {
    this.#answer.reject(refused("the server closed a subscriber's connection during SUBSCRIBE"));
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
export async function subscribeAll(
  context: TrialContext,
  connections: readonly Connection[],
  streams: readonly string[],
  unasked: UnsolicitedMessages,
): Promise<void> {
  const answers = connections.map((connection) => subscribe(connection, streams, unasked));
  if (await withTimeout(context.connectTimeoutMs, Promise.all(answers))) return;
  const { told } = unasked;
  const instead =
    told === undefined ? "" : `; ${told.messages} other messages came, the first: ${told.first}`;
  throw new TrialError(
    "subscribe-unanswered",
    `SUBSCRIBE was not answered within ${context.connectTimeoutMs} ms${instead}`,
  );
}

/** Subscribes one connection. Rejects where the server answers otherwise than with its agreement, or ends the connection. */
export function subscribe(
  connection: Connection,
  streams: readonly string[],
  unasked: UnsolicitedMessages,
): Promise<void> {
  const subscription = new Subscription(unasked);
  connection.sink = subscription;
  void connection.closed.then(() => subscription.lost());
  connection.sendText(JSON.stringify({ method: "SUBSCRIBE", params: streams, id: requestId }));
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
