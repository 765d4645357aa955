import { expect, test } from "bun:test";
import { parseRuntimes } from "./runtime-choice.ts";

const versionOf = (path: string) => (path.endsWith("node") ? "v20.1.0\n" : null);
const parse = (...items: string[]) => parseRuntimes(items, versionOf);

test("lines come from the registry, the oldest first, and 1.10 is newer than 1.9", () => {
  expect(parse("node@26", "bun@1.10", "node@24.8.0", "bun@1.9")).toEqual([
    { runtime: "bun", label: "1.9", choice: { kind: "line", line: "1.9" } },
    { runtime: "bun", label: "1.10", choice: { kind: "line", line: "1.10" } },
    { runtime: "node", label: "24.8.0", choice: { kind: "line", line: "24.8.0" } },
    { runtime: "node", label: "26", choice: { kind: "line", line: "26" } },
  ]);
});

test("a program at hand is named by the version that it tells", () => {
  expect(parse("node=/usr/bin/node")).toEqual([
    { runtime: "node", label: "20.1.0", choice: { kind: "file", file: "/usr/bin/node", version: "20.1.0" } },
  ]);
});

test.each([
  [
    "deno@2",
    "--runtime: must be RUNTIME@VERSION or RUNTIME=PATH, as node@24 or node=/usr/bin/node, got deno@2; known: node, bun, python",
  ],
  ["node", "--runtime: must be RUNTIME@VERSION or RUNTIME=PATH, as node@24 or node=/usr/bin/node, got node"],
  [
    "node@latest",
    "--runtime: must be RUNTIME@VERSION or RUNTIME=PATH, as node@24 or node=/usr/bin/node, got node@latest",
  ],
  [
    "python@3.12",
    "--runtime: Python comes from the system, name a program of it, e.g. python=/usr/bin/python3, got python@3.12",
  ],
  ["node=/bin/true", "--runtime: must be a program that answers to --version, got node=/bin/true"],
])("%p is one clear line", (item, message) => {
  expect(() => parse(item)).toThrow(message);
});

test("a version is named once", () => {
  expect(() => parse("node@20.1.0", "node=/usr/bin/node")).toThrow(
    "--runtime: must name each version once, got node@20.1.0 twice",
  );
});
