import type { Random } from "../../stats/random.ts";
import type { Connection } from "../load/connection.ts";
import { type Market, retryDelayMs } from "./market.ts";
import type { Slot } from "./published-book.ts";

/** Every so many places of the feed one leaves as a snapshot, which also shows subscribers that their socket is alive. */
export const snapshotEvery = 10;

/**
 * The upstream of the book. The market does not wait for it: what falls due while no server is there never leaves, and a connection
 * begins with a snapshot.
 */
export class Publisher {
  readonly #market: Market;
  readonly #dial: () => Promise<Connection>;
  readonly #random: Random;
  #connection: Connection | null = null;
  #owesSnapshot = true;
  #isEnded = false;

  constructor(market: Market, dial: () => Promise<Connection>, random: Random) {
    this.#market = market;
    this.#dial = dial;
    this.#random = random;
  }

  /** Connects, and keeps doing so until it has to `leave`. Rejects where the first time fails. */
  async open(): Promise<void> {
    const connection = await this.#dial();
    if (this.#isEnded) {
      connection.terminate();
      return;
    }
    this.#connection = connection;
    this.#owesSnapshot = true;
    void connection.closed.then(() => {
      this.#connection = null;
      void this.#reopen();
    });
  }

  leave(): void {
    this.#isEnded = true;
    this.#connection?.terminate();
  }

  /** Sends the next place of the feed, whose time has come. */
  send(slot: Slot): void {
    this.#market.newest = slot;
    const connection = this.#connection;
    if (connection?.isOpen !== true) {
      this.#owesSnapshot = true;
      return;
    }
    slot.left = this.#owesSnapshot || slot.n % snapshotEvery === 0 ? "snapshot" : "update";
    this.#owesSnapshot = false;
    this.#market.left = { n: slot.n, count: this.#market.left.count + 1 };
    const { frame } = slot[slot.left];
    connection.write(frame, 0, frame.length);
  }

  async #reopen(): Promise<void> {
    while (!this.#isEnded) {
      try {
        await this.open();
        return;
      } catch {
        await Bun.sleep(retryDelayMs(this.#random));
      }
    }
  }
}
