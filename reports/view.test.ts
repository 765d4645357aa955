import { expect, test } from "bun:test";
import { join } from "node:path";
import { parseReport } from "./json.ts";
import { headroomText, verdictWords } from "./view.ts";

const stored = await Bun.file(join(import.meta.dir, "../tests/golden/report.json")).text();
const equal = parseReport(stored, "report.json").comparisons.find((c) => c.verdict === "no-difference");
if (equal === undefined) throw new Error("the golden report has no pair without a difference");

test("“no difference shown at” names what this comparison could have shown, and never the noise floor", () => {
  expect(verdictWords({ ...equal, detectablePct: 7, floorPct: 33 })).toBe("no difference shown at ±7 %");
  const unknown = verdictWords({ ...equal, detectablePct: null, floorPct: 33 });
  expect(unknown).toBe("no difference shown (smallest detectable unknown)");
});

test.each([
  [1.496, "1.49"],
  [1.49999, "1.49"],
  [1.15, "1.15"],
  [0.996, "0.996"],
  [1.5, "1.50"],
  [1.504, "1.50"],
  [12.34, "12.3"],
])("a headroom of %d reads %s, on its own side of the bound", (headroom, text) => {
  expect(headroomText(headroom)).toBe(text);
});
