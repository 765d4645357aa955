import { expect, test } from "bun:test";
import { join } from "node:path";
import type { Comparison } from "../schemas/report.ts";
import { parseReport } from "./json.ts";
import { verdictWords } from "./wording.ts";

const stored = await Bun.file(join(import.meta.dir, "../tests/golden/report.json")).text();
const [first] = parseReport(stored, "report.json").comparisons;
if (first === undefined) throw new Error("the golden report compares nothing");

test("each verdict is reported with the margin that it is about", () => {
  const words = (over: Partial<Comparison>) => verdictWords({ ...first, code: "beyond-margin", ...over });
  expect(words({ verdict: "equal", equalWithinPct: 7 })).toBe("equal within ±7 %");
  expect(words({ verdict: "undecided", marginPct: 5 })).toBe("not decided (could have shown ±2.8 %)");
  expect(words({ verdict: "a-better" })).toBe(`${first.a} is better`);
  expect(words({ verdict: "b-better" })).toBe(`${first.b} is better`);
  expect(words({ verdict: "withheld", code: "exploratory" })).toBe("exploratory, no verdict");
});
