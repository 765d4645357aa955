import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BundleError, bundleEntry } from "./bundle.ts";

const root = join(import.meta.dir, "../..");
const folder = await mkdtemp(join(tmpdir(), "tickbench-bundle-"));
afterAll(() => rm(folder, { recursive: true }));

test("the same sources give the same bytes, at a path that names runtime and entry", async () => {
  const entry = join(root, "servers/node/ws.ts");
  const first = await bundleEntry(entry, join(folder, "a"));
  const second = await bundleEntry(entry, join(folder, "b"));
  expect(first).toBe(join(folder, "a", "node-ws.mjs"));
  expect(await Bun.file(second).text()).toBe(await Bun.file(first).text());
  expect(await readdir(join(folder, "a"))).toEqual(["node-ws.mjs"]);
});

test("packages stay imports, our own files and types do not", async () => {
  const text = await Bun.file(await bundleEntry(join(root, "servers/node/ws.ts"), folder)).text();
  const imports = [...text.matchAll(/\bfrom "([^"]+)"/g)].map(([, name]) => name);
  expect(imports).toContain("ws");
  expect(imports).toContain("zod");
  expect(imports.filter((name) => name?.startsWith("."))).toEqual([]);
});

test("an entry that is not there is named", async () => {
  const missing = bundleEntry(join(folder, "nothing.ts"), folder);
  await expect(missing).rejects.toThrow(BundleError);
  await expect(missing).rejects.toThrow("nothing.ts");
});

test("an entry with a syntax error is named with the bundler's error", async () => {
  const entry = join(folder, "broken.ts");
  await Bun.write(entry, "const = 1;");
  await expect(bundleEntry(entry, folder)).rejects.toThrow(/broken\.ts: .+/);
});
