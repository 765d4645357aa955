import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { verbs } from "../cli/command-line.ts";

const door = join(import.meta.dir, "..", "compare.ts");

function scriptFor(shell: string): string {
  const { stdout, exitCode } = Bun.spawnSync([process.execPath, door, "completion", shell]);
  expect(exitCode).toBe(0);
  return stdout.toString();
}

/** What bash offers for the last of these words. */
function offered(...words: string[]): string[] {
  const listed = words.map((word) => `'${word}'`).join(" ");
  const asked = `COMP_WORDS=(tickbench ${listed}); COMP_CWORD=${words.length}; _tickbench; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = Bun.spawnSync(["bash", "-c", `${bash}\n${asked}`]);
  return stdout.toString().trim().split("\n");
}

const bash = scriptFor("bash");

describe.skipIf(Bun.which("bash") === null)("bash completes", () => {
  test("commands, and the flags of the command that is meant", () => {
    expect(offered("ca")).toEqual(["calibrate"]);
    expect(offered("--pro")).toEqual(["--profile", "--process-per-trial"]);
    expect(offered("--profile", "smoke", "--rou")).toEqual(["--rounds"]);
    expect(offered("list", "--")).toContain("--candidates");
    expect(offered("list", "--rou")).toEqual([""]);
    expect(offered("diff", "--a")).toEqual(["--all"]);
  });

  test("values, where the tool has names for them", () => {
    expect(offered("plan", "--profile", "s")).toEqual(["smoke", "standard"]);
    expect(offered("--feed", "synthetic:f")).toEqual([
      "synthetic:flash-crash",
      "synthetic:flat",
      "synthetic:flat-poisson",
    ]);
  });
});

test.each(["zsh", "fish"])("the completions for %s name every command and describe its flags", (shell) => {
  const text = scriptFor(shell);
  for (const verb of verbs) expect(text).toMatch(new RegExp(`\\b${verb}\\b`));
  expect(text).toContain("seed of the order and the feed");
  expect(text).not.toContain("dry-run");
});
