import { describe, expect, test } from "bun:test";
import type { Policy, Requirement } from "../../schemas/policy.ts";
import type { Comparison } from "../../schemas/report.ts";
import { leaderRatios } from "../html/leader-ratios.ts";
import { defaultPolicy, policies, policyByName } from "../policies.ts";
import { tieStates } from "../wording.ts";
import { decide } from "./decide.ts";
import { type Figures, figuresAround, type Invented, inventReport, plain, worse } from "./fixture.ts";

const feedCell = "feed/json/passthrough/send/s10";
const with_ = (over: Partial<Policy>): Policy => ({ ...defaultPolicy, ...over });
const invented = (over: Partial<typeof plain>, spread?: number): Invented => ({
  figures: figuresAround({ ...plain, ...over }, 8, spread),
});

/** What a comparison says beside its interval and its verdict. */
const judged = {
  marginPct: 3,
  equalMarginPct: 10,
  equalWithinPct: null,
  minutesToDecide: null,
  spread: null,
};
const codes = {
  withheld: "candidate-failed",
  undecided: "straddles-margin",
  equal: "equal-within-margin",
} as const;

describe("evidence", () => {
  const clear = { fast: invented({}), slow: { figures: worse(figuresAround(plain), 2) } };

  test("a clear winner is recommended with its advantage in figures", () => {
    const decision = decide(inventReport(clear), defaultPolicy);
    expect(decision.recommended).toBe("fast");
    expect(decision.runnerUp?.candidate).toBe("slow");
    // Twice as good on every axis is twice as good at any weights.
    expect(decision.runnerUp?.byPct).toBeCloseTo(100, 6);
    expect(decision.outcome).toBe("recommended");
  });

  test("differences within the margin are equal, and said to be so within how much", () => {
    const near = { one: invented({}), two: { figures: worse(figuresAround(plain), 1.025) } };
    const decision = decide(inventReport(near), defaultPolicy);
    expect(decision.recommended).toBeNull();
    expect(decision.outcome).toBe("equal");
    expect(decision.tied).toMatchObject([{ candidate: "two", state: "equal", better: [], worse: [] }]);
    expect(decision.tied[0]?.withinPct).toBeCloseTo(2.5, 1);
  });

  test("an advantage too small to choose by is reported with its interval and the worth", () => {
    const torn = { small: invented({ throughputHz: 1.05e6 }, 0.001), plain: invented({}, 0.001) };
    const { recommended, outcome, tied } = decide(inventReport(torn), with_({ worthPct: 3 }));
    expect([recommended, outcome]).toEqual([null, "equal"]);
    // A fifth of the weight on 5 % is 1 %: shown, and worth nothing to who asks for 3 %.
    expect(tied[0]).toMatchObject({ candidate: "plain", state: "equal", better: ["throughput"] });
    expect(tied[0]?.byPct).toBeCloseTo(1, 1);
  });

  test("three states have three outcomes: equal, not decided, and differences that cancel", () => {
    const half = { latencyTail: 1, throughput: 1, cpuCost: 0, memory: 0, startup: 0 };
    const of = (a: Invented, b: Invented) => decide(inventReport({ a, b }), with_({ weights: half }));
    const equal = of(invented({}), invented({}));
    const noisy = invented({}, 0.4);
    const unpaired = noisy.figures.latencyNsP99.toReversed().map((ns) => 1.2 * ns);
    const wide = of(noisy, { figures: { ...noisy.figures, latencyNsP99: unpaired } });
    const torn = of(invented({ latencyNsP99: 5e5 }), invented({ throughputHz: 2e6 }));
    expect([equal, wide, torn].map((d) => d.outcome)).toEqual(["equal", "undecided", "trade-off"]);
    expect([equal, wide, torn].map((d) => d.tied[0]?.state)).toEqual(["equal", "undecided", "trade-off"]);
    expect(torn.tied[0]).toMatchObject({ better: ["latencyTail"], worse: ["throughput"] });
    expect(wide.tied[0]?.couldShowPct).toBeGreaterThan(10);
    const phrases = [equal, wide, torn].map((d) => tieStates[d.tied[0]?.state ?? "equal"]);
    for (const [i, d] of [equal, wide, torn].entries()) {
      const phrasesFound = phrases.map((phrase) => d.answer.toLowerCase().includes(phrase));
      expect(phrasesFound.filter(Boolean)).toHaveLength(1);
      expect(phrasesFound[i]).toBe(true);
    }
  });

  test("what it was not measured on names the versions that are known, and no others", () => {
    const report = inventReport({ fast: invented({}), slow: invented({}) });
    const [first, second] = report.candidates;
    if (first === undefined || second === undefined) throw new Error("the fixture has two candidates");
    const unstarted = { name: "deaf", version: "unknown" };
    const candidates = [first, { ...second, runtime: unstarted, framework: unstarted }];
    const lines = decide({ ...report, candidates }, defaultPolicy).notMeasured;
    const versions = lines.find((line) => line.startsWith("Only these versions"));
    expect(versions).toContain(`${first.runtime.name} ${first.runtime.version}`);
    expect(versions).not.toContain("deaf");
  });

  test("a run without counted evidence says so", () => {
    const evidence = { latencyTail: [], throughput: [], cpuCost: [], memory: [], startup: [] };
    const { outcome, scores } = decide(inventReport(clear), with_({ evidence }));
    expect(outcome).toBe("too-little-evidence");
    expect(scores.flatMap(({ axes }) => axes)).toEqual([]);
  });

  test.each(["withheld", "undecided", "equal"] as const)(
    "%s verdicts never carry a recommendation",
    (verdict) => {
      const cells = [
        [feedCell, "latencyNsP99"],
        [feedCell, "cpuNsPerMessage"],
        ["push/json/146B/c8", "throughputHz"],
      ] as const;
      const comparisons = cells.map(
        ([cell, metric]): Comparison => ({
          cell,
          workload: cell === feedCell ? "feed" : "push",
          codec: "json",
          metric,
          a: "slow",
          b: "fast",
          rounds: 8,
          ratio: metric === "throughputHz" ? 0.5 : 2,
          ciLow: metric === "throughputHz" ? 0.49 : 1.95,
          ciHigh: metric === "throughputHz" ? 0.51 : 2.05,
          df: 7,
          pHolm: 0.001,
          declared: true,
          robustRatio: null,
          robustCiLow: null,
          robustCiHigh: null,
          detectablePct: null,
          ...judged,
          verdict,
          code: codes[verdict],
        }),
      );
      const weights = {
        latencyTail: 1,
        throughput: 1,
        cpuCost: verdict === "withheld" ? 1 : 0,
        memory: 0,
        startup: 0,
      };
      const decision = decide(inventReport(clear, { comparisons }), with_({ weights }));
      expect(decision.recommended).toBeNull();
      const carried = comparisons.map((c): Comparison => ({ ...c, verdict: "b-better" }));
      expect(decide(inventReport(clear, { comparisons: carried }), with_({ weights })).recommended).toBe(
        "fast",
      );
    },
  );

  test("a rate that the generator limited cannot lose", () => {
    const weights = { latencyTail: 0, throughput: 1, cpuCost: 0, memory: 0, startup: 0 };
    const limited = { ...clear, slow: { ...clear.slow, headroom: 1.2 } };
    expect(decide(inventReport(limited), with_({ weights })).recommended).toBeNull();
    const winnerLimited = { ...clear, fast: { ...clear.fast, headroom: 1.2 } };
    const won = decide(inventReport(winnerLimited), with_({ weights }));
    expect(won.recommended).toBe("fast");
    expect(won.because[0]).toMatch(
      /fast is at least 2\.00 × .* as good as slow; throughput at least 1\.00 M\/s .* against 50\d k\/s/,
    );
    expect(won.scores.find((s) => s.candidate === "slow")?.axes[1]).toMatchObject({ bound: "at-least" });
    expect(String(leaderRatios(won))).toContain("at least 2.00 ×");
    const both = { fast: winnerLimited.fast, slow: limited.slow };
    expect(decide(inventReport(both), with_({ weights })).recommended).toBeNull();
    // Within the floor it may be better by any amount, which is not the same as no difference.
    const level = { ...winnerLimited, slow: invented({ throughputHz: 0.99e6 }) };
    expect(decide(inventReport(level), with_({ weights })).outcome).toBe("too-little-evidence");
  });

  test("a third candidate's limit withholds nothing between two others", () => {
    const weights = { latencyTail: 0, throughput: 1, cpuCost: 0, memory: 0, startup: 0 };
    const cell = "push/json/146B/c8";
    const withheld = (a: string, ratio: number): Comparison => ({
      cell,
      workload: "push",
      codec: "json",
      metric: "throughputHz",
      a,
      b: "ref",
      rounds: 8,
      ratio,
      ciLow: 0.98 * ratio,
      ciHigh: 1.02 * ratio,
      df: 7,
      pHolm: 0.001,
      declared: true,
      robustRatio: null,
      robustCiLow: null,
      robustCiHigh: null,
      detectablePct: null,
      ...judged,
      verdict: "withheld",
      code: "generator-limited",
      why: "ref reached 91 % of the generator's own ceiling, so its rate is a lower bound",
    });
    const ref = { ...invented({ throughputHz: 4e6, rssBytesPeak: 2e8 }), headroom: 1.1 };
    const report = inventReport(
      { ref, ...clear },
      { comparisons: [withheld("fast", 0.25), withheld("slow", 0.125)] },
    );
    const small: Requirement = { kind: "memory", cells: ["*"], maxBytes: 1.5e8 };
    expect(decide(report, with_({ weights, require: [small] })).recommended).toBe("fast");
    expect(decide(report, with_({ weights })).recommended).toBeNull();
  });

  test("lost messages show nothing, where a policy lets them pass", () => {
    const lossy = { ...clear, fast: { ...clear.fast, reach: 0.9 } };
    expect(decide(inventReport(lossy), with_({ require: [] })).recommended).toBeNull();
  });

  test("what is shown on less than half of the weight is no answer", () => {
    // The tail has two rounds of wild noise in it and so is not known; only throughput is shown.
    const wild = (base: Figures): Figures => ({ ...base, latencyNsP99: [1e6] });
    const torn = {
      fast: { figures: wild(figuresAround({ ...plain, throughputHz: 2e6 })) },
      slow: { figures: wild(figuresAround(plain)) },
    };
    const weights = (latencyTail: number) => ({
      latencyTail,
      throughput: 1,
      cpuCost: 0,
      memory: 0,
      startup: 0,
    });
    expect(decide(inventReport(torn), with_({ weights: weights(0.9) })).recommended).toBe("fast");
    const much = decide(inventReport(torn), with_({ weights: weights(1.1) }));
    expect(much.recommended).toBeNull();
    expect(much.outcome).toBe("too-little-evidence");
  });

  test("a run that measured less than half of what is weighed recommends nobody", () => {
    const report = inventReport(clear);
    const results = report.results.filter((r) => r.workload === "push");
    const only = (latencyTail: number) =>
      decide(
        { ...report, results },
        with_({ weights: { latencyTail, throughput: 1, cpuCost: 0, memory: 0, startup: 0 } }),
      );
    expect(only(0.9).recommended).toBe("fast");
    const silent = only(1.5);
    expect(silent.recommended).toBeNull();
    expect(silent.reversals).toEqual([]);
    expect(silent.outcome).toBe("too-little-evidence");
  });

  test("a candidate without a weighed figure is left out, and does not take the figure from the others", () => {
    const third = invented({ throughputHz: 1e7, latencyNsP99: 1e5 });
    const report = inventReport({ ...clear, third });
    const results = report.results.filter((r) => r.candidate !== "third" || r.workload !== "push");
    const decision = decide({ ...report, results }, defaultPolicy);
    expect(decision.recommended).toBe("fast");
    expect(decision.excluded).toEqual([
      {
        candidate: "third",
        code: "figure-missing",
        requirement: "has every weighted figure",
        figure: "no throughput in the push of 146 B JSON to 8 connections",
      },
    ]);
    const weights = { latencyTail: 1, throughput: 0, cpuCost: 0, memory: 0, startup: 0 };
    expect(decide({ ...report, results }, with_({ weights })).recommended).toBe("third");
  });

  test("a candidate measured alone is not recommended", () => {
    const decision = decide(inventReport({ only: invented({}) }), defaultPolicy);
    expect([decision.recommended, decision.outcome]).toEqual([null, "single-candidate"]);
  });

  test("a candidate is not recommended over one that the run did not get to judge", () => {
    const report = inventReport(clear);
    const results = report.results.filter((r) => r.candidate === "fast");
    const decision = decide({ ...report, results }, defaultPolicy);
    expect(decision.recommended).toBeNull();
    expect(decision.leader).toBe("fast");
    expect(decision.outcome).toBe("others-not-judged");
    const failure = { candidate: "slow", cell: null, round: 0, phase: "start", reason: "no", stderr: [] };
    const candidates = report.candidates.map((c) =>
      c.id === "slow" ? { ...c, status: "failed" as const, reason: "no" } : c,
    );
    const failed = { ...report, results, candidates, failures: [{ ...failure, phase: "start" as const }] };
    // Nor is it recommended for being the only one that started.
    const alone = decide(failed, defaultPolicy);
    expect([alone.recommended, alone.leader, alone.outcome]).toEqual([null, "fast", "others-did-not-run"]);
  });
});

describe("requirements", () => {
  const three = {
    quick: invented({ latencyNsP99: 5e5 }),
    lossy: { ...invented({ latencyNsP99: 1e5, cpuNsPerMessage: 1000 }), reach: 0.999 },
    broken: { ...invented({}), status: "failed" as const },
  };

  test.each(["duplicates", "reorders"] as const)("%s exclude and withhold as losses do", (flaw) => {
    const report = inventReport({
      quick: three.quick,
      other: invented({ latencyNsP99: 1e5, cpuNsPerMessage: 1000 }),
    });
    const flawed = (results: typeof report.results) =>
      results.map((r) => (r.candidate === "other" ? { ...r, ledger: { ...r.ledger, [flaw]: 1 } } : r));
    const decision = decide({ ...report, results: flawed(report.results) }, defaultPolicy);
    expect(decision.excluded.map((e) => e.candidate)).toEqual(["other"]);
    expect(decision.recommended).not.toBe("other");
    const unasked = decide({ ...report, results: flawed(report.results) }, with_({ require: [] }));
    expect(unasked.recommended).not.toBe("other");
  });

  test("lost messages and failures exclude, and say by what", () => {
    const decision = decide(inventReport(three), defaultPolicy);
    expect(decision.recommended).toBe("quick");
    expect(decision.excluded).toEqual([
      {
        candidate: "broken",
        code: "did-not-run",
        requirement: "runs on this machine",
        figure: "failed",
      },
      {
        candidate: "lossy",
        code: "limit-missed",
        requirement: "every message arrives in every cell",
        figure: "reach 99.9 % in the JSON feed to 10 subscribers",
      },
    ]);
    expect(decision.outcome).toBe("recommended");
  });

  test("a codec that was not measured is not served", () => {
    const decision = decide(inventReport(three), with_({ require: [{ kind: "codec", codec: "sbe" }] }));
    expect(decision.recommended).toBeNull();
    expect(decision.leader).toBeNull();
    expect(decision.excluded).toContainEqual({
      candidate: "quick",
      code: "limit-not-measured",
      requirement: "serves sbe",
      figure: "no measurement in sbe",
    });
  });

  test("a limit needs the whole interval to keep it", () => {
    const slo = (max: number): Policy =>
      with_({ require: [{ kind: "slo", metric: "latencyNsP99", cells: ["feed/*"], max }] });
    const noisy = { a: invented({}, 0.05), b: invented({ startupNs: 1e8 }, 0.05) };
    const report = inventReport(noisy);
    // The rounds spread by 5 % around 1 ms, so a limit of 1.01 ms holds for the median and not for its interval.
    const straddled = decide(report, slo(1.01e6)).excluded;
    expect(straddled.map((e) => e.code)).toEqual(["limit-not-shown", "limit-not-shown"]);
    expect(straddled[0]?.figure).toStartWith("the interval reaches 1.04 ms: ");
    expect(decide(report, slo(9e5)).excluded.map((e) => e.code)).toEqual(["limit-missed", "limit-missed"]);
    expect(decide(report, slo(1.06e6)).excluded).toHaveLength(0);
  });
});

describe("reversals", () => {
  // Twice as good on the tail against twice as good on throughput: equal weights are the switch between them.
  const torn = { tail: invented({ latencyNsP99: 5e5 }, 0), rate: invented({ throughputHz: 2e6 }, 0) };
  const weights = { latencyTail: 0.6, throughput: 0.4, cpuCost: 0, memory: 0, startup: 0 };

  test("the switch along a weight lies where the arithmetic puts it", () => {
    const decision = decide(inventReport(torn), with_({ weights, worthPct: 0 }));
    expect(decision.recommended).toBe("tail");
    const switches = decision.reversals.filter((r) => r.kind === "weight" && r.what === "latencyTail");
    expect(switches.map((r) => r.becomes)).toEqual(["rate"]);
    expect(switches[0]?.at).toBeCloseTo(0.5, 9);
    expect(switches[0]).toMatchObject({ side: "below", lacking: false });
  });

  test("the answer just before and just after a switch is what it says", () => {
    const decide_ = (latencyTail: number) =>
      decide(
        inventReport(torn),
        with_({ weights: { ...weights, latencyTail, throughput: 1 - latencyTail } }),
      );
    const found = decide_(0.6).reversals.filter((r) => r.kind === "weight" && r.what === "latencyTail");
    expect(found.map((r) => r.becomes)).toEqual([null, "rate"]);
    for (const { at, becomes } of found) {
      expect(decide_((at ?? 0) - 1e-6).recommended).toBe(becomes);
      expect(decide_((at ?? 0) + 1e-6).recommended).not.toBe(becomes);
    }
  });

  test("a limit that leaves nobody is not told as a tie of those that meet it", () => {
    // The last figure to pass is that of a candidate which another requirement has taken out already.
    const report = inventReport({
      first: invented({}, 0),
      second: invented({ latencyNsP99: 2e6 }, 0),
      lossy: { ...invented({ latencyNsP99: 1e5 }, 0), reach: 0.9 },
    });
    const slo: Requirement = { kind: "slo", metric: "latencyNsP99", cells: ["feed/*"], max: 3e6 };
    const { reversals } = decide(report, with_({ require: [...defaultPolicy.require, slo] }));
    expect(reversals.filter((r) => r.what.startsWith("latency p99") && r.becomes === null)).toEqual([]);
  });

  test("a relaxed limit readmits at the candidate's own figure", () => {
    const report = inventReport({
      small: invented({ rssBytesPeak: 3e7 }, 0),
      big: invented({ latencyNsP99: 1e5 }, 0),
    });
    const policy = with_({ require: [{ kind: "memory", cells: ["feed/*"], maxBytes: 4e7 }] });
    const decision = decide(report, policy);
    expect(decision.recommended).toBe("small");
    const relaxed = decision.reversals.find((r) => r.kind === "requirement" && r.becomes === "big");
    expect(relaxed?.at).toBe(6e7);
  });
});

test("the policies that come with the tool are three, and balanced is the default", () => {
  expect(policies.map((p) => p.name)).toEqual(["balanced", "latency", "cost"]);
  expect(defaultPolicy.name).toBe("balanced");
  expect(policyByName("speed")).toBeUndefined();
});

test("a score is what the ratios of its axes make at the weights, where one of an axis's figures is not shown", () => {
  const undecided = inventReport({ slow: invented({}), fast: invented({ throughputHz: 2e6 }) });
  // A second throughput, 2 % apart: measured, within the noise floor, and so not counted.
  const again = undecided.results
    .filter(({ workload }) => workload === "push")
    .map((result) => {
      const by = result.candidate === "fast" ? 0.51 : 1;
      const rate = result.metrics.throughputHz!;
      const throughputHz = { ...rate, perRound: rate.perRound.map((v) => (v === null ? null : v * by)) };
      return { ...result, cell: "push/again", metrics: { throughputHz } };
    });
  const { scores } = decide({ ...undecided, results: [...undecided.results, ...again] }, defaultPolicy);
  const slow = scores.find((s) => s.candidate === "slow")!;
  const throughput = slow.axes.find((a) => a.axis === "throughput")!;
  expect(throughput.reads).toBe("better");
  expect(throughput.ratio).toBeCloseTo(Math.SQRT2, 3);
  // Throughput has a fifth of the weight, and nothing else differs.
  expect(slow.score).toBeCloseTo(throughput.ratio ** -0.2, 9);
});

test("the reasons begin with what decided, and not with a heavier axis that counts as equal", () => {
  const pair = { slow: invented({ throughputHz: 5e5 }), fast: invented({}) };
  const { because } = decide(inventReport(pair), defaultPolicy);
  expect(because[0]).toStartWith("Throughput (weight 20 %): fast is 2.00 ×");
  expect(because[1]).toStartWith("Latency tail (weight 35 %): equal within ±0 %");
});
