import { CodecError } from "../../schemas/codec/error.ts";
import { readFrame } from "../../schemas/codec/json.ts";
import type { Sequenced } from "../../schemas/market.ts";
import { type Codec, codecs, type PublishQuery } from "./admission.ts";
import { decode, encode, streamOf } from "./market.ts";
import type { Data, Topics } from "./peer.ts";
import { type Registry, topicOf } from "./registry.ts";
import type { ReplayBuffer } from "./replay.ts";
import type { TurnEnd } from "./turn-end.ts";

/** What messages are brought to subscribers with. */
export interface RouteParts {
  readonly registry: Registry;
  readonly turnEnd: TurnEnd;
  /** Null where nothing that this publisher sends is kept. */
  readonly replay: ReplayBuffer | null;
  readonly query: PublishQuery;
  /** Absent where the runtime has no topics. */
  readonly publish?: Topics["publish"] | undefined;
}

/** Brings the messages of one publisher to the subscribers of this process. Throws CodecError for what is not market data. */
export class Route {
  readonly #parts: RouteParts;

  constructor(parts: RouteParts) {
    this.#parts = parts;
  }

  take(data: Data, isText: boolean): void {
    if (this.#parts.query.mode === "passthrough") this.#forward(streamOf(data, isText), data, isText);
    else this.#transcode(decode(data, isText));
  }

  /** The text as it was sent is gone, so that even a passthrough has to write it anew. */
  takeParsed(value: unknown): void {
    if (this.#parts.query.mode === "transcode") {
      this.#transcode(readFrame(value));
    } else {
      const text = JSON.stringify(value);
      this.#forward(streamOf(text, true), text, true);
    }
  }

  /** The same bytes to everyone on the stream, whatever codec they asked for. */
  #forward(stream: string, data: Data, isText: boolean): void {
    const { replay, query, publish } = this.#parts;
    replay?.keep(stream, data, isText);
    if (query.broadcast === "native") publish?.(stream, data);
    else for (const codec of codecs) this.#loop(stream, codec, data, isText);
  }

  /** Decoded and validated once by now, encoded once for each codec that someone on the stream asked for. */
  #transcode({ n, message }: Sequenced): void {
    const { registry, query, publish } = this.#parts;
    const { stream } = message;
    if (stream === null) throw new CodecError("value", "names no stream");
    for (const codec of codecs) {
      if (!registry.subscribers(stream, codec)?.size) continue;
      const data = encode(message, n, codec);
      if (query.broadcast === "native") publish?.(topicOf(stream, codec), data);
      else this.#loop(stream, codec, data, codec === "json");
    }
  }

  #loop(stream: string, codec: Codec, data: Data, isText: boolean): void {
    const { registry, turnEnd, query } = this.#parts;
    const subscribers = registry.subscribers(stream, codec);
    if (subscribers === undefined) return;
    if (query.broadcast === "send") {
      for (const subscriber of subscribers) subscriber.deliver(stream, data, isText);
    } else {
      for (const subscriber of subscribers) turnEnd.deliver(subscriber, stream, data, isText);
    }
  }
}
