import type { LedgerTotals, Measurement, Unasked } from "../../schemas/load.ts";
import { flawsSince } from "../load/ledger.ts";

/**
 * The books of what came before a window. They stay open until the window's own take their place, and what has come since they
 * were reported, such as the second copy of their last message, is reported with the window.
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

  /** What was not reported yet, read at the very moment at which the window's books begin. */
  take(): { readonly warmUp: LedgerTotals } & Pick<Measurement, "unasked"> {
    const now = this.#read();
    const warmUp = this.#reported === null ? now : flawsSince(this.#reported, now);
    const unasked = this.#unasked;
    this.#unasked = undefined;
    return { warmUp, ...(unasked === undefined ? {} : { unasked }) };
  }

  /** What these say by now has been reported. */
  follow(read: () => LedgerTotals): void {
    this.#read = read;
    this.#reported = read();
  }
}
