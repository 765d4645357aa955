/** One exchange with another clock: ours before the question and after the answer, and the other's in between, all in ns. */
export interface Exchange {
  readonly sentNs: number;
  readonly otherNs: number;
  readonly receivedNs: number;
}

/** What our clock shows more than the other, true within ± boundNs. */
export interface Offset {
  readonly offsetNs: number;
  readonly boundNs: number;
}

/**
 * How fast two clocks may drift apart. Crystals of computers are within 50 ppm each, and a clock that is kept in step with others is
 * turned by less than that.
 */
export const driftMax = 1e-4;

/** Exchanges that are kept. The offset is bounded by the best of them; older ones say less and less. */
const keptMax = 64;

/**
 * Follows how far another clock is from ours, by symmetric exchange. The other was read at some moment between our question and
 * our answer, so that the offset is certainly within [sent − other, received − other], however uneven the two ways are (Cristian,
 * Distributed Computing 3 (1989) 146–158). An exchange of the past bounds it too, by as much more as both clocks may have drifted
 * since; the offset lies where all of these overlap (Marzullo and Owicki, ACM SIGOPS Review 19.3 (1985) 44–54).
 */
export class ClockOffset {
  #kept: Exchange[] = [];

  /** Takes an exchange in. One that contradicts those before it, since a clock was set, is believed in their place. */
  add(exchange: Exchange): void {
    this.#kept.push(exchange);
    if (this.#kept.length > keptMax) this.#kept.shift();
    const { low, high } = this.#within(exchange.receivedNs);
    if (low > high) this.#kept = [exchange];
  }

  /** The offset at a moment of our clock, past or to come; null without an exchange. */
  at(ns: number): Offset | null {
    if (this.#kept.length === 0) return null;
    const { low, high } = this.#within(ns);
    return { offsetNs: (low + high) / 2, boundNs: Math.max(0, high - low) / 2 };
  }

  #within(ns: number): { readonly low: number; readonly high: number } {
    let low = Number.NEGATIVE_INFINITY;
    let high = Number.POSITIVE_INFINITY;
    for (const { sentNs, otherNs, receivedNs } of this.#kept) {
      // The other clock was read at some moment between the two.
      const drift = driftMax * Math.max(Math.abs(ns - sentNs), Math.abs(ns - receivedNs));
      low = Math.max(low, sentNs - otherNs - drift);
      high = Math.min(high, receivedNs - otherNs + drift);
    }
    return { low, high };
  }
}
