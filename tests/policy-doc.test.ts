import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { policyDoc } from "../docs/policy-tables.ts";
import { parseArgs } from "../runner/cli/args.ts";
import { checkPolicy } from "../runner/cli/preflight.ts";
import { makePlan } from "../runner/plan/plan.ts";
import { metricKinds } from "../schemas/metric.ts";
import { defaultEvidence, policy, policyAxes, requirement } from "../schemas/policy.ts";

const text = readFileSync(join(import.meta.dir, "..", "docs", "POLICY.md"), "utf8");
const [, example = ""] = /```json\n([\s\S]*?)```/.exec(text) ?? [];
const rowOf = (name: string): string =>
  text.split("\n").find((line) => line.startsWith(`| \`${name}\``) || line.startsWith(`| ${name}`)) ?? "";

describe("docs/POLICY.md", () => {
  test("its example is a policy that a run of the standard profile takes", () => {
    const parsed = policy.parse(JSON.parse(example));
    expect(new Set(parsed.require.map((r) => r.kind))).toEqual(new Set(kinds));
    const folder = mkdtempSync(join(tmpdir(), "tickbench-policy-doc-"));
    const file = join(folder, "my-policy.json");
    writeFileSync(file, example);
    const invocation = parseArgs(["--policy", file], "0");
    if (invocation.kind !== "run") throw new Error("no run");
    try {
      expect(checkPolicy(file, makePlan(invocation.options))).toEqual(parsed);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const kinds = requirement.options.map((option) => option.shape.kind.value);
  const fields = Object.keys(policy.shape);

  test("every field, axis, kind of requirement and price has its words", () => {
    for (const name of fields) {
      const row = name === "prices" ? rowOf("prices.vcpuHour") : rowOf(name);
      expect({ name, told: row }).not.toEqual({ name, told: "" });
    }
    for (const price of Object.keys(policy.shape.prices.shape)) expect(rowOf(`prices.${price}`)).not.toBe("");
    for (const axis of policyAxes) expect(rowOf("weights")).toContain(`\`${axis}\``);
    for (const option of requirement.options) {
      const row = rowOf(option.shape.kind.value);
      for (const field of Object.keys(option.shape).filter((f) => f !== "kind")) {
        expect(row).toContain(`\`${field}\``);
      }
    }
  });

  test("its tables of metrics and evidence are what the schemas say (bun docs/policy-tables.ts)", () => {
    expect(text).toBe(policyDoc(text));
    for (const name of Object.keys(metricKinds)) expect(text).toContain(`\`${name}\``);
    for (const axis of policyAxes)
      expect(text).toContain(`| \`${axis}\` | \`${defaultEvidence[axis][0]?.metric}\``);
  });

  test("its commands have flags that the tool knows", () => {
    const commands = text.match(/^bun run runner\/compare\.ts .*$/gm) ?? [];
    expect(commands).toHaveLength(4);
    for (const command of commands) {
      const argv = command
        .replace(/ +#.*$/, "")
        .split(/ +/)
        .slice(3);
      expect(parseArgs(argv, "0").kind).toBe("run");
    }
  });
});
