/** Keeps the latest values by key, up to a total weight; the newest stays whatever it weighs. */
export class Cache<T> {
  readonly #weightMax: number;
  readonly #weigh: (value: T) => number;
  readonly #values = new Map<string, Promise<T>>();
  readonly #weights = new Map<string, number>();

  constructor(weightMax: number, weigh: (value: T) => number) {
    this.#weightMax = weightMax;
    this.#weigh = weigh;
  }

  /** The value of `key`, made where it is not there. A failure is not kept. */
  async get(key: string, make: () => T | Promise<T>): Promise<T> {
    const known = this.#values.get(key);
    this.#values.delete(key);
    const value = known ?? Promise.resolve().then(make);
    this.#values.set(key, value);
    try {
      const made = await value;
      if (this.#values.get(key) === value) this.#weights.set(key, this.#weigh(made));
      this.#evict(key);
      return made;
    } catch (error) {
      if (this.#values.get(key) === value) this.#forget(key);
      throw error;
    }
  }

  #evict(newest: string): void {
    let total = [...this.#weights.values()].reduce((sum, weight) => sum + weight, 0);
    for (const key of [...this.#values.keys()]) {
      if (total <= this.#weightMax) return;
      // What is still being made has no weight yet, and somebody waits for it.
      const weight = this.#weights.get(key);
      if (key === newest || weight === undefined) continue;
      total -= weight;
      this.#forget(key);
    }
  }

  #forget(key: string): void {
    this.#values.delete(key);
    this.#weights.delete(key);
  }
}
