import { describe, expect, test } from "bun:test";
import type { EchoCell } from "../../schemas/workloads/echo.ts";
import { echoCell } from "../calibrate/cells.ts";
import { type Message, measureOn, type Relayed } from "../fixtures/test-server.ts";

describe("an echo that goes to another connection than its own", () => {
  const cells: EchoCell[] = [
    { ...echoCell(2, 4, 20, 0) },
    { ...echoCell(2, 4, 20, 0), codec: "json", bytes: null },
    { ...echoCell(2, 4, 20, 0), codec: "sbe", bytes: null },
  ];
  test.each(cells)("is not taken for that one's, in $codec", async (cell) => {
    const relay = ({ message, from, open }: Relayed) =>
      void open.find((other) => other !== from)?.send(message);
    await expect(measureOn(cell, { relay }, { drainTimeoutMs: 500 })).rejects.toThrow(
      /^of \d+ messages 0 came back unchanged/,
    );
  });
});

describe("an echo of the time before the window, that comes again within it", () => {
  /** Sends the first message of all once more with the first of the window. */
  const again = () => {
    let first: Message | null = null;
    let sentAgain = false;
    return ({ message, from, phase }: Relayed) => {
      from.send(message);
      first ??= message;
      if (phase !== "measure" || sentAgain) return;
      sentAgain = true;
      from.send(first);
    };
  };

  test.each([
    ["one in flight", echoCell(1, 1, 20, 0)],
    ["many in flight", echoCell(1, 4, 50, 0)],
  ])("is a duplicate and not a corrupt one, with %s", async (_, cell) => {
    const measurement = await measureOn(cell, { relay: again() });
    expect(measurement.ledger).toMatchObject({ gaps: 0, duplicates: 1, reorders: 0, corrupt: 0 });
  });
});
