import type { Corruption, Unasked } from "../../schemas/load.ts";
import type { ConnectionSink } from "./connection.ts";
import type { Ledger } from "./ledger.ts";

const textMax = 200;
/** Messages that may wait for a judgement; no server greets with more, and what floods in is corrupt. */
const pendingMax = 1_000;

/** What came, for a person: text as it is, other bytes as hex, cut to 200 characters. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  const shown = Buffer.from(bytes.subarray(start, Math.min(end, start + 4 * textMax)));
  const text = shown.toString("utf8");
  // Where it is no UTF-8, or has control characters other than white space, a person is better served by the bytes.
  const printable = [...text].every((c) => c !== "\ufffd" && (c >= " " || /\s/.test(c)));
  return (printable ? text.replaceAll(/\s+/g, " ") : shown.toString("hex")).slice(0, textMax);
}

/**
 * Messages of a trial that the client did not ask for: a greeting, a service event. Many servers speak first, which is no fault
 * where all that was asked for comes too. While a cell is verified, whatever is no message due is held here; where it turns
 * out that messages due are missing, it is charged to the ledgers as what came in their place.
 */
export class UnsolicitedMessages {
  #messages = 0;
  #first: string | undefined;
  #pending: { readonly ledger: Ledger; readonly corruption: Corruption }[] = [];

  /** For connections that nothing is due on yet. */
  readonly sink: ConnectionSink = {
    message: (_opcode, buffer, start, end) => this.take(buffer.bytes, start, end),
  };

  /** Takes one that cannot have been asked for. */
  take(bytes: Uint8Array, start: number, end: number): void {
    this.#messages += 1;
    this.#first ??= textOf(bytes, start, end);
  }

  /** Takes one that may stand for a message due in `ledger`, in whose account it then broke a rule. */
  hold(bytes: Uint8Array, start: number, end: number, ledger: Ledger, corruption: Corruption): void {
    if (this.#pending.length >= pendingMax) {
      ledger.recordCorrupt(corruption);
      return;
    }
    this.take(bytes, start, end);
    this.#pending.push({ ledger, corruption: { ...corruption, text: textOf(bytes, start, end) } });
  }

  /** All that was due came: what is held was unasked indeed. */
  forgive(): void {
    this.#pending = [];
  }

  /** Messages due are missing: what is held came in their place. */
  charge(): void {
    for (const { ledger, corruption } of this.#pending) ledger.recordCorrupt(corruption);
    this.#messages -= this.#pending.length;
    this.#pending = [];
  }

  /** Undefined where the server sent nothing unasked. */
  get report(): Unasked | undefined {
    return this.#messages === 0 ? undefined : { messages: this.#messages, first: this.#first ?? "" };
  }
}
