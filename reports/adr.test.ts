import { expect, test } from "bun:test";
import { renderAdr } from "./adr.ts";
import { decided } from "./decision/decided.ts";
import { figuresAround, inventReport, plain } from "./decision/fixture.ts";
import { defaultPolicy } from "./policies.ts";

const record = (tail: number): string => {
  const undecided = inventReport({
    "bun/serve": { figures: figuresAround(plain) },
    "node/ws": { figures: figuresAround({ ...plain, latencyNsP99: plain.latencyNsP99 * tail }) },
  });
  return renderAdr(decided(undecided, defaultPolicy));
};

test("the record has every heading, in MADR's order, and its decision in the title", () => {
  const text = record(2);
  expect(text.match(/^#{1,2} .*/gm)).toEqual([
    "# Serve our market data with bun/serve",
    "## Context and problem statement",
    "## Decision drivers",
    "## Considered options",
    "## Decision outcome",
    "## Consequences",
    "## What would reverse it",
    "## What was not measured",
    "## Evidence",
  ]);
  expect(text).toStartWith("---\nstatus: proposed\ndate: 2026-03-04\n---\n");
  expect(text).toContain("every message arrives in every cell");
});

test("a record of equal options chooses nothing, and says that the choice is free", () => {
  expect(record(1)).toContain("The evidence supports no option. bun/serve and node/ws are equal within");
  expect(record(1)).toContain("The choice among bun/serve and node/ws does not depend on");
});
