import { expect, test } from "bun:test";
import fc from "fast-check";
import { formatCpuList, parseCpuList } from "./cpulist.ts";

test("reads the kernel's forms", () => {
  expect(parseCpuList("0-2,5\n")).toEqual([0, 1, 2, 5]);
  expect(parseCpuList("7")).toEqual([7]);
  expect(parseCpuList("")).toEqual([]);
  expect(parseCpuList("0-x")).toEqual([]);
});

test("a list survives writing and reading", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(1023), { maxLength: 40 }), (cores) => {
      const sorted = [...cores].sort((a, b) => a - b);
      expect(parseCpuList(formatCpuList(cores))).toEqual(sorted);
    }),
    { seed: 1 },
  );
});
