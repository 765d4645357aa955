/** The last lines of a stream, in bounded memory however much is written. */
export class Tail {
  readonly #maxLines: number;
  readonly #maxBytes: number;
  #kept: Buffer = Buffer.alloc(0);

  constructor(maxLines = 20, maxBytes = 8192) {
    this.#maxLines = maxLines;
    this.#maxBytes = maxBytes;
  }

  push(chunk: Uint8Array): void {
    // Only the end of a chunk can be part of the tail: a flood costs no more than the copy of its last bytes.
    const end = chunk.subarray(Math.max(0, chunk.length - this.#maxBytes));
    const joined = Buffer.concat([this.#kept, end]);
    this.#kept = Buffer.from(joined.subarray(Math.max(0, joined.length - this.#maxBytes)));
  }

  /** The last lines, oldest first, without empty ones; the first may be cut where the byte limit fell. */
  lines(): string[] {
    const lines = this.#kept.toString("utf8").split(/\r?\n/);
    return lines.filter((line) => line.trim() !== "").slice(-this.#maxLines);
  }
}
