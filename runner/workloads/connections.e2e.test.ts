import { expect, setDefaultTimeout, test } from "bun:test";
import type { ConnectionsCell } from "../../schemas/workloads/connections.ts";
import { type Hooks, measureOn } from "../fixtures/test-server.ts";

setDefaultTimeout(30_000);

const cell: ConnectionsCell = {
  workload: "connections",
  codec: "json",
  connections: 100,
  rampHz: 1_000,
  stormMs: 100,
  cycles: 2,
  turnover: 50,
  warmupMs: 0,
  windowMs: 500,
};

const agreed = JSON.stringify({ result: null, id: 1 });

/** Measures on a server that answers upgrade request `n` as `admit` says, and the subscription on it as `agree` does. */
function measureAnswering(
  admit: NonNullable<Hooks["admit"]>,
  agree: (n: number) => string | null = () => agreed,
) {
  const control: Hooks["control"] = (from) => {
    const answer = agree(from.data.request);
    if (answer === null) from.terminate();
    else from.send(answer);
  };
  const limits = { connectTimeoutMs: 2_000, drainTimeoutMs: 500 };
  return measureOn(cell, { admit, control }, { ...limits, serverPid: process.pid });
}

const intact = (due: number) => ({ due, opened: due, refused: 0, reset: 0, timedOut: 0, wrong: 0 });

test("every connection of a sound server is opened, and served again in the storm", async () => {
  const { connections, metrics, ledger } = await measureAnswering(() => null);
  expect(connections).toMatchObject({ ramp: intact(100), storm: intact(100), cycles: intact(100) });
  expect(ledger).toMatchObject({ due: 300, delivered: 300, gaps: 0 });
  expect(connections?.steps.map((step) => step.connections)).toEqual(
    Array.from({ length: 20 }, (_, i) => 5 * (i + 1)),
  );
  expect(connections?.restBytes).toHaveLength(4);
  const { stormNs = [] } = connections ?? {};
  expect(stormNs).toHaveLength(100);
  expect(stormNs).toEqual(stormNs.toSorted((a, b) => a - b));
  expect(metrics.stormNsMax).toBe(stormNs[99]!);
  // Nobody is served before its own time.
  expect(metrics.stormNsMax).toBeGreaterThan(99e6);
  expect(metrics.handshakeNsP50).toBeGreaterThan(0);
  expect(metrics.connectionsHz).toBeGreaterThan(0);
});

test("a refusal is counted as such, and what is refused has no place in the figures", async () => {
  // The first is the one that verifies, the next hundred warm the server.
  const { connections, ledger } = await measureAnswering((n) =>
    n > 101 && n % 10 === 0 ? new Response("", { status: 503 }) : null,
  );
  const refused = (due: number) => ({ ...intact(due), opened: (9 * due) / 10, refused: due / 10 });
  expect(connections).toMatchObject({ ramp: refused(100), storm: refused(100), cycles: refused(100) });
  expect(connections?.stormNs).toHaveLength(90);
  expect(ledger).toMatchObject({ due: 300, delivered: 270, gaps: 30 });
});

test("in the storm a wrong answer to SUBSCRIBE, and an end in its place, are distinguished", async () => {
  const agree = (n: number) => {
    if (n > 1 && n % 10 === 0) return '{"error":{"code":2,"msg":"no"},"id":1}';
    return n > 1 && n % 10 === 5 ? null : agreed;
  };
  const { connections, metrics } = await measureAnswering(() => null, agree);
  expect(connections?.storm).toEqual({ ...intact(100), opened: 80, wrong: 10, reset: 10 });
  expect(metrics.stormNsP50).toBeGreaterThan(0);
  expect(metrics.stormNsMax).toBeUndefined();
});

test("a server that stops answering in the storm is not waited for in each cycle", async () => {
  const agree = (n: number) => (n > 250 ? "" : agreed);
  const { connections } = await measureAnswering(() => null, agree);
  expect(connections?.storm.timedOut).toBeGreaterThan(0);
  expect(connections?.cycles.due).toBe(0);
});
