import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseReport } from "../../reports/json.ts";
import { unixSockets } from "../../runner/process/unix-sockets.ts";
import { compare } from "./compare.ts";

// Servers whose work is done in a process that they have not started: what they use themselves is not what their answers cost.

setDefaultTimeout(120_000);

const fixtures = join(import.meta.dir, "fixtures");
const folder = mkdtempSync(join(tmpdir(), "tickbench-elsewhere-"));
const started: Bun.Subprocess[] = [];
afterAll(async () => {
  for (const server of started) server.kill();
  await Promise.all(started.map((server) => server.exited));
  rmSync(folder, { recursive: true });
});

/** A server that does the work, and where it listens. */
async function worker(place: string): Promise<string> {
  const child = Bun.spawn([process.execPath, join(fixtures, "echo-behind.ts"), place], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  started.push(child);
  const { value } = await child.stdout.getReader().read();
  return new TextDecoder().decode(value).trim();
}

async function measured(command: readonly string[]) {
  const argv = "--profile smoke --rounds 2 --force --keep-disturbed --quiet --json --candidates bun/serve";
  const { stdout, stderr } = await compare([
    ...argv.split(" "),
    ...["--workloads", "echo/json*", "--out", folder],
    ...["--candidate", `mine=${[process.execPath, join(fixtures, "elsewhere.ts"), ...command].join(" ")}`],
  ]);
  if (stdout === "") throw new Error(stderr);
  return parseReport(stdout, "stdout");
}

const linux = process.platform === "linux";

test.skipIf(!linux).each([
  ["a port", "0"],
  ["a Unix socket", join(folder, "worker.sock")],
])("a proxy before a server at %s: cost and memory are not known, and decide nothing", async (_, place) => {
  const report = await measured(["proxy", await worker(place)]);
  const mine = report.results.filter((r) => r.candidate === "mine");
  expect(mine.length).toBeGreaterThan(0);
  for (const { unattributed, metrics } of mine) {
    expect(unattributed?.code).toBe("forwarded");
    expect([metrics.cpuNsPerMessage, metrics.rssBytesPeak]).toEqual([undefined, undefined]);
  }
  expect(
    report.warnings.filter((w) => w.code === "not-attributed").map((w) => w.cell?.split(" ")[0]),
  ).toContain("mine");
  expect(report.decision.recommended).not.toBe("mine");
  expect(report.decision.costs.map((cost) => cost.candidate)).not.toContain("mine");
});

test.skipIf(!linux).each(["stays", "leaves"])(
  "a wrapper that %s while its server has left it: the server is followed",
  async (mode) => {
    const plain = join(import.meta.dir, "../../runner/calibrate/servers/plain.ts");
    const report = await measured([mode, plain]);
    const mine = report.results.filter((r) => r.candidate === "mine");
    const failed = report.failures.filter((f) => f.candidate === "mine");
    // One that has ended may be refused with a reason, and is never free of cost.
    expect(mine.length + failed.length).toBeGreaterThan(0);
    for (const { unattributed, metrics } of mine) {
      expect(unattributed !== undefined || (metrics.cpuNsPerMessage?.median ?? 0) > 50).toBe(true);
    }
  },
);

test.skipIf(!linux)(
  "the kernel tells both ends of a connected Unix socket, and the name of the accepted one",
  async () => {
    const path = join(folder, "own.sock");
    const opened = Promise.withResolvers<void>();
    const server = Bun.listen({
      unix: path,
      socket: { data: () => undefined, open: () => opened.resolve() },
    });
    const client = await Bun.connect({ unix: path, socket: { data: () => undefined } });
    await opened.promise;
    const all = unixSockets();
    const accepted = all.filter(({ name }) => name === path);
    expect(accepted).toHaveLength(1);
    expect(all.find(({ inode }) => inode === accepted[0]?.peer)).toMatchObject({
      peer: accepted[0]?.inode,
      name: "",
    });
    client.end();
    server.stop(true);
  },
);
