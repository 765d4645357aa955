import { expect, test } from "bun:test";
import type { ServerWebSocket } from "bun";
import { parseControl } from "../../schemas/control.ts";
import { builtInEndpoint } from "../../schemas/endpoint.ts";
import type { TrialPhase } from "../../schemas/trial-phase.ts";
import { openCell } from "../calibrate/cells.ts";
import { measureCell } from "./index.ts";
import { verifyMessages } from "./sides.ts";

type Socket = ServerWebSocket<{ readonly path: string }>;

/** Measures an open cell on a server that takes its time with each message, and gives how many it had in hand while it was verified. */
async function inHandOn(isLost: (n: number) => boolean) {
  const subscribers = new Set<Socket>();
  let phase: TrialPhase = "connect";
  let inHand = 0;
  const seen: number[] = [];
  const server = Bun.serve<{ path: string }>({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request, bun) {
      const data = { path: new URL(request.url).pathname };
      return bun.upgrade(request, { data }) ? undefined : new Response();
    },
    websocket: {
      message(ws, message) {
        if (ws.data.path === "/feed") {
          const request = parseControl(String(message));
          if (!("error" in request)) ws.send(JSON.stringify({ result: null, id: request.id }));
          subscribers.add(ws);
          return;
        }
        inHand += 1;
        if (phase === "verify") seen.push(inHand);
        const lost = isLost(seen.length);
        setTimeout(
          () => {
            inHand -= 1;
            if (!lost) for (const subscriber of subscribers) subscriber.send(message);
          },
          phase === "verify" ? 5 : 0,
        );
      },
    },
  });
  const context = {
    ...{ cell: openCell(1_000, 20, 0), port: server.port ?? 0, endpoint: builtInEndpoint, serverPid: null },
    ...{ helperCores: [], cores: [], connectTimeoutMs: 5_000, drainTimeoutMs: 200 },
    enter: (entered: TrialPhase) => {
      phase = entered;
    },
  };
  try {
    const failure = await measureCell(context).then(
      () => null,
      (error: Error) => error,
    );
    return { seen, failure };
  } finally {
    await server.stop(true);
  }
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
