import { describe, expect, test } from "bun:test";
import { requirement } from "../../schemas/policy.ts";
import { optionsFrom, planFrom } from "../fixtures/planned.ts";
import { parseSlo, sloRequirements } from "./slo.ts";

function planOf(...argv: string[]) {
  return { cells: planFrom(...argv).cells, slos: optionsFrom(...argv).slos };
}

describe("--slo", () => {
  test("reads a metric, a limit and a rate", () => {
    expect(parseSlo("p99<5ms@50000")).toEqual({
      source: "p99<5ms@50000",
      metric: "latencyNsP99",
      than: "<",
      limit: 5e6,
      rateHz: 50_000,
    });
    expect(parseSlo("deliveries > 10k/s @ 12000/s")).toMatchObject({ than: ">", limit: 1e4, rateHz: 12_000 });
  });

  test.each([
    ["p99<5ms", 'must read METRIC < VALUE @ DELIVERIES A SECOND, as in "p99<5ms@50000"'],
    ["p99<5ms@0", 'must read METRIC < VALUE @ DELIVERIES A SECOND, as in "p99<5ms@50000"'],
    ["p98<5ms@50000", 'no figure is called "p98"; did you mean p90?'],
    ["p99<5@50000", "latency p99 needs one of the units ns, us, µs, ms, s, got none"],
  ])("%p is refused in one line", (source, what) => {
    expect(() => planOf("--slo", source)).toThrow(`--slo: ${JSON.stringify(source)}: ${what}`);
  });

  test("requires the limit of every open-loop cell that offers so much, and of no other", async () => {
    const { cells, slos } = planOf("--slo", "p99<5ms@15000", "--slo", "receiver skew p99<1ms@15000");
    const required = (await sloRequirements(slos, cells)).map((r) => requirement.parse(r));
    const open = cells.flatMap(({ id, spec }) => {
      if (spec.workload === "feed") return [id];
      // Of ten subscribers at 1000 Hz come 10,000 a second, of 100 at 200 Hz or 1000 at 20 Hz twice as many.
      return spec.workload === "fanout" && spec.subscribers * spec.rateHz >= 15_000 ? [id] : [];
    });
    expect(required[0]).toEqual({ kind: "slo", metric: "latencyNsP99", cells: open, max: 5e6 });
    expect(required[1]).toMatchObject({ metric: "skewNsP99", max: 1e6 });
    expect(required[1]).toMatchObject({ cells: open.filter((id) => id.startsWith("fanout/")) });
  });

  test("at a rate that no cell reaches is refused with those that there are", async () => {
    const high = planOf("--slo", "p99<5ms@50000", "--workloads", "fanout/*");
    await expect(sloRequirements(high.slos, high.cells)).rejects.toThrow(
      /got 50000\/s; .* 1000, 10000, 20000; see --feed-rate and --workloads$/,
    );
    const closed = planOf("--slo", "p99<5ms@50000", "--workloads", "echo");
    await expect(sloRequirements(closed.slos, closed.cells)).rejects.toThrow("this run has none");
  });
});
