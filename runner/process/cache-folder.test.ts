import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linkModules } from "./bundle.ts";
import { cacheFolder, folderFault } from "./cache-folder.ts";

const root = mkdtempSync(join(tmpdir(), "tickbench-caches-"));
afterAll(() => rmSync(root, { recursive: true }));
// A file where a folder should be cannot be written by anybody, root included.
const file = join(root, "file");
writeFileSync(file, "");
const shut = join(file, "cache");
const home = join(root, "home");

test("a cache lies in the install where that can be written, else with the user", () => {
  const inside = join(root, "install", ".cache");
  expect(cacheFolder(inside, "x", {}, home)).toBe(inside);
  const xdg = { XDG_CACHE_HOME: join(root, "xdg") };
  expect(cacheFolder(shut, "x", xdg, home)).toBe(join(root, "xdg", "tickbench", "x"));
  expect(cacheFolder(shut, "x", { XDG_CACHE_HOME: "" }, home)).toBe(join(home, ".cache", "tickbench", "x"));
  expect(existsSync(inside)).toBe(false);
});

test("who has no home either has a folder of his own in the temporary one", () => {
  const folder = cacheFolder(shut, "x", { XDG_CACHE_HOME: shut }, shut);
  expect(folder.startsWith(join(tmpdir(), "tickbench-"))).toBe(true);
  const own = join(folder, "..");
  expect(statSync(own).mode & 0o022).toBe(0);
  expect(folderFault(folder)).toBeNull();
});

test("packages resolve from a folder elsewhere, also after the install has moved", () => {
  const [folder, link] = [join(root, "bundles"), join(root, "bundles", "node_modules")];
  for (const modules of [join(root, "m1"), join(root, "m2"), join(root, "m2")]) {
    mkdirSync(modules, { recursive: true });
    linkModules(folder, modules);
    expect(readlinkSync(link)).toBe(modules);
  }
});
