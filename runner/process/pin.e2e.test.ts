import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { startChild } from "./child.ts";
import { Children } from "./children.ts";
import { childEnv } from "./env.ts";
import {
  countedCores,
  describePins,
  helperCoresOf,
  pinSelf,
  planPins,
  readTopology,
  serverCoresOf,
  strayThreads,
  type Topology,
} from "./pin.ts";

setDefaultTimeout(30_000);

const children = new Children();
afterAll(() => children.close());

/** `groups` lists the hardware threads of each physical core. */
function topology(groups: readonly (readonly number[])[], change: Partial<Topology> = {}): Topology {
  const siblings = new Map(groups.flatMap((group) => group.map((core) => [core, group] as const)));
  return {
    platform: "linux",
    allowed: groups.flat(),
    siblings,
    settable: true,
    counted: groups.flat(),
    ...change,
  };
}

test("two cores: the runner waits on the load's core", () => {
  const plan = planPins(topology([[0], [1]]));
  expect(plan).toEqual({ pinned: true, server: [0], load: [1], runner: [1] });
  expect(describePins(plan)).toBe("server on core 0, load on core 1, runner on core 1");
});

test("what a spinning generator sends away goes to the runner's cores, or the server's where the runner shares the load's", () => {
  const spread = (groups: number[][]) => helperCoresOf(planPins(topology(groups)));
  expect(spread([[0], [1]])).toEqual([0]);
  expect(spread([[0], [1], [2]])).toEqual([0]);
  expect(helperCoresOf({ pinned: false, reason: "no cores" })).toEqual([]);
});

test("two physical cores of two threads: the server's sibling stays idle", () => {
  const plan = planPins(
    topology([
      [0, 2],
      [1, 3],
    ]),
  );
  expect(plan).toEqual({ pinned: true, server: [0], load: [1], runner: [3] });
});

test("one physical core of two threads is shared, for want of another", () => {
  expect(planPins(topology([[0, 1]]))).toEqual({ pinned: true, server: [0], load: [1], runner: [1] });
});

test("several load processes have a core each, and the server and the runner theirs, as far as there are as many", () => {
  const cores = (count: number) => Array.from({ length: count }, (_, i) => [i]);
  const pinned = (count: number, processes: number) => planPins(topology(cores(count)), processes);
  expect(pinned(5, 2)).toEqual({ pinned: true, server: [1], load: [2, 3], runner: [0, 4] });
  expect(pinned(4, 2)).toEqual({ pinned: true, server: [1], load: [2, 3], runner: [0] });
  expect(pinned(3, 2)).toEqual({ pinned: true, server: [0], load: [1, 2], runner: [1, 2] });
  expect(pinned(2, 2)).toEqual({ pinned: true, server: [0], load: [1], runner: [1] });
});

test("a server of several processes has as many cores as the load leaves", () => {
  const cores = (count: number) => Array.from({ length: count }, (_, i) => [i]);
  const pinned = (count: number) => planPins(topology(cores(count)), 1, 2);
  expect(pinned(4)).toEqual({ pinned: true, server: [1, 2], load: [3], runner: [0] });
  expect(pinned(3)).toEqual({ pinned: true, server: [0, 1], load: [2], runner: [2] });
  expect(pinned(2)).toEqual({ pinned: true, server: [0], load: [1], runner: [1] });
  expect([1, 2, 3].map((processes) => serverCoresOf(pinned(4), processes))).toEqual([[1], [1, 2], [1, 2]]);
});

test("more cores: the lowest is left to interrupts and the runner", () => {
  const plan = planPins(
    topology([
      [0, 4],
      [1, 5],
      [2, 6],
      [3, 7],
    ]),
  );
  expect(plan).toEqual({ pinned: true, server: [1], load: [2], runner: [0, 3, 4, 7] });
});

test("says why nothing is pinned", () => {
  expect(describePins(planPins(topology([[3]])))).toBe(
    "not pinned: only core 3 is allowed: server and load share it",
  );
  expect(planPins(topology([[0], [1]], { platform: "darwin" }))).toMatchObject({ pinned: false });
  expect(planPins(topology([[0], [1]], { settable: false }))).toMatchObject({ pinned: false });
  expect(planPins(topology([], { allowed: [] }))).toMatchObject({ pinned: false });
});

test("cores that /proc/stat numbers anew, or stands still for, are not to be accounted", () => {
  const renumbered = planPins(topology([[1], [5]], { counted: [0, 1] }));
  expect(renumbered).toEqual({ pinned: true, server: [1], load: [5], runner: [5], accountable: false });
  expect(planPins(topology([[0], [1]], { counted: [0, 1, 2, 3] }))).not.toHaveProperty("accountable");
  const stat = "cpu  9 0 9 99 0 0 0 0\ncpu0 5 0 5 50 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0 0 0\n";
  expect(countedCores(stat)).toEqual([0]);
});

test("server, load and runner use allowed cores, and the server's is its own", () => {
  const groups = fc
    .uniqueArray(fc.nat(200), { minLength: 2, maxLength: 32 })
    .chain((cores) => fc.integer({ min: 1, max: 2 }).map((width) => ({ cores, width })))
    .map(({ cores, width }) =>
      Array.from({ length: Math.ceil(cores.length / width) }, (_, i) =>
        cores.slice(i * width, (i + 1) * width),
      ),
    );
  fc.assert(
    fc.property(groups, (each) => {
      const plan = planPins(topology(each));
      if (!plan.pinned) throw new Error(plan.reason);
      const others = [...plan.load, ...plan.runner];
      expect(others.filter((core) => plan.server.includes(core))).toEqual([]);
      expect([...plan.server, ...others].filter((core) => !each.flat().includes(core))).toEqual([]);
      expect(plan.runner.length).toBeGreaterThan(0);
    }),
    { seed: 1 },
  );
});

const here = planPins(readTopology());

test.skipIf(!here.pinned)(
  "every thread of a child is bound from its start, and the runner's are not",
  async () => {
    if (!here.pinned) return;
    const listening = Promise.withResolvers<void>();
    const result = startChild(
      {
        command: [process.execPath, "-e", "console.log(1); setInterval(() => {}, 1e6)"],
        env: childEnv({}),
        cores: here.load,
      },
      children,
      { onStdout: () => listening.resolve() },
    );
    if (!result.ok) throw new Error(result.failure.reason);
    await listening.promise;
    const { pid } = result.child;
    expect(strayThreads(pid, here.load)).toEqual([]);
    expect(strayThreads(pid, here.server).length).toBeGreaterThan(0);
    // The thread that spawned, whose id is the process's own, has its cores back.
    expect(strayThreads(process.pid, here.load).map((thread) => thread.tid)).toContain(process.pid);
    await result.child.stop(20_000);
  },
);

test.skipIf(!here.pinned)("the runner can be moved, and moved back", () => {
  if (!here.pinned) return;
  const all = readTopology().allowed;
  expect(pinSelf(here.runner)).toBe(true);
  expect(strayThreads(process.pid, here.runner)).toEqual([]);
  expect(pinSelf(all)).toBe(true);
  expect(readTopology().allowed).toEqual(all);
});
