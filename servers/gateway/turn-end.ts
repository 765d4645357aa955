import type { Data } from "./peer.ts";
import type { Subscriber } from "./subscriber.ts";

/**
 * The `coalesced` discipline: what comes within one turn of the event loop is kept by its subscribers, and leaves at the
 * turn's end, a write for each. A burst then costs a system call a subscriber and not one a delivery; a message that comes
 * alone pays with one turn of the loop.
 */
export class TurnEnd {
  #owed: Subscriber[] = [];
  readonly #flush = (): void => {
    const owed = this.#owed;
    this.#owed = [];
    for (const subscriber of owed) subscriber.flush();
  };

  deliver(subscriber: Subscriber, stream: string, data: Data, isText: boolean): void {
    if (!subscriber.defer(stream, data, isText)) return;
    if (this.#owed.push(subscriber) === 1) setImmediate(this.#flush);
  }
}
