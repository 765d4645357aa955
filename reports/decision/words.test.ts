import { describe, expect, test } from "bun:test";
import type { Requirement } from "../../schemas/policy.ts";
import { defaultPolicy } from "../policies.ts";
import { wholeAnswer } from "../wording.ts";
import { decide } from "./decide.ts";
import { figuresAround, type Invented, inventReport, plain } from "./fixture.ts";

const invented = (over: Partial<typeof plain>): Invented => ({
  figures: figuresAround({ ...plain, ...over }, 8, 0),
});
const answerOf = (a: Partial<typeof plain>, b: Partial<typeof plain>): string =>
  decide(inventReport({ first: invented(a), second: invented(b) }), defaultPolicy).answer;

describe("a recommendation", () => {
  test("says what decided and what is equal, and leaves the nearest change to the reversals", () => {
    const answer = answerOf({ throughputHz: 4e6 }, {});
    expect(answer).toStartWith(
      "first is recommended under the balanced policy. On the weighted figures it is 32 % ahead of second, the runner-up (95 % interval 32 % to 32 %, counting only differences that are shown). Throughput alone decides: 4.00 × faster (4.00–4.00) in the push of 146 B JSON to 8 connections, 4.00 M/s against 1.00 M/s. Latency tail, running cost, memory and start-up are equal.",
    );
    expect(answer).not.toContain("weighs");
  });

  test("names the axes that helped and those that it is worse on, and who wins the other weightings", () => {
    const answer = answerOf({ throughputHz: 4e6, latencyNsP99: 8e5 }, { rssBytesPeak: 3e7, startupNs: 4e7 });
    expect(answer).toContain(
      "Throughput decides most: 4.00 × faster (4.00–4.00) in the push of 146 B JSON to 8 connections, 4.00 M/s against 1.00 M/s. Latency tail is better too. Memory, running cost and start-up are worse. Of all",
    );
    expect(answer).toMatch(
      / Of all possible weights \d+ % give the same answer, \d+ % second; under the rest no candidate is ahead\.$/,
    );
  });

  test("says where nothing would change it", () => {
    const all = {
      latencyNsP99: 5e5,
      throughputHz: 2e6,
      cpuNsPerMessage: 2e3,
      rssBytesPeak: 3e7,
      startupNs: 2e7,
    };
    const decision = decide(inventReport({ first: invented(all), second: invented({}) }), defaultPolicy);
    expect(decision.answer).toEndWith(" are better too. All possible weights give the same answer.");
    expect(wholeAnswer(decision)).toEndWith(" None of the variations tried would change the answer.");
  });
});

test("a figure that is better where it is lower reads faster, with its interval the right way round", () => {
  expect(answerOf({ latencyNsP99: 2.5e5 }, {})).toContain(
    "Latency tail alone decides: latency p99 4.00 × faster (4.00–4.00) in the JSON feed to 10 subscribers, 250 µs against 1.00 ms.",
  );
});

test("what leaves out 1 and yet counts as equal tells why", () => {
  const reasonsAt = (thresholdPct: number, startupNs: number) =>
    decide(
      inventReport(
        { first: invented({ throughputHz: 9e6, startupNs }), second: invented({}) },
        { thresholdPct },
      ),
      defaultPolicy,
    ).because.find((line) => line.startsWith("Start-up"));
  expect(reasonsAt(130, plain.startupNs / 1.5)).toStartWith(
    "Start-up (weight 5 %): equal within ±50 %, so it counts for neither; as measured, first is 1.50 ×",
  );
  expect(reasonsAt(2, plain.startupNs / 1.015)).toStartWith(
    "Start-up (weight 5 %): equal within ±1.5 %, so it counts for neither",
  );
  expect(reasonsAt(130, plain.startupNs)).toStartWith(
    "Start-up (weight 5 %): equal within ±0 %, so it counts for neither",
  );
});

test("several figures of an axis that are all equal are so within the widest of their bounds", () => {
  const { startup } = defaultPolicy.evidence;
  const evidence = {
    ...defaultPolicy.evidence,
    startup: [...startup, { metric: "rssBytesPeak" as const, cells: ["feed/*"] as [string] }],
  };
  const first = invented({ throughputHz: 9e6, startupNs: plain.startupNs / 1.015 });
  const report = inventReport({ first, second: invented({}) }, { thresholdPct: 2 });
  const { because } = decide(report, { ...defaultPolicy, evidence });
  expect(because.find((line) => line.startsWith("Start-up"))).toStartWith(
    "Start-up (weight 5 %): equal within ±1.5 %, so it counts for neither",
  );
  const rssBytesPeak = first.figures.rssBytesPeak.map(
    (bytes, round) => bytes * (round % 2 === 0 ? 0.7 : 1.4),
  );
  const torn = inventReport(
    { first: { ...first, figures: { ...first.figures, rssBytesPeak } }, second: invented({}) },
    { thresholdPct: 2 },
  );
  const mixed = decide(torn, { ...defaultPolicy, evidence });
  expect(mixed.because.find((line) => line.startsWith("Start-up"))).toStartWith(
    "Start-up (weight 5 %): 1 figure equal within ±1.5 % and 1 figure not decided, so it counts for neither",
  );
});

describe("without a recommendation the answer", () => {
  const slo = (cells: string[], max: number): Requirement => ({
    kind: "slo",
    metric: "latencyNsP99",
    cells,
    max,
  });
  const pair = inventReport({ first: invented({}), second: invented({ latencyNsP99: 2e6 }) });

  test("names everyone that is level, or counts the rest", () => {
    const answer = (n: number) =>
      decide(
        inventReport(Object.fromEntries(Array.from({ length: n }, (_, i) => [`c${i}`, invented({})]))),
        defaultPolicy,
      ).answer;
    expect(answer(4)).toStartWith("c0, c1, c2 and c3 are equal within");
    expect(answer(6)).toStartWith("c0, c1, c2 and 3 more are equal within");
  });

  test("says which requirement matches no cell, and the nearest one that there is", () => {
    expect(decide(pair, { ...defaultPolicy, require: [slo(["feed/jsn/*"], 5e6)] }).answer).toBe(
      'No recommendation under the balanced policy: no cell of this run matches feed/jsn/* (the nearest is feed/json/passthrough/send/s10), so no candidate can be checked against "latency p99 at most 5.00 ms in feed/jsn/*". Correct the requirement, or run the workload it names.',
    );
  });

  test("counts one candidate as one", () => {
    const one = inventReport({ only: invented({}) });
    expect(decide(one, { ...defaultPolicy, require: [slo(["feed/*"], 1)] }).answer).toStartWith(
      "No recommendation: the one candidate misses the requirements of the balanced policy.",
    );
  });

  test("says how to resume a run that was cut", () => {
    const cut = {
      ...pair,
      results: pair.results.filter((r) => r.candidate === "first"),
      run: { ...pair.run, interrupted: true },
    };
    expect(decide(cut, defaultPolicy).answer).toContain("resume it with --resume");
  });
});

test("the figure that is quoted for an axis speaks for whom the axis speaks", () => {
  const report = inventReport({ first: invented({ throughputHz: 9e6 }), second: invented({}) });
  // Another cell, of an earlier name, in which the second is shown to be twice as fast.
  const others = report.results.flatMap((result) => {
    const found = result.metrics.throughputHz;
    if (found === undefined || result.params.workload !== "push") return [];
    const factor = result.candidate === "first" ? 0.5 / 9 : 1;
    const perRound = found.perRound.map((v) => (v === null ? null : factor * v));
    const params = { ...result.params, codec: "sbe" as const, connections: 9 };
    const throughputHz = { ...found, median: factor * found.median, perRound };
    return [{ ...result, cell: "push/a", params, codec: "sbe" as const, metrics: { throughputHz } }];
  });
  const { answer, recommended } = decide(
    { ...report, results: [...report.results, ...others] },
    { ...defaultPolicy, require: [] },
  );
  expect(recommended).toBe("first");
  expect(answer).toContain("Throughput alone decides: 9.00 × faster");
});
