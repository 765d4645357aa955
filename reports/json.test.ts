import { expect, test } from "bun:test";
import { decided } from "./decision/decided.ts";
import { figuresAround, inventReport, plain } from "./decision/fixture.ts";
import { parseReport, reportJson } from "./json.ts";
import { defaultPolicy } from "./policies.ts";

test("a report is one line unless it is to be indented: then rows of numbers stand on one line, and no text is touched", () => {
  const undecided = inventReport({ "bun/serve": { figures: figuresAround(plain, 3) } });
  const texts = ["[ 5 ]", "[  1,  2 ]", "[\n  1,\n  2\n]", '"[ null ]"'];
  const warnings = texts.map((cause) => ({ code: "few-rounds" as const, cause, nextStep: "none" }));
  const report = decided({ ...undecided, warnings }, defaultPolicy);
  expect(reportJson(report)).toBe(`${JSON.stringify(report)}\n`);
  const text = reportJson(report, { indent: true });
  expect(text).toMatch(/"perRound": \[[\d.]+, [\d.]+, [\d.]+\]/);
  expect(text).toContain('"serverCores": [0]');
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(report)));
  expect(parseReport(text, "report.json").warnings.map((w) => w.cause)).toEqual(texts);
});
