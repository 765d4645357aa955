import { afterAll, expect, test } from "bun:test";
import { formatCpuList } from "../process/cpulist.ts";
import { setAffinity } from "../process/libc.ts";
import { planPins, readTopology, withAffinity } from "../process/pin.ts";
import { sampleProcess } from "../process/sample.ts";
import type { ServerProcess } from "../process/server-process.ts";
import { visitFlags } from "./visit-end.ts";

const code = `const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("") });
  console.log(server.port); process.on("SIGUSR2", () => server.stop(true));`;
const pins = planPins(readTopology());
const server = withAffinity(pins.pinned ? pins.server : null, () =>
  Bun.spawn([process.execPath, "-e", code], { stdout: "pipe" }),
);
afterAll(async () => {
  server.kill("SIGKILL");
  await server.exited;
});

const lines = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
const port = Number((await lines.read()).value);
const served: ServerProcess = {
  ...{
    pid: server.pid,
    unattributed: null,
    host: "127.0.0.1",
    port,
    ready: null,
    startupNs: null,
    notes: [],
  },
  ...{
    lost: new Promise(() => undefined),
    stderrTail: () => [],
    usedCpuNs: () => null,
    stop: () => Promise.resolve(null),
  },
};

test("a server that stayed where it was is not doubted", () => {
  expect(visitFlags(served, pins.pinned ? pins.server : null)).toEqual([]);
});

test("one thread that may run elsewhere is enough", () => {
  if (!pins.pinned) return console.log(`skipped: ${pins.reason}`);
  const sampled = sampleProcess(server.pid);
  const thread = sampled.ok ? ([...sampled.sample.switches.keys()].at(-1) ?? 0) : 0;
  const away = [...pins.server, ...pins.load];
  expect(setAffinity(thread, away)).toBe(true);
  expect(visitFlags(served, pins.server)).toEqual([
    { code: "left-its-core", reason: expect.stringContaining(`cores ${formatCpuList(away)}`) },
  ]);
  expect(setAffinity(thread, pins.server)).toBe(true);
});

test("one that no longer listens has nobody's CPU time", async () => {
  process.kill(server.pid, "SIGUSR2");
  for (;;) {
    const doubts = visitFlags(served, null);
    if (doubts.length === 0) {
      await Bun.sleep(10);
      continue;
    }
    expect(doubts.map((doubt) => doubt.code)).toEqual(["listener-moved"]);
    return;
  }
});
