/** Splits a stream at its line ends, wherever its chunks are cut. Of a line without an end the last `restMax` characters are kept. */
export class LineSplitter {
  readonly #restMax: number;
  readonly #decoder = new TextDecoder();
  #rest = "";

  constructor(restMax = Number.POSITIVE_INFINITY) {
    this.#restMax = restMax;
  }

  /** The lines that end in this chunk. */
  push(chunk: Uint8Array): string[] {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    this.#rest = (lines.pop() ?? "").slice(-this.#restMax);
    return lines;
  }

  /** What came behind the last line end; empty where nothing did. */
  end(): string[] {
    const rest = this.#rest;
    this.#rest = "";
    return rest === "" ? [] : [rest];
  }
}
