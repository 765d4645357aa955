import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { digamma, trigamma, trigammaInverse } from "./polygamma.ts";

describe("digamma and trigamma", () => {
  // scipy 1.17.1: digamma(x), polygamma(1, x).
  test.each([
    [0.1, -10.423754940411076, 101.43329915079275],
    [0.5, -1.9635100260214235, 4.93480220054468],
    [1, -0.5772156649015329, 1.6449340668482266],
    [3.5, 1.103156640645243, 0.3303577561002349],
    [7.25, 1.9104535268837362, 0.1478792331589322],
    [42, 3.725717617937282, 0.02409521984367057],
  ])("at %p", (x, psi, psi1) => {
    expect(digamma(x) / psi).toBeCloseTo(1, 12);
    expect(trigamma(x) / psi1).toBeCloseTo(1, 12);
  });
});

describe("trigammaInverse", () => {
  // scipy 1.17.1: brentq on polygamma(1, x) − y.
  test.each([
    [1e-3, 1000.4999166666817],
    [0.0555, 18.513395623246073],
    [0.2838, 4.000286827327593],
    [1, 1.426255120215079],
    [100, 0.10072375880005269],
  ])("of %p", (y, x) => {
    expect(trigammaInverse(y) / x).toBeCloseTo(1, 11);
  });

  test("undoes trigamma from 1e-5 to 1e9", () => {
    fc.assert(
      fc.property(fc.double({ min: -5, max: 9, noNaN: true }), (exponent) => {
        const x = 10 ** exponent;
        expect(trigammaInverse(trigamma(x)) / x).toBeCloseTo(1, 5);
      }),
      { seed: 51 },
    );
  });

  test("of no variance is without end", () => {
    expect(trigammaInverse(0)).toBe(Infinity);
    expect(trigammaInverse(-0.2)).toBe(Infinity);
  });
});
