import { expect, test } from "bun:test";
import type { Report } from "../../schemas/report.ts";
import { decided } from "../decision/decided.ts";
import { figuresAround, type Invented, inventReport, plain } from "../decision/fixture.ts";
import { markdownOf } from "../markdown/render.ts";
import { defaultPolicy } from "../policies.ts";
import { wholeAnswer } from "../wording.ts";
import { blocks, paragraph } from "./document.ts";
import { costWords, keyFacts, opening } from "./overview.ts";

const invented = (over: Partial<typeof plain>): Invented => ({
  figures: figuresAround({ ...plain, ...over }, 8, 0),
});
const reportOf = (candidates: Record<string, Invented>): Report => {
  const undecided = inventReport(candidates);
  return decided(undecided, defaultPolicy);
};
const written = (report: Report): string[] =>
  markdownOf(blocks(opening(report), keyFacts(report).map(paragraph)), (id) => `#${id}`).split("\n\n");
const line = (report: Report, mark: string) =>
  written(report).find((l) => l.startsWith(`**${mark}:**`)) ?? "";
const pair = { fast: invented({ throughputHz: 4e6 }), slow: invented({}) };

test("who is left out is reported by name below the answer, two of them, and by what", () => {
  const lossy = { ...invented({}), reach: 0.9 };
  const alarms = (n: number) => {
    const out = Object.fromEntries(Array.from({ length: n }, (_, i) => [`out${i}`, lossy]));
    return written(reportOf({ ...pair, ...out })).filter((l) => l.startsWith("> "));
  };
  expect(alarms(1)).toEqual([
    '> ⚠ **out0 is excluded**: it misses "every message arrives in every cell": reach 90 % in the JSON feed to 10 subscribers.',
  ]);
  const four = alarms(4);
  expect(four[1]).toContain("**out1 is excluded**");
  expect(four[2]).toBe("> ⚠ [2 more excluded](#why)");
  expect(four).toHaveLength(3);
});

test("a leader that does not survive the market's open is named below the answer, with what it fails at", () => {
  const report = reportOf(pair);
  const finding = { survives: "no" as const, reason: "buffers" as const, cell: "flood/json", price: [] };
  const failing = (candidate: string) => ({
    candidate,
    survives: "no" as const,
    findings: [{ ...finding, criterion: "back-pressure" as const }],
  });
  const alarm = "> ⚠ **fast does not survive the open**: overload.";
  expect(report.decision.leader).toBe("fast");
  expect(written({ ...report, open: [failing("slow"), failing("fast")] })).toContain(alarm);
  expect(written({ ...report, open: [failing("slow")] }).join()).not.toContain("survive");
});

test("the nearest change is reported once on the first screen, and in the answer that is read alone", () => {
  const report = reportOf(pair);
  const nearest = report.decision.reversals[0]?.text ?? "none";
  expect(wholeAnswer(report.decision)).toEndWith(` ${nearest}`);
  expect(line(report, "Answer")).not.toContain(nearest);
  expect(line(report, "What would change it")).toContain(nearest);
});

test("what one server against itself says of the intervals is reported", () => {
  const report = reportOf(pair);
  expect(line(report, "How sure")).toContain("no server ran against itself");
  const calibration = { factor: 1.4, contrasts: 12, excess: 2, weight: 0.96, p: 0.001 };
  const noisy = { ...report, noise: { ...report.noise, calibration } };
  expect(line(noisy, "How sure")).toContain("1.40 × as wide");
});

test("a cost that is the least or the most is not told twice", () => {
  const three = (cpu: number) =>
    costWords(
      reportOf({
        fast: invented({ throughputHz: 8e6, cpuNsPerMessage: cpu }),
        mid: invented({}),
        dear: invented({ cpuNsPerMessage: 6000 }),
      }),
    );
  expect(three(4500)).toMatch(/ USD of CPU and memory on fast, the least, to \S+ \(\S+\) on dear\. At/);
  expect(three(5500)).toMatch(/ on fast; from \S+ \(\S+\) on mid to \S+ \(\S+\) on dear\. At/);
  expect(three(7000)).toMatch(/ on fast, the most; the least is \S+ \(\S+\) on mid\. At/);
});

test("the cost is told for a month of the rate that was measured", () => {
  const told = costWords(reportOf({ fast: invented({ cpuNsPerMessage: 4500 }), mid: invented({}) })) ?? "";
  const found = / take ([\d.]+) .* At the measured 10\.0 k\/s that is ([\d.]+) USD a month on fast\.$/.exec(
    told,
  );
  const [, billion, month] = (found ?? []).map(Number);
  // 10,000 deliveries a second for 730 hours.
  expect((month ?? 0) / (billion ?? 1)).toBeCloseTo(26.28, 1);
});
