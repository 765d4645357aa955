import { expect, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

const root = join(import.meta.dir, "..");
const action = z
  .object({
    inputs: z.record(z.string(), z.object({ default: z.string() })),
    outputs: z.record(z.string(), z.object({ value: z.string() })),
    runs: z.object({ using: z.literal("composite"), steps: z.tuple([z.object({ run: z.string() })]) }),
  })
  .parse(Bun.YAML.parse(readFileSync(join(root, ".github/actions/compare/action.yml"), "utf8")));

test("the action hands the arguments on as words, tells the outcome and ends as the command does", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tickbench-action-"));
  try {
    // In the place of npx a program that notes its words and leaves what a run leaves.
    const npx = join(folder, "npx");
    await Bun.write(
      npx,
      `#!/bin/sh
printf '%s\\n' "$@" > "${folder}/words"
mkdir -p "$OUT/latest"
echo '{"outcome":"recommended","recommended":"bun/serve"}' > "$OUT/latest/summary.json"
echo '# Which server?' > "$OUT/latest/report.md"
exit 1
`,
    );
    chmodSync(npx, 0o755);
    const env = {
      PATH: `${folder}:${process.env.PATH}`,
      TOOL: root,
      OUT: join(folder, "runs"),
      ARGUMENTS: `--candidates 'node/*' --assert "node/ws echo throughput > 1k/s" $(touch ${folder}/run)`,
      GITHUB_OUTPUT: join(folder, "output"),
      GITHUB_STEP_SUMMARY: join(folder, "summary"),
    };
    const shell = Bun.spawn(["bash", "-eo", "pipefail", "-c", action.runs.steps[0].run], { env });
    expect(await shell.exited).toBe(1);
    const words = readFileSync(join(folder, "words"), "utf8").trimEnd().split("\n");
    const { packageManager } = z.object({ packageManager: z.string() }).parse(require("../package.json"));
    expect(words.slice(0, 4)).toEqual(["--yes", packageManager, "run", "compare"]);
    expect(words.slice(4, 10)).toEqual([
      "--out",
      env.OUT,
      "--candidates",
      "node/*",
      "--assert",
      "node/ws echo throughput > 1k/s",
    ]);
    expect(await Bun.file(join(folder, "run")).exists()).toBe(false);
    const outputs = readFileSync(env.GITHUB_OUTPUT, "utf8");
    expect(outputs).toBe(`folder=${env.OUT}/latest\noutcome=recommended\nrecommended=bun/serve\n`);
    expect(readFileSync(env.GITHUB_STEP_SUMMARY, "utf8")).toBe("# Which server?\n");
    const named = Object.values(action.outputs).map(({ value }) => /outputs\.(\w+)/.exec(value)?.[1] ?? "");
    expect(named).toEqual(["folder", "outcome", "recommended"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
