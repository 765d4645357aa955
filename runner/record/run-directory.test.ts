import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeRunFolder, writeInto } from "./run-directory.ts";

const out = mkdtempSync(join(tmpdir(), "tickbench-folder-"));
afterAll(() => rmSync(out, { recursive: true }));

test("runs that begin in the same second get folders and ids of their own", () => {
  const made = [1, 2, 3].map(() => makeRunFolder(out, "20260102T030405Z-smoke"));
  expect(made.map((m) => m.runId)).toEqual([
    "20260102T030405Z-smoke",
    "20260102T030405Z-smoke-2",
    "20260102T030405Z-smoke-3",
  ]);
  expect(made.map((m) => m.folder)).toEqual(made.map((m) => join(out, m.runId)));
});

test("a file in the place of the folder is told in one line", () => {
  const file = join(out, "file");
  writeFileSync(file, "");
  expect(() => makeRunFolder(file, "r")).toThrow(/^--out: must be a folder that can be written, got .* \(E/);
});

test("what cannot be written is told in one line with what to do, as on a full disk", () => {
  const folder = join(out, "written");
  writeInto(folder, "charts/a.svg", "<svg/>");
  expect(() => writeInto(folder, "charts", "")).toThrow(
    `--out: ${folder}/charts: must be writable, got EISDIR; then continue with --resume and the run's folder`,
  );
});
