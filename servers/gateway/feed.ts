import {
  type ControlError,
  type ControlReply,
  type ControlRequest,
  controlErrorCodes,
  parseControl,
  readControl,
} from "../../schemas/control.ts";
import type { ServerOptions } from "../../schemas/ready.ts";
import type { Codec, FeedQuery, ResumeFrom } from "./admission.ts";
import type { Connections } from "./connections.ts";
import type { Data, Peer, Session } from "./peer.ts";
import type { Registry } from "./registry.ts";
import type { Kept, ReplayBuffer } from "./replay.ts";
import { Subscriber } from "./subscriber.ts";

type Subscribe = Extract<ControlRequest, { method: "SUBSCRIBE" }>;

/** /feed: control frames in, the messages of the subscribed streams out. */
export class FeedSession implements Session {
  readonly #connections: Connections;
  readonly #registry: Registry;
  readonly #replay: ReplayBuffer;
  readonly #codec: Codec;
  readonly #options: ServerOptions;
  /** Where the first subscription of this connection begins; null where it begins with what comes next. */
  #from: ResumeFrom | null;
  #peer: Peer | undefined;
  #subscriber: Subscriber | undefined;

  constructor(
    connections: Connections,
    registry: Registry,
    replay: ReplayBuffer,
    { codec, from }: FeedQuery,
    options: ServerOptions,
  ) {
    this.#connections = connections;
    this.#registry = registry;
    this.#replay = replay;
    this.#codec = codec;
    this.#from = from ?? null;
    this.#options = options;
  }

  opened(peer: Peer): void {
    const { slowConsumer, backpressureLimitBytes } = this.#options;
    this.#peer = peer;
    this.#subscriber = new Subscriber(peer, this.#codec, slowConsumer, backpressureLimitBytes);
    this.#connections.add(peer);
  }

  received(data: Data): void {
    this.#reply(parseControl(data.toString()));
  }

  parsed(value: unknown): void {
    this.#reply(readControl(value));
  }

  drained(): void {
    this.#subscriber?.drained();
  }

  closed(): void {
    if (this.#subscriber !== undefined) {
      this.#subscriber.end();
      this.#registry.remove(this.#subscriber);
    }
    if (this.#peer !== undefined) this.#connections.delete(this.#peer);
  }

  #reply(request: ControlRequest | ControlError): void {
    const subscriber = this.#subscriber;
    if (subscriber === undefined) return;
    if ("error" in request) {
      subscriber.reply(JSON.stringify(request));
    } else if (request.method === "SUBSCRIBE" && this.#from !== null) {
      this.#resume(subscriber, request, this.#from);
    } else {
      subscriber.reply(JSON.stringify(this.#execute(subscriber, request)));
    }
  }

  /** The answer, then what was missed, then what comes: nothing is published in between, as all of it is done in one go. */
  #resume(subscriber: Subscriber, { params, id }: Subscribe, from: ResumeFrom): void {
    const missed = this.#missed(params, from);
    if (missed === null) {
      this.#from = "snapshot";
      const msg = `Cannot resume: messages from ${from} on are not all kept; subscribe again to begin at the latest snapshot`;
      const reply: ControlError = { error: { code: controlErrorCodes.tooOld, msg }, id };
      subscriber.reply(JSON.stringify(reply));
      return;
    }
    this.#from = null;
    this.#registry.subscribe(subscriber, params);
    subscriber.reply(JSON.stringify({ result: null, id } satisfies ControlReply));
    subscriber.replay(missed);
  }

  #missed(streams: readonly string[], from: ResumeFrom): Kept[] | null {
    return from === "snapshot" ? this.#replay.sinceSnapshot(streams) : this.#replay.since(from, streams);
  }

  #execute(subscriber: Subscriber, request: ControlRequest): ControlReply {
    switch (request.method) {
      case "SUBSCRIBE":
        this.#registry.subscribe(subscriber, request.params);
        return { result: null, id: request.id };
      case "UNSUBSCRIBE":
        this.#registry.unsubscribe(subscriber, request.params);
        return { result: null, id: request.id };
      case "LIST_SUBSCRIPTIONS":
        return { result: [...subscriber.streams], id: request.id };
    }
  }
}
