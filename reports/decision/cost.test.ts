import { expect, test } from "bun:test";
import { costOf, costPerRound } from "./cost.ts";
import { figuresAround, inventReport, plain } from "./fixture.ts";

test("a billion deliveries cost their CPU hours and the memory held meanwhile", () => {
  const centre = { ...plain, cpuNsPerMessage: 3600, rssBytesPeak: 2 ** 31 };
  const [feed] = inventReport({ a: { figures: figuresAround(centre, 4, 0) } }).results;
  if (feed === undefined) throw new Error("no result");
  // 3,600 ns each make one vCPU-hour; at 10,000 a second they take 27.78 h, with 2 GiB held.
  const prices = { currency: "USD", vcpuHour: 0.5, gibHour: 0.01 };
  expect(costPerRound(feed, prices)[0]).toBeCloseTo(0.5 + (2 * 0.01 * 1e5) / 3600, 9);
  expect(costOf(feed, { ...prices, gibHour: 0 })?.perBillion).toBeCloseTo(0.5, 9);
});
