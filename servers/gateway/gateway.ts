import type { ServerOptions } from "../../schemas/ready.ts";
import {
  type Endpoint,
  feedQuery,
  type PublishQuery,
  parseQuery,
  publishQuery,
  Refusal,
} from "./admission.ts";
import { Connections } from "./connections.ts";
import { EchoSession } from "./echo.ts";
import { FeedSession } from "./feed.ts";
import type { Session, Topics } from "./peer.ts";
import { PublishSession } from "./publish.ts";
import { PushSession } from "./push.ts";
import { Registry } from "./registry.ts";
import { ReplayBuffer } from "./replay.ts";
import { Route, type RouteParts } from "./route.ts";
import type { Forwarded, Siblings } from "./siblings.ts";
import { TurnEnd } from "./turn-end.ts";

/** The rules that every candidate shares: who may connect, and what each endpoint does with a message. No I/O. */
export class Gateway {
  readonly connections = new Connections();
  readonly #registry = new Registry();
  readonly #turnEnd = new TurnEnd();
  readonly #options: ServerOptions;
  readonly #replay: ReplayBuffer;

  readonly #siblings: Siblings | null;
  /** Of what other processes forward, by how it was asked to be brought on. */
  readonly #routes = new Map<string, Route>();

  /** `siblings` are the other processes of the server; null where it is alone. */
  constructor(options: ServerOptions, siblings: Siblings | null = null) {
    this.#options = options;
    this.#siblings = siblings;
    this.#replay = new ReplayBuffer({
      messages: options.replayMessages ?? 0,
      bytes: options.replayBytes ?? 0,
    });
  }

  /** The session of an upgrade request, or why there is none. `query` is a plain object of its parameters. */
  admit(endpoint: Endpoint | undefined, query: unknown): Session | Refusal {
    switch (endpoint) {
      case "echo":
        return new EchoSession(this.connections);
      case "push":
        return new PushSession(this.connections, this.#options);
      case "feed": {
        const parsed = parseQuery(feedQuery, query);
        if (parsed instanceof Refusal) return parsed;
        return new FeedSession(this.connections, this.#registry, this.#replay, parsed, this.#options);
      }
      case "publish":
        return this.#admitPublisher(query);
      case undefined:
        return new Refusal(404, "no such path");
    }
  }

  /** Brings what another process took from its publisher to the subscribers of this one. */
  takeForwarded({ query, messages }: Forwarded, publish: Topics["publish"]): void {
    const key = Object.values(query).join();
    let route = this.#routes.get(key);
    if (route === undefined) {
      route = new Route({ ...this.#partsOf(query), publish });
      this.#routes.set(key, route);
    }
    for (const { data, isText } of messages) {
      route.take(
        typeof data === "string"
          ? data
          : Buffer.from(data.buffer as ArrayBuffer, data.byteOffset, data.length),
        isText,
      );
    }
  }

  #partsOf(query: PublishQuery): Omit<RouteParts, "publish"> {
    const replay = query.keep === "on" ? this.#replay : null;
    return { registry: this.#registry, turnEnd: this.#turnEnd, replay, query };
  }

  #admitPublisher(query: unknown): Session | Refusal {
    const parsed = parseQuery(publishQuery, query);
    if (parsed instanceof Refusal) return parsed;
    if (!this.#options.broadcast.includes(parsed.broadcast)) {
      return new Refusal(400, `broadcast: this candidate does not write ${parsed.broadcast}`);
    }
    if (parsed.broadcast === "native" && this.#options.slowConsumer === "conflate") {
      return new Refusal(400, "broadcast: a native publish cannot conflate, use loop or another policy");
    }
    if (parsed.keep === "on" && parsed.mode === "transcode") {
      return new Refusal(400, "keep: messages are kept as they came, which needs mode=passthrough");
    }
    const forward = this.#siblings?.forwarder(parsed) ?? null;
    return new PublishSession(this.connections, this.#partsOf(parsed), forward);
  }
}
