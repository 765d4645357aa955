import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { parseReport } from "../../reports/json.ts";
import { freePort } from "../../runner/process/ports.ts";
import { findPython } from "../../runner/process/python.ts";
import { compare } from "./compare.ts";

setDefaultTimeout(120_000);

const fixture = join(import.meta.dir, "fixtures", "own-echo.ts");
const folder = mkdtempSync(join(tmpdir(), "tickbench-own-"));
/** What a test started itself; it ends with the tests however they end. */
const started: Subprocess[] = [];
afterAll(async () => {
  for (const server of started) server.kill();
  await Promise.all(started.map((server) => server.exited));
  rmSync(folder, { recursive: true });
});

/** One round of an echo and a push, with the report as it was written. */
async function measure(...argv: string[]) {
  const short = [
    "--profile",
    "quick",
    "--rounds",
    "1",
    "--force",
    "--keep-disturbed",
    "--workloads",
    "echo/json*,push",
  ];
  const { code, stdout, stderr } = await compare([...short, "--json", "--out", folder, ...argv]);
  return { code, stderr, report: code === 2 ? null : parseReport(stdout, "stdout") };
}

type Told = Awaited<ReturnType<typeof measure>>["report"];
const servicesOf = (report: Told, name: string) =>
  report?.results.filter((r) => r.candidate === name).map((r) => `${r.workload}/${r.codec}`);
const candidateOf = (report: Told, name: string) => report?.candidates.find((c) => c.id === name);

describe("a server of one's own that only echoes", () => {
  test("by command: compared on echo, the rest reads not served, and nothing has failed", async () => {
    const config = join(folder, "own.json");
    const own = {
      name: "mine",
      command: [process.execPath, fixture, "quiet"],
      paths: { echo: "/ws" },
    };
    const picky = {
      ...own,
      name: "picky",
      command: [process.execPath, fixture, "picky", "md.v1"],
      env: { TOKEN: "t" },
      subprotocol: "md.v1",
      headers: { "X-Token": "t" },
    };
    writeFileSync(config, JSON.stringify({ candidates: ["bun/serve", own, picky] }));
    const { code, report, stderr } = await measure("--quiet", "--config", config);
    expect([code, stderr]).toEqual([0, ""]);
    for (const name of ["mine", "picky"]) {
      expect(servicesOf(report, name)).toEqual(["echo/json"]);
      expect(candidateOf(report, name)).toMatchObject({
        status: "ok",
        notServed: [{ service: "push/json", reason: expect.stringContaining("403") }],
      });
    }
    expect(report?.failures).toEqual([]);
    expect(report?.comparisons.some((c) => c.a === "mine" && c.b === "bun/serve" && c.declared)).toBe(true);
  });

  test("by address: measured with CPU time of the pid given, and left running", async () => {
    const port = freePort();
    const server = Bun.spawn([process.execPath, fixture, "quiet"], {
      env: { ...process.env, PORT: `${port}` },
      stdout: "ignore",
      stderr: "ignore",
    });
    started.push(server);
    const address = `mine=ws://127.0.0.1:${port}/ws,pid=${server.pid}`;
    const { code, report } = await measure("--candidates", "bun/serve", "--candidate", address);
    expect(code).toBe(0);
    expect(servicesOf(report, "mine")).toEqual(["echo/json"]);
    const [result] = report?.results.filter((r) => r.candidate === "mine") ?? [];
    expect(result?.metrics.cpuNsPerMessage?.median).toBeGreaterThan(0);
    expect(result?.metrics.startupNs).toBeUndefined();
    expect(server.exitCode).toBeNull();
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(403);
  });
});

test("one that does not start ends the run before it measures, with its last words", async () => {
  const out = join(folder, "stopped");
  const { code, stdout, stderr } = await compare([
    ...["--profile", "smoke", "--force", "--json", "--out", out, "--candidates", "bun/serve"],
    ...["--candidate", `dies=${process.execPath} -e 'console.error("no licence"); process.exit(4)'`],
  ]);
  expect([code, stdout]).toEqual([3, ""]);
  expect(stderr).toStartWith(
    "dies failed in start: the process ended with exit code 4 before it listened on PORT=",
  );
  expect(stderr).toContain("\n  no licence\n");
  expect(stderr).toContain("--keep-going");
  expect(existsSync(out)).toBe(false);
});

test("with --keep-going the others are reported, the exit code is 3, and nobody is recommended", async () => {
  const { code, report } = await measure(
    "--keep-going",
    "--candidates",
    "bun/serve",
    "--candidate",
    "gone=false",
    "--candidate",
    "absent=no-such-program-here",
  );
  expect(code).toBe(3);
  expect(candidateOf(report, "gone")).toMatchObject({ status: "failed" });
  expect(candidateOf(report, "gone")?.reason).toContain(
    "the process ended with exit code 1 before it listened",
  );
  expect(candidateOf(report, "absent")?.reason).toContain("there is no such program");
  expect(servicesOf(report, "bun/serve")).toEqual(["echo/json", "push/json"]);
  expect(report?.decision.recommended).toBeNull();
});

test("a subprotocol that is not the expected one is one line for its candidate, and the others are reported", async () => {
  const config = join(folder, "subprotocols.json");
  const own = (name: string, selects: readonly string[], subprotocol: string | null) => ({
    name,
    command: [process.execPath, fixture, "quiet", ...selects],
    paths: { echo: "/ws" },
    ...(subprotocol === null ? {} : { subprotocol }),
  });
  const candidates = [
    "bun/serve",
    own("selects-none", [], "md.v1"),
    own("selects-another", ["md.v2"], "md.v1"),
    own("selects-unasked", ["md.v1"], null),
  ];
  writeFileSync(config, JSON.stringify({ candidates }));
  const { code, report, stderr } = await measure("--keep-going", "--config", config);
  expect(code).toBe(3);
  const reasons = {
    "selects-none": 'the server selected no subprotocol, "md.v1" was expected',
    "selects-another": 'the server selected the subprotocol "md.v2", "md.v1" was expected',
    "selects-unasked": 'the server selected the subprotocol "md.v1", none was expected',
  };
  for (const [name, reason] of Object.entries(reasons)) {
    expect(candidateOf(report, name)).toMatchObject({
      status: "failed",
      reason: expect.stringContaining(reason),
    });
    const lines = stderr.split("\n").filter((line) => line.startsWith(name));
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^${name} failed in verify: .*${reason}$`))]);
  }
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(servicesOf(report, "bun/serve")).toEqual(["echo/json", "push/json"]);
});

test("the example of docs/ADD-YOUR-SERVER.md works as it is written", async () => {
  const python = Bun.which("python3");
  if (python === null) return console.log("skipped: there is no python3");
  const { code, report } = await measure(
    "--candidates",
    "bun/serve",
    "--candidate",
    "python/stdlib=python3 docs/examples/echo_server.py",
  );
  expect(code).toBe(0);
  expect(servicesOf(report, "python/stdlib")).toEqual(["echo/json"]);
});

test("the example that serves the whole contract lacks transcoding, coalesced writes and native broadcast alone", async () => {
  const python = findPython(["aiohttp"]);
  if ("unavailable" in python) return console.log(`skipped: ${python.unavailable}`);
  const own = `python/gateway=${python.path} docs/examples/gateway_server.py`;
  const argv = ["--profile", "standard", "--workloads", "feed/json/*,push", "--candidates", "bun/serve"];
  const { report } = await measure(...argv, "--candidate", own);
  // Whether its rounds count is the machine's affair; an open loop is withheld where the generator was late.
  expect(report?.failures).toEqual([]);
  expect(candidateOf(report, "python/gateway")).toMatchObject({
    status: "ok",
    framework: { name: "aiohttp" },
    options: { slowConsumer: "disconnect" },
    notServed: [
      { service: "feed/json/passthrough/coalesced", reason: expect.stringContaining("400") },
      { service: "feed/json/transcode/send", reason: expect.stringContaining("400") },
      { service: "feed/json/passthrough/native", reason: expect.stringContaining("400") },
    ],
  });
});

test("a server behind a wrapper is found among what the wrapper has started", async () => {
  const wrapper = join(folder, "start.sh");
  // Not the last command, so that no shell gives its own process to it.
  writeFileSync(wrapper, `"${process.execPath}" "$1" quiet\nexit $?\n`);
  const config = join(folder, "wrapped.json");
  const wrapped = { name: "wrapped", command: ["sh", wrapper, fixture], paths: { echo: "/ws" } };
  writeFileSync(config, JSON.stringify({ candidates: ["bun/serve", wrapped] }));
  const { code, report } = await measure("--quiet", "--config", config);
  expect(code).toBe(0);
  const of = (name: string, metric: "cpuNsPerMessage" | "rssBytesPeak") =>
    report?.results.find((r) => r.candidate === name)?.metrics[metric]?.median ?? 0;
  // A shell that waits takes no time at all, and 2 MB.
  expect(of("wrapped", "cpuNsPerMessage")).toBeGreaterThan(of("bun/serve", "cpuNsPerMessage") / 20);
  expect(of("wrapped", "rssBytesPeak")).toBeGreaterThan(20e6);
});
