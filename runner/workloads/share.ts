/** Which messages of a schedule one subscriber is due, where each subscribes to its own streams. */
export class Share {
  /** How many of the messages before each one are due to it; one entry more than there are messages. */
  readonly #before: Uint32Array;

  /** `isDue` says it of message `n`. */
  constructor(messages: number, isDue: (n: number) => boolean) {
    this.#before = new Uint32Array(messages + 1);
    for (let n = 0; n < messages; n += 1) this.#before[n + 1] = this.#before[n]! + (isDue(n) ? 1 : 0);
  }

  /** How many of the messages before `n` are due. */
  before(n: number): number {
    return this.#before[n]!;
  }

  /** Whether message `n` is. It is then number `before(n)` of those that are. */
  has(n: number): boolean {
    return this.#before[n + 1]! > this.#before[n]!;
  }
}
