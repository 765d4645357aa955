import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { guard, starters } from "../unit-guard.ts";

const root = join(import.meta.dir, "..", "..");
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};
const files = [...new Bun.Glob("**/*.test.ts").scanSync(root)]
  .filter((file) => !file.includes("node_modules/"))
  .sort();

/** Folders of tests that start processes, whatever their files are called. */
const e2eFolders = ["tests/browser", "tests/chaos", "tests/fuzz"];

function tierOf(file: string): "unit" | "contract" | "e2e" {
  if (file.startsWith("tests/contract/")) return "contract";
  return file.endsWith(".e2e.test.ts") || e2eFolders.some((folder) => file.startsWith(`${folder}/`))
    ? "e2e"
    : "unit";
}

describe("the tiers of tests", () => {
  test("each script takes its own tier, and test takes all", () => {
    const ignored = [...(scripts["test:unit"] ?? "").matchAll(/--path-ignore-patterns '([^']+)'/g)].map(
      ([, pattern = ""]) => new Bun.Glob(pattern),
    );
    expect(files.filter((file) => !ignored.some((glob) => glob.match(file)))).toEqual(
      files.filter((file) => tierOf(file) === "unit"),
    );
    const named = (script: string) => (scripts[script] ?? "").split(" ").filter((word) => /[/.]/.test(word));
    for (const tier of ["contract", "e2e"] as const) {
      const taken = files.filter((file) => named(`test:${tier}`).some((part) => file.includes(part)));
      expect(taken).toEqual(files.filter((file) => tierOf(file) === tier));
    }
    const steps = (scripts.test ?? "").split(" && ");
    expect(steps.slice(1)).toEqual(["unit", "contract", "e2e"].map((tier) => `bun run test:${tier}`));
  });

  // A stalled machine can make a test of real processes fail once. It makes none of a function fail.
  test("only what meets real processes is tried again", () => {
    const retried = Object.keys(scripts).filter((name) => scripts[name]?.includes("--retry"));
    expect(retried.sort()).toEqual(["test:contract", "test:e2e"]);
  });

  test("a unit test starts no process, server or browser", () => {
    const starts = new RegExp(`\\bBun\\.(${starters.join("|")}|\\$)\\b|node:child_process|playwright-core`);
    const wrong = files.filter(
      (file) =>
        tierOf(file) === "unit" &&
        file !== "tests/layout/tiers.test.ts" &&
        starts.test(readFileSync(join(root, file), "utf8")),
    );
    expect(wrong).toEqual([]);
    expect(scripts["test:unit"]).toContain("--preload ./tests/unit-only.ts");
  });

  test("and is stopped where something that it calls does", () => {
    const runtime: Record<string, () => void> = {};
    guard(runtime);
    for (const name of starters) expect(() => runtime[name]?.()).toThrow(`Bun.${name}`);
  });
});
