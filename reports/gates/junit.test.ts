import { expect, test } from "bun:test";
import { decided } from "../decision/decided.ts";
import { inventReport } from "../decision/fixture.ts";
import { defaultPolicy } from "../policies.ts";
import type { Finding, Outcome } from "./finding.ts";
import { gatesJunit } from "./junit.ts";

const figures = {
  latencyNsP99: [1e6, 1e6, 1e6],
  throughputHz: [1e5, 1e5, 1e5],
  cpuNsPerMessage: [900, 900, 900],
  rssBytesPeak: [5e7, 5e7, 5e7],
  startupNs: [1e8, 1e8, 1e8],
};
const report = decided(inventReport({ "bun/serve": { figures } }), defaultPolicy);
const finding = (outcome: Outcome): Finding => ({
  kind: "assertion",
  gate: 'node/ws feed p99 < 5ms & "more"',
  candidate: "node/ws",
  cell: "feed/json/passthrough/send/s10",
  metric: "latencyNsP99",
  outcome,
  text: `<${outcome}>`,
});

test("a case for each figure that a gate judged, with failures, skips and their reasons", () => {
  const outcomes: Outcome[] = ["pass", "failed", "suspect", "unclear", "withheld", "not-repeated"];
  const xml = gatesJunit(report, { findings: outcomes.map(finding), differences: [] });
  expect(xml).toContain('<testsuites name="tickbench" tests="6" failures="2" errors="0" skipped="3">');
  expect(xml.match(/<testcase /g)).toHaveLength(6);
  expect(xml.match(/<failure type="(failed|suspect)" /g)).toHaveLength(2);
  expect(xml.match(/<skipped message="/g)).toHaveLength(3);
  expect(xml).toContain('classname="node/ws feed p99 &lt; 5ms &amp; &quot;more&quot;"');
  expect(xml).not.toContain("<failed>");
});
