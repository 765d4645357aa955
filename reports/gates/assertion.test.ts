import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { metricKinds, metricNames } from "../../schemas/metric.ts";
import { AssertionError, parseAssertion, speaksOf, unitsOf } from "./assertion.ts";

describe("parseAssertion", () => {
  test.each([
    ["bun/elysia feed p99 < 5ms", "bun/elysia", "feed", "latencyNsP99", "<", 5e6],
    ["* fanout/json/* last receiver p99<250 us", "*", "fanout/json/*", "lastLatencyNsP99", "<", 2.5e5],
    ["node/* echo throughput > 1.5M/s", "node/*", "echo", "throughputHz", ">", 1.5e6],
    ["bun/serve feed server CPU per message < 4 µs", "bun/serve", "feed", "cpuNsPerMessage", "<", 4e3],
    ["bun/serve * RSS peak < 96 MiB", "bun/serve", "*", "rssBytesPeak", "<", 96 * 2 ** 20],
    ["bun/serve feed latencyNsP999 < 1e1ms", "bun/serve", "feed", "latencyNsP999", "<", 1e7],
    [
      "bun/serve echo contextSwitchesPerMessage < 0.5",
      "bun/serve",
      "echo",
      "contextSwitchesPerMessage",
      "<",
      0.5,
    ],
    ["bun/serve feed start-up < 0.2s", "bun/serve", "feed", "startupNs", "<", 2e8],
  ] as const)("%s", (source, candidate, where, metric, than, limit) => {
    expect(parseAssertion(source)).toEqual({ source, candidate, where, metric, than, limit });
  });

  test.each([
    ["bun/elysia p99 < 5ms", "must read CANDIDATE WORKLOAD METRIC < VALUE"],
    ["", "must read CANDIDATE WORKLOAD METRIC < VALUE"],
    ["bun/elysia feed p99 <= 5ms", "must compare by < or >, got <="],
    ["bun/elysia feed p98 < 5ms", 'no figure is called "p98"; did you mean p90?'],
    ["bun/elysia feed p99 < 5", "latency p99 needs one of the units ns, us, µs, ms, s, got none"],
    ["bun/elysia feed p99 < 5 MiB", "latency p99 needs one of the units ns, us, µs, ms, s, got MiB"],
    [
      "bun/elysia feed p99 < constructor",
      "the value must be a positive number with its unit, got constructor",
    ],
    [
      "bun/elysia feed p99 < 5 toString",
      "latency p99 needs one of the units ns, us, µs, ms, s, got toString",
    ],
    ["bun/elysia feed p99 < 0ms", "the value must be a positive number with its unit, got 0ms"],
    ["bun/elysia feed p99 < -5ms", "the value must be a positive number with its unit, got -5ms"],
    [
      "bun/elysia echo context switches per message < 5ms",
      "context switches per message takes no unit, got ms",
    ],
  ])("%p is refused in one line", (source, message) => {
    expect(() => parseAssertion(source)).toThrow(AssertionError);
    try {
      parseAssertion(source);
    } catch (error) {
      const text = (error as Error).message;
      expect(text).toStartWith(`${JSON.stringify(source)}: ${message}`);
      expect(text).not.toContain("\n");
    }
  });

  test("every metric is read by its name and by its label, in each of its units", () => {
    const pairs = metricNames.flatMap((metric) =>
      Object.entries(unitsOf(metric)).map(([unit, worth]) => ({ metric, unit, worth })),
    );
    const value = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(fc.constantFrom(...pairs), value, fc.boolean(), ({ metric, unit, worth }, n, byLabel) => {
        const words = byLabel ? metricKinds[metric].label : metric;
        const read = parseAssertion(`a b ${words} < ${n}${unit}`);
        expect([read.metric, read.limit]).toEqual([metric, n * worth]);
      }),
      { seed: 5 },
    );
  });
});

test("an assertion speaks of a workload or of cells by a glob", () => {
  const cell = { workload: "feed", cell: "feed/json/passthrough/send/s10" } as const;
  const speaks = (source: string) => speaksOf(parseAssertion(`${source} p99 < 5ms`), "bun/elysia", cell);
  const said = ["bun/elysia feed", "bun/* feed/json/*", "* *", "bun/serve feed", "* fanout", "* feed/sbe/*"];
  expect(said.map(speaks)).toEqual([true, true, true, false, false, false]);
});
