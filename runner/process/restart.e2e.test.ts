import { expect, test } from "bun:test";
import { join } from "node:path";
import { childEnv } from "./env.ts";

const door = join(import.meta.dir, "..", "compare.ts");

/** What JavaScriptCore says that it was told, when a command begins. */
function toldOptions(...argv: readonly string[]): string[] {
  const { stdout, stderr } = Bun.spawnSync([process.execPath, door, ...argv], {
    env: { ...childEnv({}), BUN_JSC_dumpOptions: "1" },
  });
  return `${stdout}${stderr}`.match(/thresholdForOptimizeAfterWarmUp=\d+/g) ?? [];
}

test.skipIf(process.platform === "win32")(
  "what renders a report is started anew once, and what measures is not",
  () => {
    expect(toldOptions("render", "--help")).toEqual(["thresholdForOptimizeAfterWarmUp=100000"]);
    expect(toldOptions("plan", "--help")).toEqual([]);
  },
);
