/** Where a search begins, how far it may go, and how near its two ends come. */
export interface SearchRange {
  readonly start: number;
  /** Nothing below is tried. */
  readonly min: number;
  /** Nothing above is tried. */
  readonly max: number;
  /** The search is over when the level that fails is at most this many times the one that holds. */
  readonly ratio: number;
  /** Whether levels are whole numbers. */
  readonly whole?: boolean;
}

/** Probes of one verdict that decide a level: the best two of three. */
const deciding = 2;
/** A level is multiplied, or divided, by this until one holds and one fails. */
const stride = 2;

/**
 * The highest level that holds, by noisy probes: steps of two until one level holds and one fails, then halves the bracket on the
 * log scale. A level is decided by two probes of one verdict, so that none decides alone: where a probe is wrong with probability
 * p, a level is with 3p² − 2p³ (0.7 % where p is 5 %). A bracket's ends are decided, and are not tried again.
 */
export class ThresholdSearch {
  readonly #range: SearchRange;
  #low: number | null = null;
  #high: number | null = null;
  #held = 0;
  #failed = 0;

  constructor(range: SearchRange) {
    this.#range = range;
  }

  /** Highest level that was decided to hold; null where none was. */
  get low(): number | null {
    return this.#low;
  }

  /** Lowest level that was decided to fail; null where none was. */
  get high(): number | null {
    return this.#high;
  }

  /** Probes that the next level has had: 0, 1 or 2. */
  get attempt(): number {
    return this.#held + this.#failed;
  }

  /** What to probe next; null where the search is over. */
  get level(): number | null {
    const { start, min, max, ratio, whole = false } = this.#range;
    const [low, high] = [this.#low, this.#high];
    const round = (level: number) => (whole ? Math.round(level) : level);
    if (low === null && high === null) return round(Math.min(max, Math.max(min, start)));
    if (high === null) return low! >= max ? null : round(Math.min(max, low! * stride));
    if (low === null) return high <= min ? null : round(Math.max(min, high / stride));
    if (high <= low * ratio) return null;
    const middle = round(Math.sqrt(low * high));
    return middle <= low || middle >= high ? null : middle;
  }

  /** Takes the verdict of a probe of `level`. */
  note(holds: boolean): void {
    const { level } = this;
    if (level === null) throw new RangeError("the search is over");
    if (holds) this.#held += 1;
    else this.#failed += 1;
    if (Math.max(this.#held, this.#failed) < deciding) return;
    if (this.#held === deciding) this.#low = level;
    else this.#high = level;
    this.#held = 0;
    this.#failed = 0;
  }
}
