import { describe, expect, test } from "bun:test";
import { type Options, parseArgs } from "./args.ts";
import { UsageError } from "./usage-error.ts";

function optionsOf(...argv: string[]): Options {
  const invocation = parseArgs(argv, "1.2.3");
  if (invocation.kind !== "run") throw new Error("expected a run");
  return invocation.options;
}

function complaintOf(...argv: string[]): string {
  try {
    parseArgs(argv, "1.2.3");
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return "none";
}

describe("parseArgs", () => {
  test("no flag asks for the standard comparison of everything", () => {
    const options = optionsOf();
    expect(options.profile).toBe("standard");
    expect(options.candidates).toEqual(["default"]);
    expect(options.rounds).toBeNull();
    expect(options.feed).toBe("synthetic:burst");
  });

  test("values are read as numbers and lists", () => {
    const options = optionsOf("--rounds", "7", "--codec", "json, sbe", "--seed=9");
    expect(options).toMatchObject({ rounds: 7, codecs: ["json", "sbe"], seed: 9 });
  });

  test.each([
    [["--rounds", "0"], "--rounds: must be 1..1000, got 0"],
    [["--rounds", "1001"], "--rounds: must be 1..1000, got 1001"],
    [
      ["--adaptive"],
      "--adaptive: is no longer a flag, since every run gives its rounds to the cells that need them; leave it out, and use --rounds for the most",
    ],
    [["--rounds", "ten"], "--rounds: must be 1..1000, got ten"],
    [["--rounds=-3"], "--rounds: must be 1..1000, got -3"],
    [["--seed", "4294967296"], "--seed: must be 0..4294967295, got 4294967296"],
    [["--profil", "quick"], "--profil: unknown flag; did you mean --profile?"],
    [["--rounds"], "--rounds: needs a value"],
    [["--feed-rate", "0"], "--feed-rate: must be 0.01..10000, got 0"],
    [["--candidates", ","], '--candidates: must name at least one, got ","'],
    [["--codec", "sbee"], "--codec: must be one of json, sbe, raw, got sbee; did you mean sbe?"],
    [["--out", ""], "--out: must not be empty; leave it out for its default"],
    [
      ["--resume", "dir", "--rounds", "5"],
      "--rounds: must not be changed with --resume, which goes on with the run's own plan; leave it out, or start a new run",
    ],
    [["--resume", "dir", "--report", "md", "--force", "--quiet"], "none"],
    [
      ["--calibrate", "--rounds", "3", "--candidates", "nosuch"],
      "--candidates, --rounds: must not be given with --calibrate, which measures servers of its own and takes --json and --quiet alone; leave them out",
    ],
    [
      ["--calibrate", "--resume", "dir"],
      "--resume: must not be given with --calibrate, which measures servers of its own and takes --json and --quiet alone; leave it out",
    ],
    [["--calibrate", "--json", "--quiet"], "none"],
    [["extra"], 'unexpected argument "extra"; see --help'],
  ])("%p is one clear line", (argv, message) => {
    expect(complaintOf(...argv)).toBe(message);
  });

  test("an unknown profile names the nearest", () => {
    expect(complaintOf("--profile", "standrd")).toBe(
      "--profile: must be one of smoke, quick, standard, thorough, got standrd; did you mean standard?",
    );
  });

  test("--help tells every flag, --version the version alone", () => {
    const help = parseArgs(["--help"], "1.2.3");
    expect(help.kind === "print" && help.text).toContain("--process-per-trial");
    expect(parseArgs(["-h"], "1.2.3")).toEqual(help);
    expect(parseArgs(["--version"], "1.2.3")).toEqual({ kind: "print", text: "1.2.3\n" });
  });
});
