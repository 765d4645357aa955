import { expect, test } from "bun:test";
import { startRun } from "./api/start.ts";
import { Candidates } from "./candidates.ts";

const listed = {
  id: "node/ws",
  runtime: { name: "node", version: null },
  framework: { name: "ws", version: "8.23.0" },
  serves: [],
  available: true,
  reason: null,
  nextStep: null,
  packages: ["ws"],
  gaps: [],
  sets: ["default", "all"],
};

test.each([
  {},
  { candidates: ["node/*"], workloads: ["feed/json/*", "!echo", "{push,echo}"], packages: ["ws@8.22.0"] },
  { candidates: ["node/ws@24.1.0"], workloads: ["all"] },
])("what there is may be asked for: %j", (asked) => {
  new Candidates([listed]).check(startRun.parse(asked));
});

test.each([
  [{ candidates: ["bun/*"] }, "body: candidates: must be among default, all, node/ws, got bun/*"],
  [{ packages: ["left-pad@1.0.0"] }, "body: packages: must be among ws, got left-pad@1.0.0"],
  [{ workloads: ["echo", "feeds"] }, /^body: workloads: must be among echo, .*default, all, got feeds$/],
])("what there is not is refused before it waits: %j", (asked, text) => {
  expect(() => new Candidates([listed]).check(startRun.parse(asked))).toThrow(text);
});

test("before the runner has told them, candidates are left to it", () => {
  new Candidates().check(startRun.parse({ candidates: ["bun/*"], packages: ["left-pad@1.0.0"] }));
});
