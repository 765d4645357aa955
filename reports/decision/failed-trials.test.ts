import { expect, test } from "bun:test";
import { defaultPolicy } from "../policies.ts";
import { decide } from "./decide.ts";
import { figuresAround, inventReport, plain } from "./fixture.ts";

const quick = { figures: figuresAround({ ...plain, latencyNsP99: 1e5, cpuNsPerMessage: 1000 }, 8) };
const two = { quick, steady: { figures: figuresAround(plain, 8) } };

test("a candidate that lost whole trials is no better than one that lost a message", () => {
  const crashed = { candidate: "quick", cell: "push/json/146B/c8", round: 3, stderr: [] };
  const invented = inventReport(two);
  const report = {
    ...invented,
    failures: [{ ...crashed, phase: "measure" as const, reason: "the server was lost" }],
  };
  const { recommended, excluded } = decide(report, defaultPolicy);
  expect(recommended).toBe("steady");
  expect(excluded.find((e) => e.candidate === "quick")).toMatchObject({
    requirement: "finishes every cell",
    figure: expect.stringContaining("failed at measure (the server was lost)"),
  });
});

test("one that died of its warm-up has lost a round of every cell; what the generator lost is held against nobody", () => {
  const invented = inventReport(two);
  const failed = { candidate: "quick", round: 3, reason: "the server was lost", stderr: [] };
  const warming = { ...failed, cell: null, phase: "warm-up" as const };
  const dead = decide({ ...invented, failures: [warming, { ...warming, round: 4 }] }, defaultPolicy);
  expect(dead.recommended).toBe("steady");
  expect(dead.excluded.find((e) => e.candidate === "quick")).toEqual({
    candidate: "quick",
    code: "trials-failed",
    requirement: "finishes every cell",
    figure: "2 warm-ups lost: failed at warm-up (the server was lost)",
  });
  const lost = {
    ...failed,
    cell: "push/json/146B/c8",
    phase: "measure" as const,
    fault: "generator" as const,
  };
  const decision = decide({ ...invented, failures: [lost] }, defaultPolicy);
  expect(decision.recommended).toBe("quick");
  expect(decision.because.join(" ")).not.toContain("quick failed");
  const stubborn = { ...failed, cell: null, phase: "stop" as const };
  const { because } = decide({ ...invented, failures: [stubborn, stubborn] }, defaultPolicy);
  expect(because).toContain("Note: quick failed 2 times (at stop); failed trials are not repeated.");
});
