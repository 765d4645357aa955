import { expect, test } from "bun:test";
import type { ServerWebSocket } from "bun";
import { parseControl } from "../../schemas/control.ts";
import { builtInEndpoint } from "../../schemas/endpoint.ts";
import type { TrialPhase } from "../../schemas/trial-phase.ts";
import type { FeedCell } from "../../schemas/workloads/feed.ts";
import { streamOf } from "../../servers/gateway/market.ts";
import { Gaps } from "../load/pace.ts";
import { measureCell } from "./index.ts";
import { arrivals } from "./phases/feed.ts";
import { drain } from "./sides.ts";

const symbols = { count: 40, zipf: 1 };
const cell: FeedCell = {
  ...{ workload: "feed", codec: "json", mode: "passthrough", broadcast: "send", subscribers: 4 },
  feed: { source: "synthetic", preset: "open", seed: 3, rate: 10, meanHz: null, symbols },
  ...{ warmupMs: 0, windowMs: 60 },
};

type Socket = ServerWebSocket<{ readonly path: string; readonly streams: Set<string> }>;

/** A gateway that sends each subscriber what it takes; one that forgets nothing goes on after UNSUBSCRIBE. */
async function measureOn(
  forgets: boolean,
  measured = cell,
  enter: (phase: TrialPhase) => void = () => undefined,
) {
  const subscribers = new Set<Socket>();
  const server = Bun.serve<Socket["data"]>({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request, bun) {
      const data = { path: new URL(request.url).pathname, streams: new Set<string>() };
      return bun.upgrade(request, { data }) ? undefined : new Response();
    },
    websocket: {
      message(ws, message) {
        if (ws.data.path === "/publish") {
          const stream = streamOf(message as string, true);
          for (const one of subscribers) if (one.data.streams.has(stream)) one.send(message);
          return;
        }
        const request = parseControl(String(message));
        if ("error" in request || request.method === "LIST_SUBSCRIPTIONS")
          throw new Error("unexpected request");
        for (const stream of request.params) {
          if (request.method === "SUBSCRIBE") ws.data.streams.add(stream);
          else if (forgets) ws.data.streams.delete(stream);
        }
        subscribers.add(ws);
        ws.send(JSON.stringify({ result: null, id: request.id }));
      },
    },
  });
  try {
    return await measureCell({
      cell: measured,
      port: server.port ?? 0,
      endpoint: builtInEndpoint,
      serverPid: null,
      helperCores: [],
      cores: [],
      connectTimeoutMs: 10_000,
      drainTimeoutMs: 10_000,
      enter,
    });
  } finally {
    await server.stop(true);
  }
}

test("each subscriber is due the messages of the symbols that it takes, and no others", async () => {
  const { ledger, sent, warmUp } = await measureOn(true);
  const { dueNs, countedFromNs } = await arrivals(cell, { windowMs: cell.windowMs, stretch: 0 });
  const due = dueNs.filter((atNs) => atNs >= countedFromNs).length;
  expect(ledger).toMatchObject({ due, delivered: due, gaps: 0, duplicates: 0, corrupt: 0 });
  expect(due).toBeGreaterThan(0);
  expect(due).toBeLessThan(sent * cell.subscribers);
  expect(warmUp).toMatchObject({ gaps: 0, corrupt: 0 });
}, 60_000);

test("what comes of a symbol that a subscriber has left was another's", async () => {
  const { ledger } = await measureOn(false);
  expect(ledger.gaps).toBe(0);
  expect(ledger.corrupt).toBeGreaterThan(0);
  expect(ledger.corruptBy).toEqual({ connection: ledger.corrupt });
}, 60_000);

test("a subscriber that reads nothing within the window is due all of it afterwards, and has no latency", async () => {
  const model = { source: "synthetic", preset: "flash-crash", seed: 3, rate: 10, meanHz: null } as const;
  const { ledger, sent, histograms } = await measureOn(true, { ...cell, feed: model, slow: 0.2 });
  expect(ledger).toMatchObject({ due: 4 * sent, delivered: 4 * sent, gaps: 0, corrupt: 0 });
  expect(histograms.latency?.total).toBe(3 * sent);
}, 60_000);

test("clients that are cut within the window come back, and what they are sent on either connection is whole", async () => {
  const model = { source: "synthetic", preset: "flash-crash", seed: 3, rate: 10, meanHz: null } as const;
  const { ledger, sent, histograms } = await measureOn(true, {
    ...cell,
    ...{ feed: model, returning: 0.5, windowMs: 300 },
  });
  expect(ledger).toMatchObject({ gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 });
  expect(ledger.due).toBe(ledger.delivered);
  // Two clients more than the four that are timed. They are cut at a quarter of the window: most of theirs comes when they are back.
  expect(ledger.delivered).toBeGreaterThan(5 * sent);
  expect(ledger.delivered).toBeLessThanOrEqual(6 * sent);
  expect(histograms.latency?.total).toBe(4 * sent);
}, 60_000);

test("nothing is told to the runner, which may share the load core, from a window's lead on while its messages are under way", async () => {
  const phases: TrialPhase[] = [];
  await measureOn(true, cell, (phase) => phases.push(phase));
  // A drain that takes long is told, behind the last deliveries' time.
  expect(phases.filter((phase) => phase !== "drain")).toEqual([
    "connect",
    "verify",
    "warm-up",
    "measure",
    "account",
  ]);
}, 60_000);

test("a drain is reported only when it takes long", async () => {
  const phases: TrialPhase[] = [];
  const options = { drainTimeoutMs: 1, enter: (phase: TrialPhase) => phases.push(phase) };
  expect(await drain(() => true, options, new Gaps())).toBe(true);
  expect(phases).toEqual([]);
  expect(await drain(() => false, options, new Gaps())).toBe(false);
  expect(phases).toEqual(["drain"]);
});
