import { expect, test } from "bun:test";
import type { MetricName } from "./metric.ts";
import { tailInstead } from "./tail.ts";

test("a cell is judged by the tail that is asked for, or by the deepest of the same latency that was declared", () => {
  const declared: MetricName[] = ["latencyNsP50", "latencyNsP90", "lastLatencyNsP99", "cpuNsPerMessage"];
  expect(tailInstead("latencyNsP99", declared)).toBe("latencyNsP90");
  expect(tailInstead("latencyNsP999", [...declared, "latencyNsP99"])).toBe("latencyNsP99");
  expect(tailInstead("latencyNsP90", declared)).toBe("latencyNsP90");
  // A median is no tail, and neither is the latency of another receiver.
  expect(tailInstead("latencyNsP99", ["latencyNsP50", "lastLatencyNsP99"])).toBe("latencyNsP99");
  expect(tailInstead("cpuNsPerMessage", declared)).toBe("cpuNsPerMessage");
});
