/** What a queue begins with: most of thousands never hold a byte. */
const empty = new Uint8Array(0);

/** First-in-first-out bytes in one growing buffer, for what a socket did not take at once. */
export class ByteQueue {
  #bytes: Uint8Array = empty;
  #head = 0;
  #tail = 0;

  get length(): number {
    return this.#tail - this.#head;
  }

  /** Copies `bytes[from, to)` to the end. */
  push(bytes: Uint8Array, from: number, to: number): void {
    const added = to - from;
    if (this.#tail + added > this.#bytes.length) this.#makeRoom(added);
    this.#bytes.set(bytes.subarray(from, to), this.#tail);
    this.#tail += added;
  }

  /** Offers all bytes to `write`, which gives how many it took; those leave. */
  drain(write: (bytes: Uint8Array, offset: number, length: number) => number): void {
    this.#head += write(this.#bytes, this.#head, this.length);
    if (this.#head === this.#tail) {
      this.#head = 0;
      this.#tail = 0;
    }
  }

  clear(): void {
    this.#head = 0;
    this.#tail = 0;
  }

  #makeRoom(added: number): void {
    const needed = this.length + added;
    // Moving to the front is enough while it frees at least half; growing doubles. Either way a byte moves O(1) times.
    const target = 2 * needed > this.#bytes.length ? new Uint8Array(Math.max(1024, 2 * needed)) : this.#bytes;
    target.set(this.#bytes.subarray(this.#head, this.#tail));
    this.#bytes = target;
    this.#tail = this.length;
    this.#head = 0;
  }
}
