import { expect, test } from "bun:test";
import { join } from "node:path";
import { parseReport } from "./json.ts";
import { verdictWords } from "./view.ts";

const stored = await Bun.file(join(import.meta.dir, "../tests/golden/report.json")).text();
const equal = parseReport(stored, "report.json").comparisons.find((c) => c.verdict === "no-difference");
if (equal === undefined) throw new Error("the golden report has no pair without a difference");

test("“no difference shown at” names what this comparison could have shown, and never the noise floor", () => {
  expect(verdictWords({ ...equal, detectablePct: 7, floorPct: 33 })).toBe("no difference shown at ±7 %");
  const unknown = verdictWords({ ...equal, detectablePct: null, floorPct: 33 });
  expect(unknown).toBe("no difference shown (smallest detectable unknown)");
});
