import { expect, test } from "bun:test";
import { decided } from "./decision/decided.ts";
import { figuresAround, inventReport, plain } from "./decision/fixture.ts";
import { parseReport, reportJson } from "./json.ts";
import { defaultPolicy } from "./policies.ts";

test("rows of numbers stand on one line, and no text is touched", () => {
  const undecided = inventReport({ "bun/serve": { figures: figuresAround(plain, 3) } });
  const texts = ["[ 5 ]", "[  1,  2 ]", "[\n  1,\n  2\n]", '"[ null ]"'];
  const warnings = texts.map((cause) => ({ code: "few-rounds" as const, cause, nextStep: "none" }));
  const report = decided({ ...undecided, warnings }, defaultPolicy);
  const text = reportJson(report);
  expect(text).toMatch(/"perRound": \[[\d.]+, [\d.]+, [\d.]+\]/);
  expect(text).toContain('"serverCores": [0]');
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(report)));
  expect(parseReport(text, "report.json").warnings.map((w) => w.cause)).toEqual(texts);
});
