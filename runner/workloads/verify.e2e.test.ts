import { expect, test } from "bun:test";
import { openCell } from "../calibrate/cells.ts";
import { measureOn, type Relayed, sendOn } from "../fixtures/test-server.ts";
import { verifyMessages } from "./sides.ts";

/** Measures an open cell on a server that takes its time with each message, and gives how many it had in hand while it was verified. */
async function inHandOn(isLost: (n: number) => boolean) {
  let inHand = 0;
  const seen: number[] = [];
  const relay = (relayed: Relayed) => {
    const { phase } = relayed;
    inHand += 1;
    if (phase === "verify") seen.push(inHand);
    const lost = isLost(seen.length);
    setTimeout(
      () => {
        inHand -= 1;
        if (!lost) sendOn(relayed);
      },
      phase === "verify" ? 5 : 0,
    );
  };
  const failure = await measureOn(openCell(1_000, 20, 0), { relay }, { drainTimeoutMs: 200 }).then(
    () => null,
    (error: Error) => error,
  );
  return { seen, failure };
}

test("a cell is verified with one message after the other", async () => {
  const { seen, failure } = await inHandOn(() => false);
  expect(failure).toBeNull();
  expect(seen).toEqual(Array.from({ length: verifyMessages }, () => 1));
});

test("the first of them that is lost is the last that is sent", async () => {
  const { seen, failure } = await inHandOn((n) => n === 2);
  expect(seen).toHaveLength(2);
  expect(failure).toMatchObject({ code: "not-intact", ledger: { gaps: expect.any(Number) } });
});
