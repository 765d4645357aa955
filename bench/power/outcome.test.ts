import { expect, test } from "bun:test";
import { analyse } from "../../runner/analysis/report.ts";
import { noisyRun } from "../../runner/fixtures/noisy-run.ts";
import { planFrom } from "../../runner/fixtures/planned.ts";
import { curveOf, outcomeOf, outcomes, type StoredRun, tallies } from "./outcome.ts";
import { powerPage } from "./page.ts";
import { type Plant, plants } from "./plants.ts";

const plan = planFrom("--candidates", "bun/serve,node/ws", "--rounds", "10", "--workloads", "feed,push");
const { started, events } = await noisyRun({
  plan,
  seed: 3,
  noise: 0.02,
  slower: (n) => (n === "node/ws" ? 1.15 : 1),
});
const { comparisons } = analyse(started, events);
const plantOf = (truth: Plant["truth"]) => ({ truth });
/** node/ws is a in every comparison. */
const known = plantOf(() => "b");

test("a verdict is found where it names the better side, false where it names the other or where there is none", () => {
  const verdict = comparisons.find((c) => c.verdict === "b-better");
  if (verdict === undefined) throw new Error("15 % at 2 % noise must be found");
  expect(outcomeOf(known, verdict)).toBe("found");
  expect(
    outcomeOf(
      plantOf(() => undefined),
      verdict,
    ),
  ).toBe("found");
  expect(
    outcomeOf(
      plantOf(() => "a"),
      verdict,
    ),
  ).toBe("false");
  expect(
    outcomeOf(
      plantOf(() => null),
      verdict,
    ),
  ).toBe("false");
  expect(outcomeOf(known, { ...verdict, verdict: "equal" })).toBe("equal");
});

test("the curve ends with what the run said, and every point counts all declared comparisons of its family", () => {
  const curve = curveOf(known, started, events);
  expect(curve.map((p) => p.rounds)).toEqual([4, 5, 6, 7, 8, 9, 10]);
  expect(curve.at(-1)).toMatchObject(tallies(known, comparisons));
  const declared = comparisons.filter((c) => c.declared).length;
  for (const { latency, rate, cost } of curve) {
    const all = [latency, rate, cost].flatMap((counts) => outcomes.map((o) => counts[o]));
    expect(all.reduce((sum, count) => sum + count, 0)).toBe(declared);
  }
});

test("the page has a chart in both themes for each plant that has runs, and counts the runs with a false verdict", () => {
  const run = (plant: string, outcome: StoredRun["comparisons"][number]["outcome"]): StoredRun => ({
    plant,
    profile: "standard",
    startedAt: "2026-03-04T09:30:00Z",
    toolVersion: "0",
    cpu: "an invented CPU",
    cores: 2,
    argv: [],
    minutes: 2.9,
    measuringShare: null,
    calibration: 1,
    curve: curveOf(known, started, events),
    comparisons: [
      {
        cell: "feed/json/passthrough/send/s10",
        metric: "latencyNsP99",
        a: plant,
        b: "plain",
        ratio: 1.15,
        ciLow: 1.1,
        ciHigh: 1.2,
        equalWithinPct: 19,
        code: "beyond-margin",
        outcome,
      },
    ],
    aaSpread: [],
  });
  const files = powerPage([run("cpu15", "found"), run("cpu15", "false"), run("same", "equal")]);
  expect(files.map(({ path }) => path)).toEqual([
    "POWER.md",
    ...["cpu15", "same"].flatMap((name) => [`power/${name}-light.svg`, `power/${name}-dark.svg`]),
  ]);
  expect(files[0]?.text).toContain("| cpu15 | 2 | 2.9 | 1 of 2 |");
  expect(files[0]?.text).toMatch(/\| cpu15 .*\| 1 of 2 \|\n/);
  for (const { path, text } of files) {
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
    if (path.endsWith(".svg")) expect(text.startsWith("<svg")).toBe(true);
  }
});

test("what is planted in a server's work is worse in latency, rate and cost, and in nothing else", () => {
  const plant = plants.find(({ name }) => name === "cpu15");
  const truth = (metric: "latencyNsP99" | "throughputHz" | "cpuNsPerMessage" | "rssBytesPeak") => [
    plant?.truth({ a: "cpu15", b: "plain", metric }),
    plant?.truth({ a: "plain", b: "cpu15", metric }),
  ];
  for (const metric of ["latencyNsP99", "throughputHz", "cpuNsPerMessage"] as const) {
    expect(truth(metric)).toEqual(["b", "a"]);
  }
  expect(truth("rssBytesPeak")).toEqual([undefined, undefined]);
});
