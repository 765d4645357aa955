import { expect, test } from "bun:test";
import { sojourns } from "./lindley.ts";

test("an arrival waits for those before it, and one that finds nobody does not", () => {
  expect([...sojourns([0, 1, 2, 20], 5)]).toEqual([5, 9, 13, 5]);
  expect([...sojourns([], 5)]).toEqual([]);
});
