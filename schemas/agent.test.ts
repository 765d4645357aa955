import { expect, test } from "bun:test";
import { agentFacts, agentReply, agentRequest } from "./agent.ts";

test("words that come through a Redis steer no terminal", () => {
  const steering = "\u001b[2J\n";
  const host = { cpu: steering, cores: 1, memoryBytes: 1, system: steering, core: null };
  const facts = { name: "a", role: "load", toolVersion: steering, protocol: steering, host };
  const failed = { type: "serves-not", failure: { reason: steering, stderr: [steering] } };
  for (const parsed of [agentFacts.parse(facts), agentReply.parse(failed)]) {
    expect(JSON.stringify(parsed)).not.toMatch(/\\u001b|\\n/);
  }
  expect(agentRequest.safeParse({ type: "claim", protocol: "p", run: steering }).success).toBe(false);
});
