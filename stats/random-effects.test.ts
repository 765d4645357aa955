import { describe, expect, test } from "bun:test";
import { createRandom } from "./random.ts";
import { type Effect, hartungKnapp, pauleMandel, randomEffects } from "./random-effects.ts";

/** Nine laboratories' measurements of one standard, Kacker, Metrologia 41 (2004) 132–136. */
const estimates = [61, 61.4, 62.21, 62.3, 62.34, 62.6, 62.7, 62.84, 65.9];
const variances = [0.2025, 1.21, 0.09, 0.2025, 0.3844, 0.5625, 0.0676, 0.0225, 1.8225];
const kacker: Effect[] = estimates.map((estimate, i) => ({ estimate, variance: variances[i]! }));

describe("known answers", () => {
  test("Paule and Mandel's variance is the published one", () => {
    // Table 1 of the paper; to more digits R's metafor, rma(method = "PM").
    expect(Math.sqrt(pauleMandel(kacker))).toBeCloseTo(0.8399, 4);
    expect(pauleMandel(kacker)).toBeCloseTo(0.705395309224248, 10);
    expect(randomEffects(kacker).mean).toBeCloseTo(62.4076199113286, 10);
    expect(randomEffects(kacker).error).toBeCloseTo(0.338030602684471, 10);
  });

  test('Hartung and Knapp\'s interval is that of metafor, rma(method = "DL", test = "knha")', () => {
    const found = hartungKnapp(kacker, 0.288049246973751);
    expect(found.mean).toBeCloseTo(62.3901386044504, 10);
    expect(found.error).toBeCloseTo(0.29477605699879, 10);
    expect(found.low).toBeCloseTo(61.710383798052, 9);
    expect(found.high).toBeCloseTo(63.0698934108488, 9);
  });
});

test("machines that agree by accident make no interval narrower than their own errors", () => {
  const same = Array.from({ length: 4 }, () => ({ estimate: 0.3, variance: 0.01 }));
  const { tau2, error, mean } = randomEffects(same);
  expect([tau2, mean]).toEqual([0, 0.3]);
  expect(error).toBeCloseTo(0.05, 12);
});

test("the order and the unit of the effects do not matter", () => {
  const turned = randomEffects(kacker.toReversed());
  const scaled = randomEffects(
    kacker.map(({ estimate, variance }) => ({ estimate: 10 * estimate, variance: 100 * variance })),
  );
  const plain = randomEffects(kacker);
  expect(turned.low).toBeCloseTo(plain.low, 9);
  expect(scaled.high).toBeCloseTo(10 * plain.high, 6);
});

test("the interval holds the true mean, in about 95 of 100 studies of five machines, and a further machine in somewhat less", () => {
  const random = createRandom(17);
  let [held, further] = [0, 0];
  const studies = 2000;
  for (let study = 0; study < studies; study += 1) {
    const draw = () => {
      const variance = 0.002 * (1 + 3 * random.uniform());
      return { estimate: 0.1 * random.normal() + Math.sqrt(variance) * random.normal(), variance };
    };
    const { low, high, predictLow, predictHigh } = randomEffects(Array.from({ length: 5 }, draw));
    const next = 0.1 * random.normal();
    if (low <= 0 && high >= 0) held += 1;
    if (next >= (predictLow ?? 0) && next <= (predictHigh ?? 0)) further += 1;
  }
  expect(held / studies).toBeGreaterThan(0.935);
  expect(held / studies).toBeLessThan(0.975);
  // Few machines tell little of their own spread: of five it is some percents short (Partlett and Riley, Statist. Med. 36 (2017) 301–317).
  expect(further / studies).toBeGreaterThan(0.9);
});

test("one machine, and an effect without an error, are refused", () => {
  expect(() => randomEffects(kacker.slice(0, 1))).toThrow(RangeError);
  expect(() => randomEffects([...kacker, { estimate: 1, variance: 0 }])).toThrow(
    "a variance must be above 0, got 0",
  );
});
