import { describe, expect, test } from "bun:test";
import type { Report } from "../../schemas/report.ts";
import { decided } from "../decision/decided.ts";
import { figuresAround, inventReport, plain } from "../decision/fixture.ts";
import { defaultPolicy } from "../policies.ts";
import { annotations } from "./annotations.ts";
import { parseAssertion } from "./assertion.ts";
import type { Finding, Outcome } from "./finding.ts";
import { confirm, hasFailed, type Judgement, judge } from "./judge.ts";
import { judgeReach } from "./reach.ts";
import { gatesSummary } from "./summary.ts";
import { gatesText } from "./text.ts";

const feed = "feed/json/passthrough/send/s10";

type More = { reach?: number; replicateOf?: string; headroom?: number };

function reportOf(over: Partial<typeof plain> = {}, more: More = {}): Report {
  const undecided = inventReport({
    "bun/serve": { figures: figuresAround({ ...plain, ...over }), headroom: 10, ...more },
    "node/ws": { figures: figuresAround(plain), headroom: 10 },
  });
  return decided(undecided, defaultPolicy);
}

const planned = ["bun/serve", "node/ws"].flatMap((candidate) => [
  { candidate, cell: feed, workload: "feed" as const },
  { candidate, cell: "push/json/146B/c8", workload: "push" as const },
]);
const budget = (source: string) => ({ assertions: [parseAssertion(source)], regression: null, planned });
const against = (baseline: Report, limitPct = 5) => {
  const figures = [
    ...(["latencyNsP99", "cpuNsPerMessage"] as const).map((metric) => ({ cell: feed, metric })),
    { cell: "push/json/146B/c8", metric: "throughputHz" as const },
  ];
  return { assertions: [], regression: { baseline, limitPct, figures }, planned };
};
const outcomes = ({ findings }: Judgement) => findings.map((f) => f.outcome);
const ofServe = ({ findings }: Judgement) => findings.filter((f) => f.candidate === "bun/serve");

describe("budgets", () => {
  // The invented p99 is 1 ms ± 1 % over its rounds.
  test.each([
    ["bun/serve feed p99 < 5ms", "pass"],
    ["bun/serve feed p99 < 0.5ms", "suspect"],
    ["bun/serve feed p99 < 1000us", "unclear"],
    ["bun/serve push throughput > 2M/s", "suspect"],
    ["bun/serve push throughput > 500 k/s", "pass"],
  ] as const)("%s: %s", (source, outcome) => {
    expect(outcomes(judge(reportOf(), budget(source)))).toEqual([outcome]);
  });

  test("a budget that finds nothing to judge fails", () => {
    const judgement = judge(reportOf(), budget("bun/serve feed throughput > 1/s"));
    expect(outcomes(judgement)).toEqual(["failed"]);
    expect(judgement.findings[0]?.text).toBe("nothing to judge: no throughput was measured there");
  });

  test("without an interval nothing is judged", () => {
    const report = reportOf();
    const metrics = (r: Report["results"][number]) =>
      Object.fromEntries(
        Object.entries(r.metrics).map(([name, m]) => [name, { ...m, ciLow: null, ciHigh: null }]),
      );
    const bare = { ...report, results: report.results.map((r) => ({ ...r, metrics: metrics(r) })) };
    expect(outcomes(judge(bare, budget("bun/serve feed p99 < 1ns")))).toEqual(["withheld"]);
  });

  // Around 1 M/s, which the generator may have held down.
  test.each([
    ["bun/serve push throughput > 2M/s", "withheld"],
    ["bun/serve push throughput > 1M/s", "withheld"],
    ["bun/serve push throughput > 500 k/s", "pass"],
    ["bun/serve push throughput < 500 k/s", "suspect"],
    ["bun/serve push throughput < 2M/s", "withheld"],
    ["bun/serve feed p99 < 0.5ms", "suspect"],
  ] as const)("of a rate that is a lower bound, %s: %s", (source, outcome) => {
    const { findings } = judge(reportOf({}, { headroom: 1.05 }), budget(source));
    expect(findings.map((f) => f.outcome)).toEqual([outcome]);
    if (!source.includes("throughput")) return;
    expect(findings[0]?.text).toMatch(
      /^throughput at least 1\.00 M\/s .*; a lower bound: headroom 1\.05 ×, below 1\.50 ×: the generator may have been the limit$/,
    );
  });

  test("a rate without a ceiling may be the generator's", () => {
    const report = reportOf();
    const results = report.results.map((r) => ({ ...r, headroom: null }));
    const { findings } = judge({ ...report, results }, budget("bun/serve push throughput > 2M/s"));
    expect(findings[0]?.outcome).toBe("withheld");
    expect(findings[0]?.text).toEndWith("a lower bound: the load generator's limit was not measured");
  });

  test.each([
    ["doubles", { ledger: { duplicates: 1 } }],
    ["swaps", { ledger: { reorders: 1 } }],
    ["loses in the warm-up", { warmUp: { gaps: 1, delivered: 99 } }],
  ])("a server that %s messages meets no budget and no baseline", (_, flaw) => {
    const clean = reportOf();
    const whole = { due: 100, delivered: 100, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 };
    const results = clean.results.map((r) => ({
      ...r,
      ledger: { ...r.ledger, ...("ledger" in flaw ? flaw.ledger : {}) },
      warmUp: { ...whole, ...("warmUp" in flaw ? flaw.warmUp : {}) },
    }));
    const flawed = { ...clean, results };
    expect(new Set(outcomes(judge(flawed, budget("bun/serve feed p99 < 5ms"))))).toEqual(new Set(["failed"]));
    expect(new Set(outcomes(judge(flawed, against(clean))))).toEqual(new Set(["failed"]));
  });

  test("a server that loses messages meets no budget, and an A/A replicate has none", () => {
    const lossy = judge(reportOf({}, { reach: 0.99 }), budget("bun/serve feed p99 < 5ms"));
    expect(outcomes(lossy)).toEqual(["failed"]);
    const replicate = judge(reportOf({}, { replicateOf: "node/ws" }), budget("* feed p99 < 5ms"));
    expect(replicate.findings.map((f) => f.candidate)).toEqual(["node/ws"]);
  });
});

test("a cell that was planned and gave no figure is reported, not passed over", () => {
  const report = reportOf();
  const results = report.results.filter((r) => r.candidate !== "bun/serve" || r.workload !== "feed");
  const outcomesOf = (judgement: Judgement) => ofServe(judgement).map((f) => [f.cell, f.metric, f.outcome]);
  expect(outcomesOf(judge({ ...report, results }, budget("* feed p99 < 5ms")))).toEqual([
    [feed, "latencyNsP99", "withheld"],
  ]);
  expect(outcomesOf(judge({ ...report, results }, against(report)))).toEqual([
    ["push/json/146B/c8", "throughputHz", "pass"],
    [feed, "latencyNsP99", "withheld"],
    [feed, "cpuNsPerMessage", "withheld"],
  ]);
});

describe("regressions", () => {
  test("only a change for the worse is one, in the metric's own direction", () => {
    const worse = judge(reportOf({ latencyNsP99: 1.3e6, throughputHz: 0.7e6 }), against(reportOf()));
    expect(ofServe(worse).map((f) => [f.metric, f.outcome])).toEqual([
      ["latencyNsP99", "suspect"],
      ["cpuNsPerMessage", "pass"],
      ["throughputHz", "suspect"],
    ]);
    const better = judge(reportOf({ latencyNsP99: 0.7e6, throughputHz: 1.3e6 }), against(reportOf()));
    expect(new Set(outcomes(better))).toEqual(new Set<Outcome>(["pass"]));
  });

  const pushOf = (judgement: Judgement) => ofServe(judgement).find((f) => f.metric === "throughputHz");
  const rateOf = (throughputHz: number, headroom: number) => reportOf({ throughputHz }, { headroom });

  // At least so much in the baseline, in this run, or in both.
  test.each([
    ["this run, below", rateOf(1e6, 10), rateOf(0.7e6, 1.05), "withheld"],
    ["this run, the same", rateOf(1e6, 10), rateOf(1e6, 1.05), "pass"],
    ["the baseline, far above", rateOf(1e6, 1.05), rateOf(0.7e6, 10), "suspect"],
    ["the baseline, the same", rateOf(1e6, 1.05), rateOf(1e6, 10), "withheld"],
    ["the baseline, below", rateOf(1e6, 1.05), rateOf(1.4e6, 10), "withheld"],
    ["both", rateOf(1e6, 1.05), rateOf(0.7e6, 1.05), "withheld"],
  ] as const)("a lower bound is judged by what it shows: %s", (_, baseline, run, outcome) => {
    const finding = pushOf(judge(run, against(baseline)));
    expect(finding?.outcome).toBe(outcome);
    expect(finding?.text).toContain(
      "is a lower bound (headroom 1.05 ×, below 1.50 ×: the generator may have",
    );
  });

  test.each([
    [1, 1, null],
    [1, 0.99999, "failed"],
    [0.9999, 0.5, "suspect"],
    [0.9999, 0.998, "suspect"],
    [0.9999, 0.9995, null],
    [0.99, 0.985, "withheld"],
    [0.99, 0.97, "suspect"],
    [0.5, 0.46, "withheld"],
    [0.5, 0.44, "suspect"],
    [0.5, 1, "withheld"],
  ] as const)("reach %p, then %p: %p", (before, after, outcome) => {
    expect(judgeReach(before, after)?.outcome ?? null).toBe(outcome);
    // The survivors are twice as fast, which must not pass for good news.
    const run = reportOf({ latencyNsP99: 0.5e6 }, { reach: after });
    const judged = ofServe(judge(run, against(reportOf({}, { reach: before }))));
    expect(judged.map((f) => f.outcome)).toEqual(Array(3).fill(outcome ?? "pass"));
  });

  test("the limit decides", () => {
    const slower = reportOf({ latencyNsP99: 1.15e6 });
    expect(hasSuspect(judge(slower, against(reportOf(), 20)))).toBe(false);
    expect(hasSuspect(judge(slower, against(reportOf(), 5)))).toBe(true);
  });

  test("another machine, pinning or profile withholds; a kernel or a version is reported", () => {
    const slower = reportOf({ latencyNsP99: 2e6 });
    const host = { ...slower.host, cpu: "another CPU" };
    const withheld = judge({ ...slower, host }, against(reportOf()));
    expect(new Set(outcomes(withheld))).toEqual(new Set<Outcome>(["withheld"]));
    expect(withheld.findings[0]?.text).toBe("another environment: CPU an invented CPU → another CPU");
    const profile = { ...slower, run: { ...slower.run, profile: "quick" as const } };
    expect(hasSuspect(judge(profile, against(reportOf())))).toBe(false);
    const kernel = { ...slower, host: { ...slower.host, kernel: "6.2" } };
    const judged = judge(kernel, against(reportOf()));
    expect(hasSuspect(judged)).toBe(true);
    expect(judged.differences.map((d) => d.field)).toEqual(["kernel"]);
    const versions = slower.candidates.map((c) => ({ ...c, runtime: { name: "rt", version: "2" } }));
    const upgraded = judge({ ...slower, candidates: versions }, against(reportOf()));
    expect(hasSuspect(upgraded)).toBe(true);
    expect(upgraded.differences.map(({ field, of }) => [field, of])).toEqual([
      ["runtime", "bun/serve"],
      ["runtime", "node/ws"],
    ]);
  });

  test("two runs with nothing in common fail", () => {
    const other = reportOf();
    const renamed = { ...other, candidates: other.candidates.map((c) => ({ ...c, id: `${c.id}@2` })) };
    expect(outcomes(judge(renamed, against(reportOf())))).toEqual(["failed"]);
  });
});

const hasSuspect = (judgement: Judgement) => outcomes(judgement).includes("suspect");

test("a suspect fails where the repeat agrees, and only there", () => {
  const slower = reportOf({ latencyNsP99: 1.3e6 });
  const gates = against(reportOf());
  const first = judge(slower, gates);
  expect(hasFailed(first)).toBe(false);
  expect(hasFailed(confirm(first, slower, slower, gates))).toBe(true);
  expect(hasFailed(confirm(first, slower, reportOf(), gates))).toBe(false);
  // A repeat carries no A/A pair.
  const repeat: Report = { ...slower, noise: { ...slower.noise, aa: [] } };
  expect(hasFailed(confirm(first, slower, repeat, gates))).toBe(true);
  const unmeasured: Report = { ...slower, results: [] };
  expect(hasFailed(confirm(first, slower, unmeasured, gates))).toBe(false);
});

describe("what is reported", () => {
  const finding = (outcome: Outcome, text: string, over: Partial<Finding> = {}): Finding => ({
    kind: "regression",
    gate: "regression:5%",
    candidate: "bun/serve",
    cell: feed,
    metric: "latencyNsP99",
    outcome,
    text,
    ...over,
  });
  const judgement: Judgement = {
    findings: [
      finding("pass", "latency p99 1.00 ms → 1.01 ms"),
      finding("unclear", "latency p50 of 3 %\r\nand more", {
        kind: "assertion",
        gate: "* feed p50 < 1ms",
        metric: "latencyNsP50",
      }),
      finding("failed", "latency p99 1.00 ms → 1.30 ms, 1.30 ×"),
      finding("not-repeated", "server CPU 3 µs → 4 µs", { metric: "cpuNsPerMessage" }),
      finding("failed", "nothing to judge", { gate: "a, b: c", candidate: null, cell: null, metric: null }),
    ],
    differences: [{ kind: "setting", field: "kernel", of: null, a: "6.1", b: "6.2" }],
  };

  test("annotations, errors first and escaped as GitHub's runner asks", () => {
    expect(annotations(judgement)).toEqual([
      `::error title=regression%3A5%25%2C latency p99::bun/serve ${feed}: latency p99 1.00 ms → 1.30 ms, 1.30 ×`,
      "::error title=a%2C b%3A c::a, b: c: nothing to judge",
      `::warning title=regression%3A5%25%2C server CPU per message::bun/serve ${feed}: server CPU 3 µs → 4 µs`,
      `::notice title=* feed p50 < 1ms::bun/serve ${feed}: latency p50 of 3 %25%0D%0Aand more`,
      "::warning title=The baseline ran in another environment::kernel 6.1 → 6.2",
    ]);
  });

  test("of many annotations of one level ten are shown, and the last says how many there are", () => {
    const many = Array.from({ length: 14 }, (_, i) => finding("failed", `figure ${i}`));
    const lines = annotations({ findings: many, differences: [] });
    expect(lines).toHaveLength(10);
    expect(lines.at(-1)).toEndWith("figure 9 (and 4 more, see the step's summary)");
  });

  test("the text for a terminal", () => {
    expect(gatesText(judgement)).toBe(
      [
        "Gates failed: 2 failed, 1 failed at first, not confirmed by the repeat, 1 unclear, 1 held.",
        `  failed: bun/serve ${feed}: latency p99 1.00 ms → 1.30 ms, 1.30 × [regression:5%]`,
        "  failed: a, b: c: nothing to judge [a, b: c]",
        `  failed at first, not confirmed by the repeat: bun/serve ${feed}: server CPU 3 µs → 4 µs [regression:5%]`,
        `  unclear: bun/serve ${feed}: latency p50 of 3 %\r\nand more [* feed p50 < 1ms]`,
        "  baseline differs: kernel: 6.1 → 6.2 (another machine setting: latency and cost may differ for all candidates)",
        "",
      ].join("\n"),
    );
  });

  test("the summary tells failures in a table and folds what held", () => {
    const text = gatesSummary(reportOf(), judgement);
    expect(text).toStartWith("## tickbench: gates failed\n\n2 failed,");
    expect(text).toContain(
      `| **failed** | bun/serve<br>\`${feed}\` | latency p99 1.00 ms → 1.30 ms, 1.30\u00a0× | \`regression:5%\` |`,
    );
    expect(text).toContain("<summary>1 held</summary>");
    expect(text).toContain(
      "- kernel: 6.1 → 6.2 (another machine setting: latency and cost may differ for all candidates)",
    );
  });
});
