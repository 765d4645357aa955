import { type Codec, codecs } from "./admission.ts";
import type { Subscriber } from "./subscriber.ts";

/** Who subscribes to what, by the codec asked for. */
export class Registry {
  readonly #streams = new Map<string, Record<Codec, Set<Subscriber>>>();

  /** Subscribes to each stream once, both for the send loop and with the runtime's topics. */
  subscribe(subscriber: Subscriber, streams: readonly string[]): void {
    for (const stream of streams) {
      if (subscriber.streams.has(stream)) continue;
      subscriber.streams.add(stream);
      let entry = this.#streams.get(stream);
      if (entry === undefined) {
        entry = { json: new Set(), sbe: new Set() };
        this.#streams.set(stream, entry);
      }
      entry[subscriber.codec].add(subscriber);
      subscriber.join(stream);
      subscriber.join(topicOf(stream, subscriber.codec));
    }
  }

  unsubscribe(subscriber: Subscriber, streams: readonly string[]): void {
    for (const stream of streams) {
      if (!subscriber.streams.delete(stream)) continue;
      this.#forget(subscriber, stream);
      subscriber.leave(stream);
      subscriber.leave(topicOf(stream, subscriber.codec));
    }
  }

  /** Forgets a subscriber whose socket has closed. Its topics went with the socket. */
  remove(subscriber: Subscriber): void {
    for (const stream of subscriber.streams) this.#forget(subscriber, stream);
    subscriber.streams.clear();
  }

  subscribers(stream: string, codec: Codec): ReadonlySet<Subscriber> | undefined {
    return this.#streams.get(stream)?.[codec];
  }

  #forget(subscriber: Subscriber, stream: string): void {
    const entry = this.#streams.get(stream);
    if (entry === undefined) return;
    entry[subscriber.codec].delete(subscriber);
    if (codecs.every((codec) => entry[codec].size === 0)) this.#streams.delete(stream);
  }
}

/** The topic of those subscribers of a stream who want one codec; all of them share the topic `stream`. */
export function topicOf(stream: string, codec: Codec): string {
  return `${stream}|${codec}`;
}
