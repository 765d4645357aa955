import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { type Built, builtModule } from "./build-cache.ts";

const folder = mkdtempSync(join(tmpdir(), "tickbench-built-"));
afterAll(() => rmSync(folder, { recursive: true }));

const root = join(import.meta.dir, "..");
const first = join(folder, "first.ts");
const second = join(folder, "second.ts");
const of: Built = {
  name: "sum",
  entry: relative(root, first),
  sources: [relative(root, first), relative(root, second)],
  config: { target: "bun", format: "esm" },
};
type Sum = { readonly sum: number };
const unasked = (): Promise<Sum> => Promise.reject(new Error("the source was loaded"));
const load = (kept: string, source = unasked) => builtModule<Sum>(of, source, kept);

test("what is built once is read again, and is built anew when a source has changed", async () => {
  writeFileSync(first, 'import { two } from "./second.ts";\nexport const sum = 1 + two;\n');
  writeFileSync(second, "export const two: number = 2;\n");
  const kept = join(folder, "kept");
  expect((await load(kept)).sum).toBe(3);
  const [file = ""] = readdirSync(kept);
  writeFileSync(join(kept, file), "export const sum = 99;\n");
  // A module is loaded once in a process, from a copy of the folder it is another.
  const copy = join(folder, "copy");
  await Bun.write(join(copy, file), Bun.file(join(kept, file)));
  expect((await load(copy)).sum).toBe(99);
  writeFileSync(second, "export const two: number = 20;\n");
  expect((await load(copy)).sum).toBe(21);
});

test("where nothing can be kept, the source is loaded, and nothing is built that would be thrown away", async () => {
  const unbuildable = { ...of, entry: "reports/no-such-module.ts" };
  const source = () => Promise.resolve({ sum: 7 });
  expect(await builtModule<Sum>(unbuildable, source, join(first, "no-folder"))).toEqual({ sum: 7 });
});
