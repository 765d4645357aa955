import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultPolicy } from "../../reports/policies.ts";
import type { Requirement } from "../../schemas/policy.ts";
import { main } from "../main.ts";
import { makePlan } from "../plan/plan.ts";
import { parseArgs } from "./args.ts";
import { checkPolicy, checkRoom } from "./preflight.ts";
import { UsageError } from "./usage-error.ts";

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
  ])("a %s one is refused by its field", (name, value, usageError) => {
    const file = written(`${name}.json`, value);
    expect(() => checkPolicy(file, plan)).toThrow(new UsageError(`--policy: ${file}: ${usageError}`));
  });

  test("a file that is not there is said not to be", () => {
    expect(() => checkPolicy("/nope.json", plan)).toThrow(
      new UsageError(
        "--policy: must be balanced, latency, cost or the path of a policy file, got /nope.json; no such file",
      ),
    );
  });

  test("a requirement on no cell of the plan is refused with the nearest", () => {
    const slo: Requirement = { kind: "slo", metric: "latencyNsP99", cells: ["feed/jsn/*"], max: 5e6 };
    const file = requiring("misspelt.json", slo);
    expect(() => checkPolicy(file, plan)).toThrow(
      /require\[1\]\.cells: must match a cell of this run, got feed\/jsn\/\*; the nearest is feed\/json\/[^ ]+, and plan lists all$/,
    );
    const right = requiring("right.json", { ...slo, cells: ["feed/json/*"] });
    expect(checkPolicy(right, plan).require).toHaveLength(2);
  });
});

/** What the command says on stderr, and its exit code. */
async function told(...argv: string[]): Promise<{ code: number; said: string }> {
  const { stderr, stdout } = process;
  const [write, print] = [stderr.write, stdout.write];
  let said = "";
  stderr.write = (text) => {
    said += String(text);
    return true;
  };
  stdout.write = () => true;
  const code = await main(argv).finally(() => {
    stderr.write = write;
    stdout.write = print;
  });
  return { code, said };
}

describe("a dry run refuses what the run would refuse before it measures", () => {
  const file = join(folder, "a-file");
  const settings = join(folder, "settings.json");
  writeFileSync(file, "");
  writeFileSync(settings, JSON.stringify({ policy: "/nope.json" }));
  const nothing = join(folder, "nothing.json");

  test.each([
    [["--policy", written("odd.json", {})], "--policy: "],
    [["--config", settings], "--policy: must be balanced"],
    [["--baseline", nothing, "--fail-on", "regression"], "--baseline: "],
    [["--assert", "bun/serve nothing p99 < 5ms"], "--assert: "],
    [["--feed", `capture:${nothing}`], "--feed: "],
    [["--out", join(file, "runs")], `--out: must be a folder that can be written, got ${file}`],
    [["--runtime", `node=${nothing}`], "--runtime: "],
    [["--resume", nothing], "--resume: "],
  ])("%p", async (argv, line) => {
    const { code, said } = await told("plan", ...argv);
    expect(said).toStartWith(line);
    expect(said.trimEnd().split("\n")).toHaveLength(1);
    expect(code).toBe(2);
  });

  test("a port that is held", async () => {
    const taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
    const { code, said } = await told("plan", "--port", `${taken.port}`);
    taken.stop(true);
    expect(said).toStartWith(`--port: must be a free port, got ${taken.port}: it is in use by `);
    expect(code).toBe(2);
  });

  test("a port that its holder would share, on every address or on the other one of localhost", async () => {
    for (const hostname of ["0.0.0.0", "::1"]) {
      const sharing = Bun.serve({ hostname, port: 0, reusePort: true, fetch: () => new Response("") });
      const port = sharing.port ?? 0;
      const { code, said } = await told("plan", "--port", `${port}`);
      await sharing.stop(true);
      expect([code, said.trimEnd().split("\n").length]).toEqual([2, 1]);
      expect(said).toStartWith(`--port: must be a free port, got ${port}: it is in use by `);
    }
  });

  test("and makes no folder where there is nothing to refuse", async () => {
    const out = join(folder, "runs");
    expect(await told("plan", "--out", out)).toEqual({ code: 0, said: "" });
    expect(existsSync(out)).toBe(false);
  });
});

test("a file of a run in place of its folder is reported with the folder", async () => {
  const run = join(folder, "run");
  mkdirSync(run);
  const record = join(run, "events.ndjson");
  writeFileSync(record, "");
  expect(await told("--resume", record)).toEqual({
    code: 2,
    said: `--resume: must be the folder of a run, got the file ${record}; give ${run}\n`,
  });
});

describe("what the system has too little of is told before the first server needs it", () => {
  const { cells } = plan;
  const most = Math.max(
    ...cells.map((c) =>
      "subscribers" in c.spec ? c.spec.subscribers + 1 : "connections" in c.spec ? c.spec.connections : 0,
    ),
  );
  const usageError = (files: Readonly<Record<string, string>>, free: number | null = 2 ** 40) => {
    try {
      checkRoom(
        { cells },
        "out",
        (path) => files[path] ?? null,
        () => free,
      );
    } catch (error) {
      if (error instanceof UsageError) return error.message;
      throw error;
    }
    return "none";
  };
  const openFiles = (count: number) => ({
    "/proc/self/limits": `Max open files            ${count}                 ${count}                 files\n`,
  });
  const ports = (first: number, last: number) => ({
    "/proc/sys/net/ipv4/ip_local_port_range": `${first}\t${last}\n`,
  });

  test("enough of everything, or what is not told, is none", () => {
    expect(usageError({})).toBe("none");
    expect(usageError({}, null)).toBe("none");
    expect(usageError({ ...openFiles(most + 64), ...ports(1, 2 * most) })).toBe("none");
  });

  test("a storm needs a backlog, and has ports of as many addresses as it takes", () => {
    const storm = parseArgs(["--workloads", "connections", "--connections", "30000"], "0");
    if (storm.kind !== "run") throw new Error("no run");
    const backlogOf = (somaxconn: number) => ({ "/proc/sys/net/core/somaxconn": `${somaxconn}\n` });
    const told = (files: Readonly<Record<string, string>>) => {
      checkRoom(makePlan(storm.options), null, (path) => files[path] ?? null);
    };
    expect(() => told({ ...openFiles(30_064), ...ports(32_768, 60_999), ...backlogOf(4_096) })).not.toThrow();
    expect(() => told(openFiles(30_063))).toThrow(/^ulimit -n: must allow 30064 /);
    expect(() => told(backlogOf(128))).toThrow(
      /somaxconn: must be at least 4096, .+ got 128; sysctl net\.core\.somaxconn=4096/,
    );
  });

  test("open files, ports and room, each with its remedy", () => {
    expect(usageError(openFiles(most + 63))).toMatch(
      new RegExp(`^ulimit -n: must allow ${most + 64} .+ got ${most + 63} .+; ulimit -n ${most + 64}, or `),
    );
    expect(usageError(ports(1, 2 * most - 1))).toMatch(
      /ip_local_port_range: must span .+ got 1 to .+; sysctl/,
    );
    expect(usageError({}, 2 ** 20)).toMatch(
      /^--out: must have at least 64.0 MiB free, got out with 1.00 MiB/,
    );
  });
});
