import { expect, test } from "bun:test";
import type { TrialPhase } from "../../schemas/trial-phase.ts";
import type { FeedCell } from "../../schemas/workloads/feed.ts";
import { streamOf } from "../../servers/gateway/market.ts";
import { accept, type Hooks, measureOn, type Socket } from "../fixtures/test-server.ts";
import { Gaps } from "../load/pace.ts";
import { arrivals } from "./phases/feed.ts";
import { drain } from "./sides.ts";

const symbols = { count: 40, zipf: 1 };
const cell: FeedCell = {
  ...{ workload: "feed", codec: "json", mode: "passthrough", broadcast: "send", subscribers: 4 },
  feed: { source: "synthetic", preset: "open", seed: 3, rate: 10, meanHz: null, symbols },
  ...{ warmupMs: 0, windowMs: 60 },
};

/** Measures on a gateway that sends each subscriber what it takes; one that forgets nothing goes on after UNSUBSCRIBE. */
function measureOwn(forgets: boolean, measured = cell, enter: (phase: TrialPhase) => void = () => undefined) {
  const streams = new Map<Socket, Set<string>>();
  const hooks: Hooks = {
    control(from, request) {
      if (request.method === "LIST_SUBSCRIPTIONS") throw new Error("unexpected request");
      const own = streams.get(from) ?? new Set();
      streams.set(from, own);
      for (const stream of request.params) {
        if (request.method === "SUBSCRIBE") own.add(stream);
        else if (forgets) own.delete(stream);
      }
      accept(from, request);
    },
    relay({ message, to }) {
      const stream = streamOf(message as string, true);
      for (const one of to) if (streams.get(one)?.has(stream)) one.send(message);
    },
  };
  return measureOn(measured, hooks, { enter });
}

test("each subscriber is due the messages of the symbols that it takes, and no others", async () => {
  const { ledger, sent, warmUp } = await measureOwn(true);
  const { dueNs, countedFromNs } = await arrivals(cell, { windowMs: cell.windowMs, stretch: 0 });
  const due = dueNs.filter((atNs) => atNs >= countedFromNs).length;
  expect(ledger).toMatchObject({ due, delivered: due, gaps: 0, duplicates: 0, corrupt: 0 });
  expect(due).toBeGreaterThan(0);
  expect(due).toBeLessThan(sent * cell.subscribers);
  expect(warmUp).toMatchObject({ gaps: 0, corrupt: 0 });
}, 60_000);

test("what comes of a symbol that a subscriber has left was another's", async () => {
  const { ledger } = await measureOwn(false);
  expect(ledger.gaps).toBe(0);
  expect(ledger.corrupt).toBeGreaterThan(0);
  expect(ledger.corruptBy).toEqual({ connection: ledger.corrupt });
}, 60_000);

test("a subscriber that reads nothing within the window is due all of it afterwards, and has no latency", async () => {
  const model = { source: "synthetic", preset: "flash-crash", seed: 3, rate: 10, meanHz: null } as const;
  const { ledger, sent, histograms } = await measureOwn(true, { ...cell, feed: model, slow: 0.2 });
  expect(ledger).toMatchObject({ due: 4 * sent, delivered: 4 * sent, gaps: 0, corrupt: 0 });
  expect(histograms.latency?.total).toBe(3 * sent);
}, 60_000);

test("clients that are cut within the window come back, and what they are sent on either connection is whole", async () => {
  const model = { source: "synthetic", preset: "flash-crash", seed: 3, rate: 10, meanHz: null } as const;
  const { ledger, sent, histograms } = await measureOwn(true, {
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
  await measureOwn(true, cell, (phase) => phases.push(phase));
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
