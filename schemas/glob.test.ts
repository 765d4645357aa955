import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { hasWholeBraces, matchesGlobs, splitGlobs, withoutBraces } from "./glob.ts";

test.each([
  ["feed/json/passthrough/send/s10", ["feed/*"], true],
  ["fanout/json/send/s100@200Hz", ["feed/*", "fanout/*"], true],
  ["fanout/json/send/s100@200Hz", ["fanout/*s100@*"], true],
  ["fanout/json/send/s1000@20Hz", ["fanout/*s100@*"], false],
  ["echo/raw/64B/c1w1", ["echo/*", "!echo/*w1"], false],
  ["echo/raw/64B/c32w32", ["echo/*", "!echo/*w1"], true],
  ["echo/raw/64B/c32w32", ["!echo/*w1"], true],
  ["node/ws", ["{node,bun}/ws"], true],
  ["bun/ws", ["{node,bun}/ws"], true],
  ["bun/serve", ["{node,bun}/ws"], false],
  ["bun/ws", ["{node,b{u,a}n}/{ws,serve}"], true],
  ["bun/ws", ["bun/{ws,}"], true],
  ["bun/", ["bun/{ws,}"], true],
  ["bun/ws", ["!{node,bun}/ws"], false],
  ["bun/ws", ["b?n/w?"], true],
  ["bun/ws", ["?un"], false],
  ["bun/ws", ["**/ws"], true],
  ["bun/ws", ["[bn]un/[!x]s"], true],
  ["echo.raw", ["echo?raw"], true],
  ["echo.raw", ["echo.raw"], true],
  ["echoxraw", ["echo.raw"], false],
  ["a{b", ["a{b"], true],
  ["a*b", ["a\\*b"], true],
  ["axb", ["a\\*b"], false],
])("%s against %p is %p", (name, patterns, expected) => {
  expect(matchesGlobs(name, patterns)).toBe(expected);
});

describe("lists", () => {
  test.each([
    ["{node,bun}/ws,bun/serve", ["{node,bun}/ws", "bun/serve"]],
    ["{node, bun}/ws, bun/serve", ["{node,bun}/ws", "bun/serve"]],
    ["a b\tc,,d", ["a", "b", "c", "d"]],
    [" , ", []],
  ])("%p", (list, items) => {
    expect(splitGlobs(list)).toEqual(items);
  });

  test("braces that are not whole are reported", () => {
    expect(["{a}", "{a,{b}}", "a"].map(hasWholeBraces)).toEqual([true, true, true]);
    expect(["{a", "a}", "}a{"].map(hasWholeBraces)).toEqual([false, false, false]);
  });
});

const part = fc.constantFrom("a", "b", "/", ".", "*", "?", "{a,b}", "{,b}", "{a,{b,/}}");
const pattern = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(""));
const name = fc.array(fc.constantFrom("a", "b", "/", "."), { maxLength: 6 }).map((parts) => parts.join(""));

test("a pattern matches what one of those without its braces does", () => {
  fc.assert(
    fc.property(pattern, name, (p, n) => {
      expect(matchesGlobs(n, [p])).toBe(matchesGlobs(n, withoutBraces(p)));
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("whatever is given is a pattern, and a name without special characters matches itself", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (p, n) => {
      matchesGlobs(n, [p]);
      expect(matchesGlobs(n, [n.replace(/[\\*?{}[\]!,]/g, "\\$&")])).toBe(true);
    }),
    { seed: 1, numRuns: 500 },
  );
});
