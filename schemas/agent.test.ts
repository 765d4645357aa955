import { expect, test } from "bun:test";
import { agentFacts, agentReply, agentRequest } from "./agent.ts";

test("words that come through a Redis steer no terminal", () => {
  const escape = "\u001b[2J\n";
  const host = { cpu: escape, cores: 1, memoryBytes: 1, system: escape, core: null };
  const facts = { name: "a", role: "load", toolVersion: escape, protocol: escape, host };
  const failed = { type: "serves-not", failure: { reason: escape, stderr: [escape] } };
  for (const parsed of [agentFacts.parse(facts), agentReply.parse(failed)]) {
    expect(JSON.stringify(parsed)).not.toMatch(/\\u001b|\\n/);
  }
  expect(agentRequest.safeParse({ type: "claim", protocol: "p", run: escape }).success).toBe(false);
});
