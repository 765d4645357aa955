import { describe, expect, test } from "bun:test";
import { homedir } from "node:os";
import { join } from "node:path";
import { formNames } from "../../reports/forms.ts";
import { type Options, parseArgs } from "./args.ts";
import { UsageError } from "./usage-error.ts";

function optionsOf(...argv: string[]): Options {
  const invocation = parseArgs(argv, "1.2.3");
  if (invocation.kind !== "run") throw new Error("expected a run");
  return invocation.options;
}

function errorOf(...argv: string[]): string {
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
      "--adaptive: is no longer a flag, since every run gives extra rounds to the cells that need them; leave it out",
    ],
    [["--rounds", "ten"], "--rounds: must be 1..1000, got ten"],
    [["--rounds=-3"], "--rounds: must be 1..1000, got -3"],
    [["--seed", "4294967296"], "--seed: must be 0..4294967295, got 4294967296"],
    [["--profil", "quick"], "--profil: unknown flag; did you mean --profile?"],
    [["--nothing-like-it"], "--nothing-like-it: unknown flag; see bun run runner/compare.ts --help"],
    [["--rounds"], "--rounds: needs a value"],
    [["--feed-rate", "0"], "--feed-rate: must be 0.01..10000, got 0"],
    [["--symbols", "0"], "--symbols: must be 1..1000, got 0"],
    [["--zipf=-1"], "--zipf: must be 0..4, got -1"],
    [
      ["--zipf", "2"],
      "--zipf: must be for several symbols, got 2 with one; add --symbols N, or leave it out",
    ],
    [["--candidates", ","], '--candidates: must name at least one, got ","'],
    [["--codec", "sbee"], "--codec: must be one of json, sbe, raw, got sbee; did you mean sbe?"],
    [["--out", ""], "--out: must not be empty; leave it out for its default"],
    [
      ["--resume", "dir", "--rounds", "5"],
      "--rounds: must not be changed with --resume, which continues the run's own plan; leave it out, or start a new run",
    ],
    [["--resume", "dir", "--report", "md", "--force", "--quiet"], "none"],
    [
      ["--calibrate", "--rounds", "3", "--candidates", "nosuch"],
      "--candidates, --rounds: must not be given with --calibrate, which takes only --json and --quiet; leave them out",
    ],
    [
      ["--calibrate", "--resume", "dir"],
      "--resume: must not be given with --calibrate, which takes only --json and --quiet; leave it out",
    ],
    [["--calibrate", "--json", "--quiet"], "none"],
    [
      ["extra"],
      "extra: unknown command; known: compare, plan, list, verify, trial, calibrate, render, diff, runs, init, completion, help",
    ],
    [["lst"], "lst: unknown command; did you mean list?"],
    [
      ["--quiet", "list"],
      'unexpected argument "list"; the command comes first: bun run runner/compare.ts list',
    ],
    [["calibrate", "--rounds", "3"], "--rounds: is no flag of calibrate, which takes --json, --quiet"],
    [["render"], "render: needs <report>; see bun run runner/compare.ts render --help"],
    [
      ["--candidates", "node/ws", "bun/ws"],
      'unexpected argument "bun/ws"; write a list with commas, and quote stars or braces: --candidates node/ws,bun/ws',
    ],
    [
      ["--rounds", "5", "6"],
      'unexpected argument "6"; --rounds takes one value, in quotes where it has spaces',
    ],
    [["--force", "true"], 'unexpected argument "true"; --force takes no value; leave it out'],
    [["--force=true"], "--force: takes no value, got true; give --force alone, or leave it out"],
    [["rounds=5"], 'unexpected argument "rounds=5"; a flag begins with two dashes: --rounds=5'],
    [["--rounds", "5x"], "--rounds: must be 1..1000, got 5x; did you mean 5?"],
    [["--rounds", "1,000"], "--rounds: must be 1..1000, got 1,000; did you mean 1000?"],
    [["--rounds", "2.5"], "--rounds: must be 1..1000, got 2.5"],
    [["--feed-rate", "0,5"], "--feed-rate: must be 0.01..10000, got 0,5; did you mean 0.5?"],
    [["--port", "127.0.0.1:8080"], "--port: must be 0..65535, got 127.0.0.1:8080; did you mean 8080?"],
    [["--port", "abc"], "--port: must be 0..65535, got abc"],
    [["--seed", "random"], "--seed: must be 0..4294967295, got random"],
    [
      ["--profile", "fast"],
      "--profile: must be one of smoke, quick, standard, thorough, open, got fast; did you mean quick?",
    ],
    [["--target", "http://a:1"], "--target: must be ws://HOST:PORT, got http://a:1"],
    [
      ["--target", "ws://10.0.0.1"],
      "--target: must name the server's port, got ws://10.0.0.1; or add --agents and --redis",
    ],
    [
      ["--target", "ws://10.0.0.1:80", "--candidates", "core"],
      "--candidates: needs an agent that starts them at --target, got core; add --agents and --redis, or leave it out to measure what runs there",
    ],
    [
      ["--target", "ws://10.0.0.1:80", "--runtime", "node@24"],
      "--runtime: must not be given with --target, whose servers are another host's; leave it out",
    ],
    [
      ["--target", "ws://10.0.0.1:80", "--server-cores", "2"],
      "--server-cores: must not be given with --target, whose servers are another host's; leave it out",
    ],
    [
      ["--target", "ws://10.0.0.1:80/feed", "--agents", "2", "--redis", "redis://h"],
      "--target: must have no path with --agents, got ws://10.0.0.1:80/feed",
    ],
    [["--candidates", "{node,bun/ws"], "--candidates: must close its braces, got {node,bun/ws"],
    [
      ["--assert", "{node,bun/ws feed p99 < 5ms"],
      '--assert: "{node,bun/ws feed p99 < 5ms": must close its braces, got {node,bun/ws',
    ],
  ])("%p is one clear line", (argv, message) => {
    expect(errorOf(...argv)).toBe(message);
  });

  test.each([
    [
      ["--target", "ws://10.0.0.1:80"],
      { target: { host: "10.0.0.1", port: 80, startedBy: "nobody" }, candidates: ["target"] },
    ],
    [
      ["--target", "ws://[fd00::1]", "--agents", "2", "--redis", "redis://h"],
      { target: { host: "fd00::1", port: 0, startedBy: "agent" }, candidates: ["default"], custom: [] },
    ],
    [["--threshold", "5%"], { margins: { cost: { thresholdPct: 5 } } }],
    [["--threshold=2.5 %"], { margins: { rate: { thresholdPct: 2.5 } } }],
    [["--feed-rate", "2x"], { feedRate: 2 }],
    [["--symbols", "100", "--zipf", "0.8"], { symbols: { count: 100, zipf: 0.8 } }],
    [["--symbols", "1"], { symbols: null }],
    [["--seed", "0x10"], { seed: 16 }],
    [["--rounds", " 7 "], { rounds: 7 }],
    [["--rounds", "7", "--rounds=7"], { rounds: 7 }],
    [["--profile", "Quick"], { profile: "quick" }],
    [["--codec", "JSON,Sbe"], { codecs: ["json", "sbe"] }],
    [["--candidates", "a, b  c"], { candidates: ["a", "b", "c"] }],
    [["--candidates", "{node, bun}/ws,x"], { candidates: ["{node,bun}/ws", "x"] }],
    [["--report", "md csv"], { reports: ["md", "csv"] }],
    [["--out=~/runs"], { out: join(homedir(), "runs") }],
    [
      ["--fail-on", "regression:7", "--baseline", "r.json"],
      { gates: { assertions: [], regression: { baseline: "r.json", limitPct: 7 } } },
    ],
  ])("%p is taken as it is meant", (argv, options) => {
    expect(optionsOf(...argv)).toMatchObject(options);
  });

  test("of a flag that is given twice the last counts, and not in silence", () => {
    const notes = (...argv: string[]) => {
      const invocation = parseArgs(argv, "1.2.3");
      return invocation.kind === "run" ? invocation.notes : null;
    };
    expect(optionsOf("--rounds", "3", "--rounds", "5").rounds).toBe(5);
    expect(notes("--rounds", "3", "--rounds", "5")).toEqual([
      "--rounds: given twice, 5 counts and 3 does not",
    ]);
    expect(notes("--candidates", "a", "--candidates=b")).toEqual([
      "--candidates: given twice, b counts and a does not; for both give --candidates a,b",
    ]);
    expect(notes("--rounds", "3", "--rounds", "3", "--slo", "p99<5ms@5", "--slo", "p99<5ms@6")).toEqual([]);
  });

  test.each(["all", "markdown", "xlsx", "pptx", "svg"])("--report %s names the way out", (form) => {
    const said = errorOf("--report", form);
    expect(said).toStartWith(`--report: must be one of ${formNames.join(", ")}, got ${form}; `);
  });

  test("an unknown profile names the nearest", () => {
    expect(errorOf("--profile", "standrd")).toBe(
      "--profile: must be one of smoke, quick, standard, thorough, open, got standrd; did you mean standard?",
    );
  });

  test("--help tells every flag, --version the version alone", () => {
    const help = parseArgs(["--help"], "1.2.3");
    expect(help.kind === "print" && help.text).toContain("--process-per-trial");
    expect(parseArgs(["-h"], "1.2.3")).toEqual(help);
    expect(parseArgs(["--version"], "1.2.3")).toEqual({ kind: "print", text: "1.2.3\n" });
  });
});
