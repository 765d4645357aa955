import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAssertion } from "../reports/gates/assertion.ts";
import { parseArgs } from "../runner/cli/args.ts";

const text = readFileSync(join(import.meta.dir, "..", "docs", "CI.md"), "utf8");
const [, workflow = ""] = /```yaml\n([\s\S]*?)```/.exec(text) ?? [];

interface Step {
  readonly uses?: string;
  readonly run?: string;
}
const { jobs } = Bun.YAML.parse(workflow) as { jobs: { gate: { steps: Step[] } } };

describe("docs/CI.md", () => {
  test("every assertion it shows can be read", () => {
    const shown = [...text.matchAll(/--assert "([^"]+)"/g)].map(([, source]) => source ?? "");
    expect(shown.length).toBeGreaterThan(6);
    for (const source of shown) expect(parseAssertion(source).source).toBe(source);
  });

  test("the workflow's commands have flags that the tool knows", () => {
    const commands = jobs.gate.steps.flatMap(({ run = "" }) =>
      run
        .replaceAll("\\\n", " ")
        .split("\n")
        .filter((line) => line.includes("runner/compare.ts")),
    );
    expect(commands).toHaveLength(2);
    for (const command of commands) {
      const words: string[] = command.match(/"[^"]*"|\S+/g) ?? [];
      const argv = words.slice(words.indexOf("runner/compare.ts") + 1).map((w) => w.replaceAll('"', ""));
      expect(parseArgs(argv, "0").kind).toBe("run");
    }
  });

  test("its actions are pinned by commit, with their version beside it", () => {
    const lines = workflow.split("\n").filter((line) => line.includes("uses:"));
    expect(lines).toHaveLength(jobs.gate.steps.filter((step) => step.uses !== undefined).length);
    for (const line of lines) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });
});
