import { expect, test } from "bun:test";
import { endOfLife } from "./end-of-life.ts";

const on = (day: string) => new Date(`${day}T12:00:00Z`);

test("a line has fixes up to and with its last day", () => {
  expect(endOfLife("node", "20.20.2", on("2026-04-30"))).toBeNull();
  expect(endOfLife("node", "20.20.2", on("2026-05-01"))).toBe(
    "node 20.20.2 has had no fixes since 2026-04-30, the end of the 20 line",
  );
  expect(endOfLife("python", "3.9.2", on("2026-05-01"))).toContain("the end of the 3.9 line");
  expect(endOfLife("python", "3.11.2", on("2026-05-01"))).toBeNull();
});

test("what is older than the table has ended, what is newer is not known to have", () => {
  expect(endOfLife("node", "12.22.0", on("2026-05-01"))).toContain("older than any supported line");
  expect(endOfLife("node", "31.0.0", on("2040-01-01"))).toBeNull();
});

test("Bun fixes its newest minor version alone", () => {
  expect(endOfLife("bun", "1.3.14", on("2026-05-01"), "1.4.5")).toContain("below 1.4");
  expect(endOfLife("bun", "1.4.0", on("2026-05-01"), "1.4.5")).toBeNull();
  expect(endOfLife("bun", "2.0.0", on("2026-05-01"), "1.4.5")).toBeNull();
});
