import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { readCores } from "../process/cores.ts";
import { cpuClockId, readClockNs } from "../process/libc.ts";
import { planPins, readTopology, withAffinity } from "../process/pin.ts";
import { coreUses, readEdge } from "./window-edge.ts";

setDefaultTimeout(30_000);

const pins = planPins(readTopology());
const [core = 0] = pins.pinned ? pins.server : [];
const hasCounter = readCores()?.cores.get(core)?.ranNs != null;
const children: Bun.Subprocess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
});

/** A program on the server's core that works for `busyMs` and rests for `restMs`, until it is ended. */
async function inTurns(busyMs: number, restMs: number): Promise<number> {
  const program = `
    console.log("ready");
    setInterval(() => { const until = performance.now() + ${busyMs}; while (performance.now() < until); }, ${busyMs + restMs});`;
  const child = withAffinity([core], () =>
    Bun.spawn([process.execPath, "-e", program], { stdio: ["ignore", "pipe", "ignore"] }),
  );
  children.push(child);
  await child.stdout.getReader().read();
  return child.pid;
}

const cpuNs = (pid: number) => readClockNs(cpuClockId(pid)) ?? 0;

test.skipIf(!pins.pinned || !hasCounter)(
  "a millisecond now and then of another program is seen on the server's core, and what the server waited for it",
  async () => {
    const server = await inTurns(0.3, 0.7);
    const other = await inTurns(2, 48);
    const [serverFrom, otherFrom] = [cpuNs(server), cpuNs(other)];
    const before = readEdge([server], 0);
    await Bun.sleep(500);
    const after = readEdge([server], 0);
    const [serverNs, otherNs] = [cpuNs(server) - serverFrom, cpuNs(other) - otherFrom];
    const uses = coreUses(before, after, { cores: [core], serverCores: 1, serverNs, helperCore: null });
    const [use] = uses;
    // About 4 % of the core, which comes to a few ms; whatever else runs on this machine adds to it.
    expect(otherNs).toBeGreaterThan(4e6);
    expect(use?.foreignNs).toBeGreaterThan(otherNs - 1e6);
    expect(use?.heldNs).toBeGreaterThan(0.3e6);
    expect(use?.heldNs).toBeLessThanOrEqual(use?.foreignNs ?? 0);
  },
);
