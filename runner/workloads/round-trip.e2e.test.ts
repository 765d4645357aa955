import { expect, test } from "bun:test";
import { echoCell } from "../calibrate/cells.ts";
import { measureOn, sendOn } from "../fixtures/test-server.ts";

test("the loop turns while the one message in flight is under way: the generator never sleeps within a window", async () => {
  const { generator, elapsedNs } = await measureOn(echoCell(1, 1, 100, 0), {
    // Far longer than a trip takes, so that a loop that sleeps would do so nearly all the time.
    relay: (relayed) => void setTimeout(() => sendOn(relayed), 5),
  });
  // Time for which it was ready and others had its core is none that it slept.
  expect((generator.cpuNs + (generator.waitNs ?? 0)) / elapsedNs).toBeGreaterThan(0.8);
}, 30_000);
