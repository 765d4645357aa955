import { expect, test } from "bun:test";
import { matchesCell } from "./glob.ts";

test.each([
  ["feed/json/passthrough/loop/s10", ["feed/*"], true],
  ["fanout/json/loop/s100@200Hz", ["feed/*", "fanout/*"], true],
  ["fanout/json/loop/s100@200Hz", ["fanout/*s100@*"], true],
  ["fanout/json/loop/s1000@20Hz", ["fanout/*s100@*"], false],
  ["echo/raw/64B/c1w1", ["echo/*", "!echo/*w1"], false],
  ["echo/raw/64B/c32w32", ["echo/*", "!echo/*w1"], true],
  ["echo.raw", ["echo?raw"], false],
])("%s against %p is %p", (cell, patterns, expected) => {
  expect(matchesCell(cell, patterns)).toBe(expected);
});
