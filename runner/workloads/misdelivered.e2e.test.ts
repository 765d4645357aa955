import { describe, expect, test } from "bun:test";
import type { ServerWebSocket } from "bun";
import { builtInEndpoint } from "../../schemas/endpoint.ts";
import type { TrialPhase } from "../../schemas/trial-phase.ts";
import type { EchoCell } from "../../schemas/workloads/echo.ts";
import { echoCell } from "../calibrate/cells.ts";
import { measureCell } from "./index.ts";

type Message = string | Buffer<ArrayBuffer>;
type Answer = (ws: ServerWebSocket, message: Message, phase: TrialPhase, open: ServerWebSocket[]) => void;

/** Measures a cell on a server that treats each message as `answer` says. */
async function measureOn(cell: EchoCell, answer: Answer) {
  const open: ServerWebSocket[] = [];
  let phase: TrialPhase = "connect";
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request, bun) => (bun.upgrade(request) ? undefined : new Response()),
    websocket: {
      open: (ws) => void open.push(ws),
      message: (ws, message) => answer(ws, message, phase, open),
    },
  });
  try {
    return await measureCell({
      cell,
      port: server.port ?? 0,
      endpoint: builtInEndpoint,
      serverPid: null,
      helperCores: [],
      cores: [],
      connectTimeoutMs: 5_000,
      drainTimeoutMs: 500,
      enter: (entered) => {
        phase = entered;
      },
    });
  } finally {
    await server.stop(true);
  }
}

describe("an echo that goes to another connection than its own", () => {
  const cells: EchoCell[] = [
    { ...echoCell(2, 4, 20, 0) },
    { ...echoCell(2, 4, 20, 0), codec: "json", bytes: null },
    { ...echoCell(2, 4, 20, 0), codec: "sbe", bytes: null },
  ];
  test.each(cells)("is not taken for that one's, in $codec", async (cell) => {
    const swapped: Answer = (ws, message, _, open) => void open.find((other) => other !== ws)?.send(message);
    await expect(measureOn(cell, swapped)).rejects.toThrow(/^of \d+ messages 0 came back unchanged/);
  });
});

describe("an echo of the time before the window, that comes again within it", () => {
  /** Sends the first message of all once more with the first of the window. */
  const again = (): Answer => {
    let first: Message | null = null;
    let sentAgain = false;
    return (ws, message, phase) => {
      ws.send(message);
      first ??= message;
      if (phase !== "measure" || sentAgain) return;
      sentAgain = true;
      ws.send(first);
    };
  };

  test.each([
    ["one in flight", echoCell(1, 1, 20, 0)],
    ["many in flight", echoCell(1, 4, 50, 0)],
  ])("is a duplicate and not a corrupt one, with %s", async (_, cell) => {
    const measurement = await measureOn(cell, again());
    expect(measurement.ledger).toMatchObject({ gaps: 0, duplicates: 1, reorders: 0, corrupt: 0 });
  });
});
