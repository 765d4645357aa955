import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeReport } from "../tests/golden/make-report.ts";
import { knownBehaviours, knownOf } from "./known-behaviour.ts";
import { sectionText } from "./markdown/render.ts";
import { environment } from "./sections/environment.ts";

test("each known behaviour is one row of docs/BEHAVIOUR.md, and each anchor there a known behaviour", () => {
  const page = readFileSync(join(import.meta.dir, "..", "docs", "BEHAVIOUR.md"), "utf8");
  const anchors = [...page.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id);
  expect(anchors.toSorted()).toEqual(Object.keys(knownBehaviours).toSorted());
});

test("a candidate is told what its runtime and framework together do, deflate's share only with deflate", () => {
  const all = makeReport().candidates;
  const serve = all.find(({ id }) => id === "bun/serve")!;
  expect(serve.options).not.toBeNull();
  const compressing = { ...serve, options: { ...serve.options!, compression: true } };
  expect(knownOf(serve)).toContain("late-accept");
  expect(knownOf(serve)).not.toContain("send-uncompressed");
  expect(knownOf(compressing)).toContain("send-uncompressed");
  expect(knownOf({ ...serve, runtime: { name: "node", version: "26.10.0" } })).toEqual([]);
  expect(knownOf({ ...serve, options: null })).toEqual([]);
});

test("the environment names the rows by their codes", () => {
  const text = sectionText(environment(makeReport())!, (id) => `#${id}`);
  const row = text.split("\n").findLast((line) => line.startsWith("| bun/elysia |"));
  expect(row).toContain("`text-as-number`");
  expect(row).not.toContain("`handled-after-close`");
});
