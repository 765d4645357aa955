import { expect, test } from "bun:test";
import type { CoreSnapshot } from "../process/cores.ts";
import { type CoreOwners, coreUses, serverHeldNs, type WindowEdge } from "./window-edge.ts";

const ms = 1e6;

/** Cores 0 and 1 at a moment, by their run time in ms. */
const cores = (atMs: number, ranMs: readonly number[], isSettled = true): CoreSnapshot => ({
  atNs: atMs * ms,
  cores: new Map(
    ranMs.map((ran, core) => [core, { ranNs: ran * ms, idleNs: 0, stealNs: 0, softIrqNs: 0 }] as const),
  ),
  isSettled,
});

const edge = (more: Partial<WindowEdge>): WindowEdge => ({
  cores: null,
  generatorNs: 0,
  helperNs: 0,
  waitNs: 0,
  threads: new Map(),
  ...more,
});

/** A thread's times in ms. */
const thread = (tid: number, ranMs: number, waitMs: number) =>
  [tid, { ranNs: ranMs * ms, waitNs: waitMs * ms }] as const;

const owners: CoreOwners = { cores: [0, 1], serverCores: 1, serverNs: 20 * ms, helperCore: null };
const before = edge({ cores: cores(0, [0, 0]), threads: new Map([thread(7, 0, 1)]) });

test("what the server waited is others' as far as they had its core, and its own threads' beyond", () => {
  const held = (serverWaitMs: number) => {
    const after = edge({
      cores: cores(100, [23, 100]),
      generatorNs: 100 * ms,
      threads: new Map([thread(7, 20, 1 + serverWaitMs)]),
    });
    return coreUses(before, after, owners).map(({ foreignNs, heldNs }) => [
      foreignNs / ms,
      (heldNs ?? -1) / ms,
    ]);
  };
  // 3 ms of others, less 0.1 that the readings may be off.
  expect(held(2)).toEqual([
    [2.9, 2],
    [0, 0],
  ]);
  expect(held(5)).toEqual([
    [2.9, 2.9],
    [0, 0],
  ]);
});

test("the generator's helper threads on the server's core are no foreigners, and hold the server up like them", () => {
  const after = edge({
    cores: cores(100, [25, 98]),
    generatorNs: 103 * ms,
    helperNs: 5 * ms,
    threads: new Map([thread(7, 20, 5)]),
  });
  const [server, load] = coreUses(before, after, { ...owners, helperCore: 0 });
  expect(server).toMatchObject({ foreignNs: 0, heldNs: 4 * ms });
  expect(load).toMatchObject({ foreignNs: 0, heldNs: 0 });
});

test("the generator is held up for as long as it waited while others had its core", () => {
  const after = edge({ cores: cores(100, [20, 100]), generatorNs: 96 * ms, waitNs: 3 * ms });
  expect(coreUses(before, after, owners)[1]).toMatchObject({ foreignNs: 3.9 * ms, heldNs: 3 * ms });
  expect(coreUses(before, { ...after, waitNs: null }, owners)[1]?.heldNs).toBeUndefined();
});

test("counters that were not settled are off by a scheduler tick, and bound no wait", () => {
  const after = edge({
    cores: cores(100, [25, 100], false),
    generatorNs: 100 * ms,
    threads: new Map([thread(7, 18, 9), thread(8, 2, 0)]),
  });
  const [server] = coreUses(before, after, owners);
  // 5 ms of others less 4 of doubt. Thread 7 waited 8 ms, and thread 8 beside it ran for 2.
  expect(server).toMatchObject({ foreignNs: 1 * ms, heldNs: 6 * ms });
});

test("threads that wait for each other are not held up", () => {
  const between = (...threads: (readonly [number, { ranNs: number; waitNs: number }])[]) =>
    serverHeldNs({ threads: new Map() }, { threads: new Map(threads) }, null);
  expect(between(thread(1, 10, 4), thread(2, 4, 9))).toBe(0);
  expect(between(thread(1, 10, 4), thread(2, 4, 11))).toBe(1 * ms);
  expect(between()).toBeNull();
});
