import { describe, expect, test } from "bun:test";
import { profiles } from "../../schemas/names.ts";
import { makePlan } from "../plan/plan.ts";
import { listPlan } from "../verbs/plan.ts";
import { parseArgs } from "./args.ts";
import { readCommandLine, verbs } from "./command-line.ts";
import { profileLengths } from "./flags.ts";
import { makeUsageText } from "./usage-text.ts";
import usageText from "./usage-text.txt" with { type: "text" };

function asked(...argv: string[]) {
  const found = readCommandLine(argv, "1.2.3");
  if (found.kind !== "run") throw new Error("expected a command");
  return found;
}

function printed(...argv: string[]): string {
  const found = readCommandLine(argv, "1.2.3");
  return found.kind === "print" ? found.text : "";
}

describe("the commands", () => {
  test("without one, a comparison is what is asked for", () => {
    expect(asked()).toMatchObject({ verb: "compare", argv: [], notes: [] });
    expect(asked("--profile", "quick")).toMatchObject({ verb: "compare", argv: ["--profile", "quick"] });
    expect(asked("compare", "--quiet")).toMatchObject({ verb: "compare", argv: ["--quiet"] });
  });

  test("a value that is the name of a command stays a value", () => {
    expect(asked("--out", "list").verb).toBe("compare");
    expect(asked("render", "diff")).toMatchObject({ verb: "render", argv: ["diff"] });
  });

  test.each([...verbs])(
    "%s has a usage of its own, with examples and no default that says nothing",
    (verb) => {
      const text = printed(verb, "--help");
      expect(text).toStartWith("Usage: bun run runner/compare.ts ");
      expect(text).toContain("\nExamples:\n");
      expect(text).not.toContain("default: false");
      expect(text).not.toContain("\nOptions:\n\n");
      expect(printed("help", verb)).toBe(text);
      const widest = Math.max(...text.split("\n").map((line) => line.length));
      expect(widest).toBeLessThanOrEqual(90);
    },
  );

  test("--help without a command is that of compare, and names every command", () => {
    expect(printed("--help")).toBe(printed("compare", "--help"));
    for (const verb of verbs) expect(printed("--help")).toMatch(new RegExp(`^  ${verb} `, "m"));
  });

  test.each([
    [["--list", "--candidates", "core"], "list", "--list"],
    [["--verify"], "verify", "--verify"],
    [["--calibrate", "--json"], "calibrate", "--calibrate"],
    [["--dry-run", "--profile", "quick"], "plan", "--dry-run"],
  ] as const)("%p still works, and names the new form", (argv, verb, flag) => {
    expect(asked(...argv)).toMatchObject({
      verb,
      notes: [`${flag}: is now a command: bun run runner/compare.ts ${verb}`],
    });
    expect(asked(...argv, "--quiet").notes).toEqual([]);
  });

  test.each([...profiles])("the help tells how long %s takes, as its plan does", (profile) => {
    const invocation = parseArgs(["--profile", profile], "0");
    if (invocation.kind !== "run") throw new Error("expected a run");
    const { expectedMs } = listPlan(makePlan(invocation.options));
    const [amount, unit] = profileLengths[profile].split(" ");
    const saidMs = Number(amount) * (unit === "s" ? 1_000 : 60_000);
    expect(Math.abs(Math.log(saidMs / expectedMs))).toBeLessThan(0.15);
    expect(printed("plan", "--help")).toContain(`${profile} (${profileLengths[profile]})`);
  });
});

test("the stored usage text is what the command line writes (bun runner/cli/usage-text.ts)", () => {
  expect(usageText).toBe(makeUsageText());
});
