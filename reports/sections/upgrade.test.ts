import { expect, test } from "bun:test";
import type { Comparison } from "../../schemas/report.ts";
import { makeReport } from "../../tests/golden/make-report.ts";
import { upgrade } from "./upgrade.ts";

const report = makeReport();
const [first] = report.comparisons.filter((c) => c.declared && c.ciLow !== null);
const versions = (id: string, version: string, upgradeFrom: string | null) => ({
  ...report.candidates[0]!,
  id,
  runtime: { name: "node", version },
  upgradeFrom,
});
const pair: Comparison = { ...first!, a: "node/ws@26", b: "node/ws@24" };

test("the newer version is compared with the oldest, by its real versions", () => {
  const candidates = [
    versions("node/ws@24", "24.21.0", null),
    versions("node/ws@26", "26.10.0", "node/ws@24"),
  ];
  const rendered = upgrade({ ...report, candidates, comparisons: [pair, { ...pair, b: "bun/serve" }] });
  expect(rendered?.heading).toBe("What upgrading brings");
  expect(JSON.stringify(rendered?.blocks).match(/node 24\.21\.0 → 26\.10\.0/g)).toHaveLength(1);
});

test("a run of one version each says nothing of it", () => {
  expect(upgrade(report)).toBeNull();
});
