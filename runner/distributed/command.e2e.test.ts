import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunEvent, runEvent } from "../../schemas/event.ts";
import { compare, startCompare } from "../../tests/chaos/compare.ts";
import { selfSignedCertificate } from "../process/certificate.ts";
import { Cluster } from "./fixtures/cluster.ts";

setDefaultTimeout(120_000);

const out = mkdtempSync(join(tmpdir(), "tickbench-hosts-"));
// A password and TLS, as a Redis has them that several hosts reach.
const cluster = new Cluster("a-secret", await selfSignedCertificate());

beforeAll(async () => {
  await cluster.startRedis();
  await Promise.all([cluster.startAgent("one"), cluster.startAgent("two")]);
});
afterAll(async () => {
  expect(await cluster.close()).toEqual([0, 0]);
  rmSync(out, { recursive: true });
});

/** The shortest run that there is, of one cell; what it wrote down. */
async function measured(name: string, argv: readonly string[]) {
  const short = ["--profile", "smoke", "--rounds", "1", "--force", "--keep-disturbed", "--report", "md"];
  const what = ["--candidates", "bun/serve", "--workloads", "fanout/json/send/s10@1000Hz", "--quiet"];
  const { code, stderr, stdout } = await compare(
    [...short, ...what, "--out", join(out, name), ...argv],
    cluster.env,
  );
  expect([stderr, code]).toEqual(["", 0]);
  const record = readFileSync(join(out, name, "latest", "events.ndjson"), "utf8");
  const events = record
    .trim()
    .split("\n")
    .map((line) => runEvent.parse(JSON.parse(line)));
  const told = [stdout, record, readFileSync(join(out, name, "latest", "report.md"), "utf8")].join("\n");
  return { events, told };
}

function expectShared(events: readonly RunEvent[]): void {
  const windows = events.flatMap((event) => (event.type === "window-finished" ? [event.measurement] : []));
  expect(windows.length).toBeGreaterThan(0);
  for (const { shards, ledger } of windows) {
    expect([shards?.count, ledger.gaps, ledger.delivered]).toEqual([2, 0, ledger.due]);
  }
}

test("the command measures by two agents over TLS, and tells nobody the password", async () => {
  const { events, told } = await measured("agents", ["--agents", "2", "--redis", cluster.url]);
  const joined = events.flatMap((event) => (event.type === "agent-joined" ? [event.agent.name] : []));
  expect(joined.sort()).toEqual(["one", "two"]);
  expectShared(events);
  expect(told).not.toContain("a-secret");
});

test("the command measures by two load processes", async () => {
  const { events } = await measured("cores", ["--load-cores", "2"]);
  expectShared(events);
});

test("the command is interrupted while it waits for agents, in no more than its code", async () => {
  const argv = ["compare", "--profile", "smoke", "--force", "--agents", "9", "--redis", cluster.url];
  const child = startCompare([...argv, "--out", join(out, "waiting")], cluster.env);
  let told = "";
  for await (const bytes of child.stderr) {
    told += new TextDecoder().decode(bytes);
    if (told.includes("2 of 9 have come")) child.kill("SIGINT");
  }
  expect([await child.exited, await new Response(child.stdout).text()]).toEqual([130, ""]);
  for (const line of told.trim().split("\n")) expect(line).toMatch(/^(waiting for agents|agent )/);
});
