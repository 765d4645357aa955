import { wrapped } from "../../reports/text-table.ts";

/** Sentences that a table refers to, each numbered once. */
export class Notes {
  readonly #texts: string[] = [];

  /** The number of a sentence, from 1. */
  number(text: string): number {
    if (!this.#texts.includes(text)) this.#texts.push(text);
    return this.#texts.indexOf(text) + 1;
  }

  /** The sentences in order, each broken between words to so many columns. */
  lines(columns: number): string[] {
    const width = `${this.#texts.length}`.length;
    return this.#texts.map((text, i) => {
      const number = `${i + 1}`.padStart(width);
      return `${number}  ${wrapped(text, columns, width + 2)}`;
    });
  }
}
