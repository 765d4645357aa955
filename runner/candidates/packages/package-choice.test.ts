import { expect, test } from "bun:test";
import { candidates } from "../../../servers/manifest.ts";
import { availableCandidates } from "../selection.ts";
import { packagesOf, packageVariants, parsePackages } from "./package-choice.ts";

const [hono, ws] = availableCandidates(
  candidates.filter(({ id }) => id === "node/hono" || id === "bun/serve"),
  [],
  [],
  [],
  { node: "pinned" },
);

test("a candidate is run under each version, the newer ones told against the oldest", () => {
  const named = parsePackages(["ws@8.23.0", "ws@8.9.1"]);
  if (hono === undefined || ws === undefined) throw new Error("the manifest has neither");
  const variants = packageVariants(hono, named);
  expect(variants.map(({ name, framework, upgradeFrom }) => [name, framework, upgradeFrom])).toEqual([
    ["node/hono+ws@8.9.1", "hono+ws@8.9.1", null],
    ["node/hono+ws@8.23.0", "hono+ws@8.23.0", "node/hono+ws@8.9.1"],
  ]);
  expect(variants.map(({ launch }) => launch.kind === "program" && launch.package)).toEqual(named);
  // Who is not made of it runs as it is.
  expect(packageVariants(ws, named)).toEqual([ws]);
});

test.each([
  ["ws", "NAME@VERSION"],
  ["ws@8", "NAME@VERSION"],
  ["ws@8.23.0;id", "NAME@VERSION"],
  ["ws@file:/tmp/x", "NAME@VERSION"],
  ["../ws@8.23.0", "NAME@VERSION"],
  ["left-pad@1.0.0", "must be one of ws, "],
])("%p is refused", (item, why) => {
  expect(() => parsePackages([item])).toThrow(why);
});

test("versions of one package, each once", () => {
  expect(() => parsePackages(["ws@8.23.0", "hono@4.13.19"])).toThrow("versions of one package");
  expect(() => parsePackages(["ws@8.23.0", "ws@8.23.0"])).toThrow("each version once");
});

test("what a runtime brings along is no package of npm", () => {
  const made = Object.fromEntries(candidates.map((one) => [one.id, packagesOf(one)]));
  expect(made["bun/serve"]).toEqual([]);
  expect(made["bun/ws"]).toEqual([]);
  expect(made["node/uws"]).toEqual([]);
  expect(made["node/hono"]).toEqual(["hono", "@hono/node-server", "@hono/node-ws", "ws"]);
});
