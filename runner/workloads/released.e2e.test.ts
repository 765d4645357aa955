import { heapStats } from "bun:jsc";
import { expect, test } from "bun:test";
import { openCell as openSpec } from "../calibrate/cells.ts";
import { sendOn, testServer } from "../fixtures/test-server.ts";
import type { OpenCell } from "./context.ts";
import { openCell } from "./index.ts";
import { polled } from "./sides.ts";

/** Histograms keep their counts in these. */
function arraysKept(): number {
  Bun.gc(true);
  const { Float64Array: kept = 0 } = heapStats().objectTypeCounts;
  return kept;
}

/** A cell open on a server that can be made to send its last message again. */
async function opened() {
  let sendAgain = () => {};
  const server = testServer({
    relay(relayed) {
      sendOn(relayed);
      sendAgain = () => sendOn(relayed);
    },
  });
  const cell = await openCell(server.context(openSpec(1_000, 100, 0), { drainTimeoutMs: 200 }));
  return {
    cell,
    sendAgain: () => sendAgain(),
    async [Symbol.asyncDispose]() {
      cell.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

const asked = { windowMs: 100, stretch: 0, waitMs: 0 };

test("a window's histograms go with it", async () => {
  // The collector keeps what it finds on the stack by chance, which may be all that one window has, but not six.
  await using stack = new AsyncDisposableStack();
  const cells: OpenCell[] = [];
  for (let at = 0; at < 6; at += 1) cells.push(stack.use(await opened()).cell);
  const before = arraysKept();
  for (const cell of cells) expect((await cell.window(asked)).slices).toHaveLength(20);
  // Each had eight of its own.
  await polled(() => arraysKept() - before < 24, 1_000);
  expect(arraysKept() - before).toBeLessThan(24);
});

test("what comes behind a window is the next window's all the same", async () => {
  await using side = await opened();
  const measured = await side.cell.window(asked);
  expect(measured.ledger).toMatchObject({ due: 100, delivered: 100, duplicates: 0 });
  side.sendAgain();
  await Bun.sleep(20);
  const next = await side.cell.window(asked);
  expect(next.warmUp).toMatchObject({ duplicates: 1 });
  expect(next.ledger).toMatchObject({ due: 100, delivered: 100, duplicates: 0 });
});
