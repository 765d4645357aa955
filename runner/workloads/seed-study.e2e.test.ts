import { expect, test } from "bun:test";
import type { Measurement } from "../../schemas/load.ts";
import type { SeedStudyCell } from "../../schemas/workloads/seed-study.ts";
import { measureOn, type Relayed } from "../fixtures/test-server.ts";

const cell: SeedStudyCell = {
  workload: "seed-study",
  codec: "json",
  size: 10_000,
  iterations: 20,
  warmupMs: 10,
  windowMs: 50,
};

/** Measures one window on a server whose answer to the n-th message this gives, as many texts as it names. */
function measureAnswering(answer: (text: string, n: number) => Promise<string[]> | string[]) {
  let n = 0;
  const relay = async ({ message, from }: Relayed) => {
    for (const text of await answer(String(message), n++)) from.send(text);
  };
  return measureOn(cell, { relay }, { serverPid: process.pid, drainTimeoutMs: 300 });
}

const delayMs = 5;
const before = 23;

test("the call to send sees nothing of an answer that is held back, which the round trip holds whole", async () => {
  const sent: string[] = [];
  const { metrics, ledger } = await measureAnswering(async (text) => {
    sent.push(text);
    await Bun.sleep(delayMs);
    return [text];
  });
  expect(new Set(sent)).toEqual(new Set([`{"data":"${"x".repeat(cell.size)}"}`]));
  expect(ledger).toMatchObject({ due: cell.iterations, delivered: cell.iterations, gaps: 0 });
  expect(metrics.latencyNsP50 ?? 0).toBeGreaterThanOrEqual(0.9 * delayMs * 1e6);
  expect((metrics.sendNsMean ?? 0) / (metrics.latencyNsMean ?? 1)).toBeLessThan(0.5);
  expect(metrics.machineBytesUsed ?? 0).toBeGreaterThan(metrics.rssBytesPeak ?? Number.POSITIVE_INFINITY);
});

test("what is lost, comes twice, is changed or encoded anew is in the account", async () => {
  const flaws = async (at: (text: string) => string[]): Promise<Measurement["ledger"]> =>
    (await measureAnswering((text, n) => (n === before + 5 ? at(text) : [text]))).ledger;
  expect(await flaws((text) => [text, text])).toMatchObject({ gaps: 0, duplicates: 1 });
  expect(await flaws((text) => [text.replace("xx", "xy")])).toMatchObject({ corrupt: 1, gaps: 1 });
  expect(await flaws(() => [])).toMatchObject({ gaps: 1 });
  expect(await flaws((text) => [JSON.stringify(JSON.parse(text), null, 1)])).toMatchObject({
    gaps: 0,
    rewritten: 1,
  });
});
