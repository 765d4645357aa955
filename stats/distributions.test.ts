import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { logGamma, regularizedBeta } from "./beta.ts";
import { normalCdf, normalQuantile } from "./normal.ts";
import { studentQuantile, studentTwoSidedP } from "./student.ts";

function expectRelative(got: number, wanted: number, tolerance: number): void {
  expect(Math.abs(got / wanted - 1)).toBeLessThan(tolerance);
}

describe("normal distribution", () => {
  // scipy 1.17.1: scipy.stats.norm.cdf.
  test.each([
    [-9, 1.1285884059538324e-19],
    [-5, 2.866515718791933e-7],
    [-2.9999, 0.001350341282954925],
    [-1.96, 0.024997895148220435],
    [0.3, 0.6179114221889526],
    [2, 0.9772498680518208],
    [3.5, 0.9997673709209645],
  ])("cdf at %p", (x, p) => expectRelative(normalCdf(x), p, 1e-12));

  // scipy 1.17.1: scipy.stats.norm.ppf.
  test.each([
    [1e-12, -7.034483825301131],
    [0.00135, -2.9999769927033935],
    [0.025, -1.9599639845400545],
    [0.4, -0.2533471031357997],
    [0.75, 0.6744897501960817],
    [0.999, 3.090232306167813],
  ])("quantile at %p", (p, x) => expectRelative(normalQuantile(p), x, 1e-12));
});

describe("Student's t", () => {
  // NIST/SEMATECH e-Handbook, table 1.3.6.7.2, checked to the three places it prints.
  test.each([
    [1, 0.975, 12.706],
    [2, 0.975, 4.303],
    [9, 0.975, 2.262],
    [29, 0.975, 2.045],
    [10, 0.99, 2.764],
    [100, 0.95, 1.66],
  ])("table value, %p degrees, p %p", (df, p, t) => expect(studentQuantile(p, df)).toBeCloseTo(t, 3));

  // scipy 1.17.1: scipy.stats.t.ppf.
  test.each([
    [1, 0.9995, 636.6192487687897],
    [2, 0.6, 0.2886751345948128],
    [9, 0.975, 2.262157162798205],
    [9, 0.9995, 4.780912585931217],
    [29, 0.9995, 3.6594050194663748],
    [99, 0.025, -1.9842169515864174],
  ])("quantile, %p degrees, p %p", (df, p, t) => expectRelative(studentQuantile(p, df), t, 1e-12));

  // scipy 1.17.1: 2 * scipy.stats.t.sf; the far tail is what Holm multiplies.
  test.each([
    [2.5, 9, 0.033861827682985735],
    [15.5, 9, 8.482612025238901e-8],
    [0.1, 3, 0.9266523488008059],
    [40, 29, 6.346877329729342e-27],
    [0.001, 5, 0.9992407867721976],
  ])("two-sided p of %p at %p degrees", (t, df, p) => expectRelative(studentTwoSidedP(t, df), p, 1e-12));

  test("two-sided p and quantile undo each other", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }),
        fc.integer({ min: 1, max: 500 }),
        (p, df) => {
          expect(studentTwoSidedP(studentQuantile(p, df), df)).toBeCloseTo(2 * Math.min(p, 1 - p), 10);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe("beta and gamma", () => {
  test("ln gamma of whole numbers is the log factorial, and of a half ln √π", () => {
    expectRelative(logGamma(11), Math.log(3628800), 1e-14);
    expectRelative(logGamma(0.5), 0.5 * Math.log(Math.PI), 1e-14);
  });

  test("I_x(a, b) = 1 − I_{1−x}(b, a), and I_x(1, 1) = x", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.double({ min: 0.2, max: 80, noNaN: true }),
        fc.double({ min: 0.2, max: 80, noNaN: true }),
        (x, a, b) => {
          expect(regularizedBeta(x, a, b)).toBeCloseTo(1 - regularizedBeta(1 - x, b, a), 11);
          expect(regularizedBeta(x, 1, 1)).toBeCloseTo(x, 12);
        },
      ),
      { seed: 2, numRuns: 300 },
    );
  });
});
