import {
  type ControlError,
  type ControlReply,
  type ControlRequest,
  parseControl,
  readControl,
} from "../../schemas/control.ts";
import type { ServerOptions } from "../../schemas/ready.ts";
import type { Codec } from "./admission.ts";
import type { Connections } from "./connections.ts";
import type { Data, Peer, Session } from "./peer.ts";
import type { Registry } from "./registry.ts";
import { Subscriber } from "./subscriber.ts";

/** /feed: control frames in, the messages of the subscribed streams out. */
export class FeedSession implements Session {
  readonly #connections: Connections;
  readonly #registry: Registry;
  readonly #codec: Codec;
  readonly #options: ServerOptions;
  #peer: Peer | undefined;
  #subscriber: Subscriber | undefined;

  constructor(connections: Connections, registry: Registry, codec: Codec, options: ServerOptions) {
    this.#connections = connections;
    this.#registry = registry;
    this.#codec = codec;
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
    const reply = "error" in request ? request : this.#execute(subscriber, request);
    subscriber.reply(JSON.stringify(reply));
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
