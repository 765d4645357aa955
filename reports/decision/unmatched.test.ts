import { describe, expect, test } from "bun:test";
import type { Policy, Requirement } from "../../schemas/policy.ts";
import { defaultPolicy } from "../policies.ts";
import { decide } from "./decide.ts";
import { figuresAround, inventReport, plain, worse } from "./fixture.ts";
import { nearestCell } from "./unmatched.ts";

const figures = figuresAround(plain);
const clear = { fast: { figures }, slow: { figures: worse(figures, 2) } };
const requiring = (...require: Requirement[]): Policy => ({ ...defaultPolicy, require });
const tail = (cells: string[], max = 5e6): Requirement => ({
  kind: "slo",
  metric: "latencyNsP99",
  cells,
  max,
});

describe("a requirement that nobody can be held to", () => {
  test("on no cell of the run is told as that, and excludes nobody", () => {
    const { recommended, outcome, excluded, reversals } = decide(
      inventReport(clear),
      requiring(tail(["feed/jsn/*"])),
    );
    expect(recommended).toBeNull();
    expect(excluded).toEqual([]);
    expect(reversals).toEqual([]);
    expect(outcome).toBe("requirement-not-in-run");
  });

  test("on a metric that its cells do not give is told as that", () => {
    const rate: Requirement = { kind: "slo", metric: "throughputHz", cells: ["feed/*"], min: 1e5 };
    const { recommended, outcome, excluded } = decide(inventReport(clear), requiring(rate));
    expect(recommended).toBeNull();
    expect(excluded).toEqual([]);
    expect(outcome).toBe("requirement-not-in-run");
  });

  test("leaves the other requirements in force", () => {
    const { excluded } = decide(inventReport(clear), requiring(tail(["fed/*"]), tail(["feed/*"], 1.5e6)));
    expect(excluded.map((e) => e.candidate)).toEqual(["slow"]);
  });

  test("is none where a candidate alone lacks the figure", () => {
    const report = inventReport(clear);
    const results = report.results.filter((r) => r.candidate !== "slow" || r.workload !== "feed");
    const { recommended, excluded } = decide({ ...report, results }, requiring(tail(["feed/*"])));
    expect(recommended).toBe("fast");
    expect(excluded.map((e) => e.candidate)).toContain("slow");
  });
});

const cells = ["echo/sbe/c4w128", "push/json/146B/c8", "feed/json/passthrough/send/s10", "fanout/json/s1000"];
test.each([
  ["feed/jsn/*", "feed/json/passthrough/send/s10"],
  ["feeds/*", "feed/json/passthrough/send/s10"],
  ["*s10000", "fanout/json/s1000"],
  ["echo/sbe/c4w12", "echo/sbe/c4w128"],
] as const)("the cell nearest to %s is %s", (pattern, nearest) => {
  expect(nearestCell([pattern], cells)).toBe(nearest);
});
