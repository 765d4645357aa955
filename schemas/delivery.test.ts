import { expect, test } from "bun:test";
import fc from "fast-check";
import { correctShare, flawsText, isCorrect } from "./delivery.ts";
import type { LedgerTotals } from "./load.ts";

const whole: LedgerTotals = { due: 100, delivered: 100, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 };
const lost: LedgerTotals = { ...whole, delivered: 99, gaps: 1 };

test("what was lost, doubled, swapped, changed or early is not intact, in a window or before it", () => {
  const flaws: LedgerTotals[] = [
    lost,
    { ...whole, duplicates: 1 },
    { ...whole, reorders: 1 },
    { ...lost, corrupt: 1 },
    // It came early and once more in its time, so that nothing is missing.
    { ...whole, corrupt: 1, corruptBy: { early: 1 } },
  ];
  for (const flawed of flaws) {
    expect(isCorrect(flawed)).toBe(false);
    expect(correctShare({ reach: 1, ledger: flawed })).toBe(0.99);
    expect(correctShare({ reach: 1, ledger: whole, warmUp: flawed })).toBe(0.99);
  }
  expect(isCorrect(whole)).toBe(true);
  expect(correctShare({ reach: 1, ledger: whole, warmUp: whole })).toBe(1);
  expect(correctShare({ reach: 1, ledger: { ...whole, rewritten: 100 } })).toBe(1);
});

test("nothing due is not intact, and a share never lies beyond 0 and the reach", () => {
  expect(isCorrect({ ...whole, due: 0, delivered: 0 })).toBe(false);
  const count = fc.nat(200);
  fc.assert(
    fc.property(count, count, count, count, (gaps, duplicates, reorders, corrupt) => {
      const ledger = { due: 200, delivered: 200 - gaps, gaps, duplicates, reorders, corrupt };
      const reach = ledger.delivered / 200;
      const share = correctShare({ reach, ledger });
      expect(share).toBeGreaterThanOrEqual(0);
      expect(share).toBeLessThanOrEqual(reach);
      expect(share === 1).toBe(isCorrect(ledger));
    }),
    { seed: 1 },
  );
});

test("a changed message is reported by its rule, and not as a lost one too", () => {
  const ledger: LedgerTotals = {
    ...whole,
    delivered: 97,
    gaps: 3,
    reorders: 2,
    corrupt: 2,
    corruptBy: { opcode: 2 },
    firstCorrupt: { rule: "opcode", expected: 1, got: 2 },
  };
  const text = flawsText(ledger);
  for (const part of [
    "1 never came",
    "2 came out of order",
    "as binary, opcode 2",
    "sent as text, opcode 1",
  ]) {
    expect(text).toContain(part);
  }
});
