import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const root = join(import.meta.dir, "..", "..");
const transpiler = new Bun.Transpiler({ loader: "ts" });

/** The project's files that are loaded with one: what it imports, but for what it loads when it is asked for. */
function loadedWith(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file) || !file.endsWith(".ts")) return seen;
  seen.add(file);
  for (const { kind, path } of transpiler.scanImports(readFileSync(join(root, file), "utf8"))) {
    if (kind !== "import-statement" || !path.startsWith(".")) continue;
    loadedWith(relative(root, join(root, dirname(file), path)), seen);
  }
  return seen;
}

// A list is printed in a tenth of a second; with what measures it took half as long again.
test("what plans or lists loads nothing that measures", () => {
  const loaded = ["main", "verbs/list", "verbs/listing", "verbs/list-text"].flatMap((name) => [
    ...loadedWith(`runner/${name}.ts`),
  ]);
  expect(loaded).toContain("runner/workloads/feed.ts");
  const measuring =
    /^runner\/(load|recovery|workloads\/phases)\/|^runner\/feed\/|^schemas\/(load|event|report)\.ts$/;
  expect([...new Set(loaded.filter((file) => measuring.test(file)))]).toEqual([]);
});
