import { expect, test } from "bun:test";
import { defaultPolicy } from "../policies.ts";
import { decide } from "./decide.ts";
import { figuresAround, inventReport, plain } from "./fixture.ts";

test.each([0.03, 0.11, 0.3, 0.5])(
  "a candidate that wins above a weight of %p on one axis of five",
  (from) => {
    // Twice the throughput and nothing else: the advantage is the weight × ln 2, and the worth puts the switch at `from`.
    const report = inventReport({
      fast: { figures: figuresAround({ ...plain, throughputHz: 2 * plain.throughputHz }, 8, 0) },
      slow: { figures: figuresAround(plain, 8, 0) },
    });
    const { sensitivity } = decide(report, { ...defaultPolicy, worthPct: 100 * (2 ** from - 1) });
    const share = (candidate: string | null) =>
      sensitivity.find((s) => s.candidate === candidate)?.sharePct ?? Number.NaN;
    // The part of the simplex of five where one coordinate is above `from`.
    expect(Math.abs(share("fast") - 100 * (1 - from) ** 4)).toBeLessThan(1);
    expect(Math.abs(share("fast") + share(null) - 100)).toBeLessThan(0.11);
    expect(share("slow")).toBe(0);
  },
);
