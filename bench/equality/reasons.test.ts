import { expect, test } from "bun:test";
import { join } from "node:path";
import { candidates } from "../../servers/manifest.ts";
import { reasonOf, reasons } from "./reasons.ts";

const file = Bun.file(join(import.meta.dir, "../../docs/candidates.md"));

/** The keys that have their own heading there, with some text below it. */
async function explained(): Promise<string[]> {
  const [, section = ""] = (await file.text()).split("\n## What the shared rules cost\n");
  const [reasons = ""] = section.split("\n## ");
  return [...reasons.matchAll(/^### ([a-z-]+)\n\n(?=\S)/gm)].map(([, key]) => key!);
}

test("every reason has its paragraph, and every paragraph is some candidate's reason", async () => {
  const keys = reasons.map(({ key }) => key);
  expect((await explained()).toSorted()).toEqual([...new Set(keys)].toSorted());
});

test("a reason names candidates that exist, each once a workload", () => {
  const ids = candidates.map(({ id }) => id);
  const named = reasons.flatMap(({ workload, candidates }) => candidates.map((id) => `${workload} ${id}`));
  expect(new Set(named).size).toBe(named.length);
  for (const { candidates } of reasons) for (const id of candidates) expect(ids).toContain(id);
});

test("finds the reason by candidate and workload", () => {
  expect(reasonOf("bun/ws", "push")).toBe("joined-writes");
  expect(reasonOf("bun/ws", "echo")).toBeUndefined();
});
