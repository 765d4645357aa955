import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunEvent, runEvent } from "../../schemas/event.ts";
import { compare } from "../../tests/chaos/compare.ts";
import { Cluster } from "./fixtures/cluster.ts";
import { Network } from "./fixtures/network.ts";

setDefaultTimeout(120_000);

const out = mkdtempSync(join(tmpdir(), "tickbench-target-"));
const network = Network.open();
const where =
  network === null ? "processes of one network, since none can be made here" : "network namespaces";
const here = { address: "127.0.0.1", command: [] };
const serverHost = network?.host() ?? here;
const cluster = new Cluster("a-secret", null, network?.address);

beforeAll(async () => {
  await cluster.startRedis();
  const load = ["one", "two", "three"].map((name) => cluster.startAgent(name, network?.host().command));
  await Promise.all([...load, cluster.startAgent("far", serverHost.command, "server")]);
});
afterAll(async () => {
  expect(await cluster.close()).toEqual([0, 0, 0, 0]);
  network?.close();
  rmSync(out, { recursive: true });
});

/** The shortest run that there is, of one cell: what it wrote down, and what it says of where it was measured. */
async function measured(name: string, argv: readonly string[]) {
  const short = ["--profile", "smoke", "--rounds", "1", "--force", "--keep-disturbed", "--report", "md"];
  const { code, stderr } = await compare([
    ...[...short, "--workloads", "echo/sbe*,echo/raw/64B/c1w1,fanout/json/send/s10@1000Hz", "--quiet"],
    ...["--out", join(out, name), ...argv],
  ]);
  expect([stderr, code]).toEqual(["", 0]);
  const read = (file: string) => readFileSync(join(out, name, "latest", file), "utf8");
  const lines = read("events.ndjson").trim().split("\n");
  return { events: lines.map((line) => runEvent.parse(JSON.parse(line))), told: read("details.md") };
}

function windowsOf(events: readonly RunEvent[]) {
  const windows = events.flatMap((event) => (event.type === "window-finished" ? [event.measurement] : []));
  expect(windows.length).toBeGreaterThan(0);
  for (const { ledger } of windows) {
    expect(ledger).toMatchObject({ delivered: ledger.due, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 });
  }
  return windows;
}

test(`an agent starts the servers on its host and looks at them there (${where})`, async () => {
  const argv = ["--agents", "3", "--redis", cluster.url, "--candidates", "bun/serve"];
  const { events, told } = await measured("agent", [...argv, "--target", `ws://${serverHost.address}`]);
  const joined = events.flatMap((event) => (event.type === "agent-joined" ? [event.agent] : []));
  expect(joined.filter(({ role }) => role === "server").map(({ name }) => name)).toEqual(["far"]);
  const windows = windowsOf(events);
  // One message in flight is one agent's, whose window the server's agent looks at as at any.
  expect(new Set(windows.map(({ shards }) => shards?.count))).toEqual(new Set([3, undefined]));
  for (const { server, metrics } of windows) {
    expect(server?.cpuNs).toBeGreaterThan(0);
    expect(metrics.cpuNsPerMessage).toBeGreaterThan(0);
  }
  expect(events.some((event) => event.type === "ceiling-measured")).toBe(true);
  expect(told).toContain("far");
});

test(`a server that nobody controls is measured without its CPU time and memory (${where})`, async () => {
  const server = await cluster.startServer(serverHost.command);
  const { events } = await measured("nobody", ["--target", `ws://${serverHost.address}:${server.port}`]);
  for (const { server: use, metrics, unattributed } of windowsOf(events)) {
    expect([use, metrics.cpuNsPerMessage, unattributed?.code]).toEqual([null, undefined, "listener-unseen"]);
  }
  await server.stop();
});
