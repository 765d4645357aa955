import { expect, test } from "bun:test";
import fc from "fast-check";
import type { LedgerTotals } from "../../schemas/load.ts";
import { addCounts, emptyCounts, Ledger, sumCounts } from "./ledger.ts";

/** The definitions of Ledger, taken literally and slowly. */
function oracle(arrivals: readonly (number | null)[], end: number): LedgerTotals {
  const counts = emptyCounts();
  const seen = new Set<number>();
  for (const sequence of arrivals) {
    if (sequence === null) counts.corrupt += 1;
    else if (seen.has(sequence)) counts.duplicates += 1;
    else {
      if ([...seen].some((earlier) => earlier > sequence)) counts.reorders += 1;
      seen.add(sequence);
    }
  }
  counts.due = Math.max(end, ...[...seen].map((sequence) => sequence + 1));
  counts.delivered = seen.size;
  for (let n = 0; n < counts.due; n++) if (!seen.has(n)) counts.gaps += 1;
  return counts;
}

function settle(arrivals: readonly (number | null)[], end: number): LedgerTotals {
  const ledger = new Ledger();
  for (const sequence of arrivals) {
    if (sequence === null) ledger.recordCorrupt({ rule: "bytes" });
    else ledger.record(sequence);
  }
  const { corruptBy, firstCorrupt: _, ...counts } = ledger.settle(end);
  expect(corruptBy).toEqual(counts.corrupt === 0 ? undefined : { bytes: counts.corrupt });
  return counts;
}

const inOrder = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

test("all in order", () => {
  expect(settle(inOrder(5), 5)).toEqual({
    due: 5,
    delivered: 5,
    gaps: 0,
    duplicates: 0,
    reorders: 0,
    corrupt: 0,
  });
});

test("a swap of two neighbours is one reorder and no gap", () => {
  expect(settle([0, 2, 1, 3], 4)).toEqual({
    due: 4,
    delivered: 4,
    gaps: 0,
    duplicates: 0,
    reorders: 1,
    corrupt: 0,
  });
});

test("a drop is one gap, also of the first and the last", () => {
  expect(settle([0, 1, 3], 4)).toMatchObject({ delivered: 3, gaps: 1, reorders: 0 });
  expect(settle([1, 2], 4)).toMatchObject({ due: 4, delivered: 2, gaps: 2, reorders: 0 });
});

test("a double is one duplicate, at once, later, and of a late message", () => {
  expect(settle([0, 0, 1, 2, 1], 3)).toMatchObject({ delivered: 3, duplicates: 2, gaps: 0 });
  expect(settle([2, 0, 0], 3)).toMatchObject({ delivered: 2, duplicates: 1, reorders: 1, gaps: 1 });
});

test("a corrupt arrival delivers nothing and leaves its message a gap", () => {
  expect(settle([0, null, 2], 3)).toEqual({
    due: 3,
    delivered: 2,
    gaps: 1,
    duplicates: 0,
    reorders: 0,
    corrupt: 1,
  });
});

test("a stream may begin at another sequence", () => {
  const ledger = new Ledger(100);
  for (const n of [100, 102]) ledger.record(n);
  expect(ledger.settle(103)).toMatchObject({ due: 3, delivered: 2, gaps: 1 });
  expect([ledger.next, ledger.delivered]).toEqual([103, 2]);
});

test("record tells a delivery from a duplicate", () => {
  const ledger = new Ledger();
  expect([0, 2, 2, 1, 1].map((n) => ledger.record(n))).toEqual([true, true, false, true, false]);
});

test("random drops, doubles, delays and corruption count as the definitions say", () => {
  const fault = fc.constantFrom("none", "none", "none", "drop", "double", "late", "corrupt");
  fc.assert(
    fc.property(fc.array(fc.tuple(fault, fc.nat(30)), { maxLength: 120 }), (faults) => {
      const arrivals: { at: number; sequence: number | null }[] = [];
      for (const [n, [kind, delay]] of faults.entries()) {
        if (kind === "drop") continue;
        arrivals.push({ at: kind === "late" ? n + delay : n, sequence: kind === "corrupt" ? null : n });
        if (kind === "double") arrivals.push({ at: n + delay, sequence: n });
      }
      arrivals.sort((a, b) => a.at - b.at);
      const sequences = arrivals.map(({ sequence }) => sequence);
      expect(settle(sequences, faults.length)).toEqual(oracle(sequences, faults.length));
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("any arrivals at all count as the definitions say", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(40)), { maxLength: 80 }), fc.nat(50), (arrivals, end) => {
      expect(settle(arrivals, end)).toEqual(oracle(arrivals, end));
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("beyond its memory of holes, gaps still count, and a late message never overstates delivery", () => {
  const ledger = new Ledger();
  const holes = 10_000;
  for (let n = 1; n < 2 * holes; n += 2) ledger.record(n);
  expect(ledger.record(0)).toBe(false);
  expect(ledger.record(2 * holes - 2)).toBe(true);
  expect(ledger.settle(2 * holes)).toEqual({
    due: 2 * holes,
    delivered: holes + 1,
    gaps: holes - 1,
    duplicates: 1,
    reorders: 1,
    corrupt: 0,
  });
});

test("a hole of any width filled from the middle stays exact within bounded memory", () => {
  const ledger = new Ledger();
  ledger.record(20_000);
  let delivered = 1;
  for (let n = 1; n < 20_000; n += 2) if (ledger.record(n)) delivered += 1;
  const { gaps, duplicates, due } = ledger.settle(20_001);
  expect(due).toBe(delivered + gaps);
  expect(duplicates).toBe(10_000 + 1 - delivered);
});

test("counts add up over connections", () => {
  const total = emptyCounts();
  addCounts(total, settle([0, 2, 1, 1], 4));
  addCounts(total, settle([0, null], 2));
  expect(total).toEqual({ due: 6, delivered: 4, gaps: 2, duplicates: 1, reorders: 1, corrupt: 1 });
});

test("corrupt arrivals add up by the rule that each broke, and the first of all is kept", () => {
  const one = new Ledger();
  one.recordCorrupt({ rule: "opcode", expected: 1, got: 2 });
  one.recordCorrupt({ rule: "length", expected: 64, got: 16 });
  const other = new Ledger();
  other.recordCorrupt({ rule: "length", expected: 64, got: 8 });
  expect(sumCounts([emptyCounts(), one.settle(2), other.settle(1)])).toMatchObject({
    corrupt: 3,
    corruptBy: { opcode: 1, length: 2 },
    firstCorrupt: { rule: "opcode" },
  });
});

test("several ledgers are added up as their counts are, and one that begins anew is as a new one", () => {
  const arrivals = fc.array(fc.option(fc.nat(12)), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(arrivals, { maxLength: 4 }), fc.nat(15), (all, end) => {
      const used = new Ledger(7);
      used.record(9);
      const into = emptyCounts();
      const each = all.map((one) => {
        used.restart();
        for (const sequence of one) {
          if (sequence === null) used.recordCorrupt({ rule: "bytes" });
          else used.record(sequence);
        }
        used.settleInto(into, end);
        return used.settle(end);
      });
      expect(into).toEqual(sumCounts(each));
      expect(each).toMatchObject(all.map((one) => settle(one, end)));
    }),
  );
});
