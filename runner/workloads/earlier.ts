import type { LedgerTotals, Measurement, Unasked } from "../../schemas/load.ts";
import { flawsSince } from "../load/ledger.ts";

/**
 * The account of what came before a window. It stays open until the window's account replaces it, and what has come since it
 * was reported, such as the second copy of its last message, is reported with the window.
 */
export class Earlier {
  #read: () => LedgerTotals;
  #reported: LedgerTotals | null = null;
  #unasked: Unasked | undefined;

  /** `unasked` is reported with the first window. */
  constructor(read: () => LedgerTotals, unasked: Unasked | undefined) {
    this.#read = read;
    this.#unasked = unasked;
  }

  /** What was not reported yet, read at the very moment at which the window's account begins. */
  take(): { readonly warmUp: LedgerTotals } & Pick<Measurement, "unasked"> {
    const now = this.#read();
    const warmUp = this.#reported === null ? now : flawsSince(this.#reported, now);
    const unasked = this.#unasked;
    this.#unasked = undefined;
    return { warmUp, ...(unasked === undefined ? {} : { unasked }) };
  }

  /** Goes on with another account, of which all that it says by now has been reported. */
  follow(read: () => LedgerTotals): void {
    this.#read = read;
    this.#reported = read();
  }
}
