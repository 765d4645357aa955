import { CodecError } from "../../schemas/codec/error.ts";
import { readFrame } from "../../schemas/codec/json.ts";
import { type ControlError, controlErrorCodes } from "../../schemas/control.ts";
import type { Sequenced } from "../../schemas/market.ts";
import { type Codec, codecs, type PublishQuery } from "./admission.ts";
import type { Connections } from "./connections.ts";
import { decode, encode, streamOf } from "./market.ts";
import type { Data, Peer, Session } from "./peer.ts";
import { type Registry, topicOf } from "./registry.ts";
import type { ReplayBuffer } from "./replay.ts";
import type { TurnEnd } from "./turn-end.ts";

/** /publish: the upstream. Each message goes to the subscribers of its stream, in the order it came. */
export class PublishSession implements Session {
  readonly #connections: Connections;
  readonly #registry: Registry;
  readonly #query: PublishQuery;
  readonly #turnEnd: TurnEnd;
  /** Null where nothing that this publisher sends is kept. */
  readonly #replay: ReplayBuffer | null;
  #peer: Peer | undefined;

  constructor(
    connections: Connections,
    registry: Registry,
    turnEnd: TurnEnd,
    replay: ReplayBuffer | null,
    query: PublishQuery,
  ) {
    this.#connections = connections;
    this.#registry = registry;
    this.#turnEnd = turnEnd;
    this.#replay = replay;
    this.#query = query;
  }

  opened(peer: Peer): void {
    this.#peer = peer;
    this.#connections.add(peer);
  }

  received(data: Data, isText: boolean): void {
    try {
      if (this.#query.mode === "passthrough") this.#forward(streamOf(data, isText), data, isText);
      else this.#transcode(decode(data, isText));
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** The text as it was sent is gone, so that even a passthrough has to write it anew. */
  parsed(value: unknown): void {
    try {
      if (this.#query.mode === "transcode") {
        this.#transcode(readFrame(value));
      } else {
        const text = JSON.stringify(value);
        this.#forward(streamOf(text, true), text, true);
      }
    } catch (error) {
      this.#refuse(error);
    }
  }

  drained(): void {}

  closed(): void {
    if (this.#peer !== undefined) this.#connections.delete(this.#peer);
  }

  /** The same bytes to everyone on the stream, whatever codec they asked for. */
  #forward(stream: string, data: Data, isText: boolean): void {
    this.#replay?.keep(stream, data, isText);
    if (this.#query.broadcast === "native") this.#peer?.topics?.publish(stream, data);
    else for (const codec of codecs) this.#loop(stream, codec, data, isText);
  }

  /** Decoded and validated once by now, encoded once for each codec that someone on the stream asked for. */
  #transcode({ n, message }: Sequenced): void {
    const { stream } = message;
    if (stream === null) throw new CodecError("value", "names no stream");
    for (const codec of codecs) {
      if (!this.#registry.subscribers(stream, codec)?.size) continue;
      const data = encode(message, n, codec);
      if (this.#query.broadcast === "native") this.#peer?.topics?.publish(topicOf(stream, codec), data);
      else this.#loop(stream, codec, data, codec === "json");
    }
  }

  #loop(stream: string, codec: Codec, data: Data, isText: boolean): void {
    const subscribers = this.#registry.subscribers(stream, codec);
    if (subscribers === undefined) return;
    if (this.#query.broadcast === "send") {
      for (const subscriber of subscribers) subscriber.deliver(stream, data, isText);
    } else {
      for (const subscriber of subscribers) this.#turnEnd.deliver(subscriber, stream, data, isText);
    }
  }

  /** A message that is not market data is answered and goes no further; the connection lives on. */
  #refuse(error: unknown): void {
    if (!(error instanceof CodecError)) throw error;
    const reply: ControlError = {
      error: { code: controlErrorCodes.invalidRequest, msg: `Invalid message: ${error.message}` },
      id: null,
    };
    this.#peer?.send(JSON.stringify(reply), true);
  }
}
