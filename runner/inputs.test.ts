import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultPolicy } from "../reports/policies.ts";
import type { Requirement } from "../schemas/policy.ts";
import { parseArgs } from "./args.ts";
import { checkPolicy } from "./inputs.ts";
import { main } from "./main.ts";
import { makePlan } from "./plan.ts";
import { UsageError } from "./usage.ts";

const folder = mkdtempSync(join(tmpdir(), "tickbench-policy-"));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, value: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(value));
  return file;
}

const requiring = (name: string, requirement: Requirement) =>
  written(name, { ...defaultPolicy, require: [...defaultPolicy.require, requirement] });

const invocation = parseArgs(["--profile", "smoke"], "0");
if (invocation.kind !== "run") throw new Error("no run");
const plan = makePlan(invocation.options);

describe("a policy is looked at before the run", () => {
  test.each([
    ["broken", { ...defaultPolicy, worthPct: "much" }, 'worthPct: must be a number, got "much"'],
    ["empty", {}, "policyVersion: must be 1, got nothing"],
  ])("a %s one is refused by its field", (name, value, complaint) => {
    const file = written(`${name}.json`, value);
    expect(() => checkPolicy(file, plan)).toThrow(new UsageError(`--policy: ${file}: ${complaint}`));
  });

  test("a file that is not there is said not to be", () => {
    expect(() => checkPolicy("/nope.json", plan)).toThrow(
      new UsageError(
        "--policy: must be balanced, latency, cost or the path of a policy file, got /nope.json; there is no such file",
      ),
    );
  });

  test("a requirement on no cell of the plan is refused with the nearest", () => {
    const slo: Requirement = { kind: "slo", metric: "latencyNsP99", cells: ["feed/jsn/*"], max: 5e6 };
    const file = requiring("misspelt.json", slo);
    expect(() => checkPolicy(file, plan)).toThrow(
      /require\[1\]\.cells: must match a cell of this run, got feed\/jsn\/\*; the nearest is feed\/json\/[^ ]+, and --dry-run lists all$/,
    );
    const right = requiring("right.json", { ...slo, cells: ["feed/json/*"] });
    expect(checkPolicy(right, plan).require).toHaveLength(2);
  });

  test("so does a dry run", async () => {
    const { stderr } = process;
    const write = stderr.write;
    let said = "";
    stderr.write = (text) => {
      said += String(text);
      return true;
    };
    const code = await main(["--dry-run", "--policy", written("odd.json", {})]).finally(() => {
      stderr.write = write;
    });
    expect(code).toBe(2);
    expect(said).toStartWith("--policy: ");
  });
});
