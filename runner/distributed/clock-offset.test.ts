import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ClockOffset, driftMax } from "./clock-offset.ts";

/** Exchanges over ways that are uneven, with a clock that is `offsetNs` behind ours at 0 and runs off by `drift`. */
const network = fc.record({
  offsetNs: fc.integer({ min: -1e12, max: 1e12 }),
  drift: fc.double({ min: -driftMax, max: driftMax, noNaN: true }),
  ways: fc.array(
    fc.record({
      gapNs: fc.integer({ min: 0, max: 1e9 }),
      thereNs: fc.integer({ min: 0, max: 5e6 }),
      backNs: fc.integer({ min: 0, max: 5e6 }),
    }),
    { minLength: 1, maxLength: 100 },
  ),
  aheadNs: fc.integer({ min: 0, max: 1e9 }),
});

describe("the offset of two clocks", () => {
  test("lies within its bound, however uneven the ways are, and while they drift apart", () => {
    fc.assert(
      fc.property(network, ({ offsetNs, drift, ways, aheadNs }) => {
        const clock = new ClockOffset();
        const trueAt = (ns: number) => offsetNs + drift * ns;
        let now = 0;
        for (const { gapNs, thereNs, backNs } of ways) {
          const sentNs = now + gapNs;
          const readNs = sentNs + thereNs;
          now = readNs + backNs;
          clock.add({ sentNs, otherNs: readNs - trueAt(readNs), receivedNs: now });
        }
        const found = clock.at(now + aheadNs);
        expect(found).not.toBeNull();
        const wrong = Math.abs((found?.offsetNs ?? 0) - trueAt(now + aheadNs));
        // A thousandth of a microsecond is what a double keeps of such times.
        expect(wrong).toBeLessThanOrEqual((found?.boundNs ?? 0) + 1);
      }),
      { numRuns: 300, seed: 17 },
    );
  });

  test("is known to half the quickest round trip, and to less where uneven ways overlap", () => {
    const clock = new ClockOffset();
    expect(clock.at(0)).toBeNull();
    clock.add({ sentNs: 0, otherNs: 1_000_050, receivedNs: 100 });
    expect(clock.at(100)?.offsetNs).toBe(-1_000_000);
    expect(clock.at(100)?.boundNs).toBeCloseTo(50, 0);
    clock.add({ sentNs: 200, otherNs: 1_000_210, receivedNs: 290 });
    const found = clock.at(290);
    expect(found?.boundNs).toBeCloseTo(30, 0);
    expect(found?.offsetNs).toBeCloseTo(-999_980, 0);
  });

  test("grows less certain with time, by what the clocks may drift apart", () => {
    const clock = new ClockOffset();
    clock.add({ sentNs: 0, otherNs: 50, receivedNs: 100 });
    expect(clock.at(1e9)?.boundNs).toBe(50 + 1e9 * driftMax);
  });

  test("follows a clock that was set", () => {
    const clock = new ClockOffset();
    clock.add({ sentNs: 0, otherNs: 50, receivedNs: 100 });
    clock.add({ sentNs: 1000, otherNs: 5_000_050, receivedNs: 1100 });
    expect(clock.at(1100)?.offsetNs).toBeCloseTo(-4_999_000, 3);
    expect(clock.at(1100)?.boundNs).toBeCloseTo(50, 0);
  });
});
