import { expect, test } from "bun:test";
import {
  accountCores,
  type CoreSnapshot,
  coreUsage,
  parseCoreTicks,
  readCores,
  spreadOver,
} from "./cores.ts";

// Columns as in proc_stat(5): user nice system idle iowait irq softirq steal guest guest_nice.
const stat =
  "cpu  11 0 11 111 1 0 1 3 0 0\ncpu0 10 0 10 100 1 0 1 2 0 0\ncpu1 1 0 1 11 0 0 0 1 0 0\nintr 5\n";

test("reads idle and steal of each core, ticks of 10 ms", () => {
  expect(parseCoreTicks(stat)).toEqual(
    new Map([
      [0, { idleNs: 1.01e9, stealNs: 2e7 }],
      [1, { idleNs: 1.1e8, stealNs: 1e7 }],
    ]),
  );
});

const files = (extra: Record<string, string>) => (path: string) =>
  ({ "/proc/stat": stat, ...extra })[path as "/proc/stat"] ?? null;

test("takes the counter of run time only from the root cgroup", () => {
  const usage = { "/sys/fs/cgroup/cpuacct/cpuacct.usage_percpu": "123 456 \n" };
  expect(readCores(files(usage))?.cores.get(1)?.ranNs).toBeNull();
  const root = { ...usage, "/sys/fs/cgroup/cpuacct/release_agent": "\n" };
  expect(readCores(files(root))?.cores.get(1)?.ranNs).toBe(456);
  expect(readCores(() => null)).toBeNull();
});

test("the kernel's own work for a core's sockets is that of the thread that does it", () => {
  const ran = files({ "/proc/21/schedstat": "700 3 4\n" });
  expect(readCores(ran, new Map([[1, 21]]))?.cores.get(1)?.softIrqNs).toBe(700);
  expect(readCores(ran, new Map([[1, 22]]))?.cores.get(1)?.softIrqNs).toBe(0);
  expect(readCores(ran, new Map())?.cores.get(0)?.softIrqNs).toBe(0);
});

const snapshot = (atNs: number, ranNs: number | null, idleNs: number, stealNs: number): CoreSnapshot => ({
  atNs,
  cores: new Map([[0, { ranNs, idleNs, stealNs, softIrqNs: atNs / 100 }]]),
  isSettled: false,
});

test("the run's own clocks are read right before the counter that they are taken off", () => {
  const seen: string[] = [];
  const read = (path: string) => {
    seen.push(path);
    return files({
      "/sys/fs/cgroup/cpuacct/release_agent": "\n",
      "/sys/fs/cgroup/cpuacct/cpuacct.usage_percpu": "1 2",
    })(path);
  };
  const own = readCores(read, new Map([[1, 21]]), () => void seen.push("own"));
  expect(own?.isSettled).toBe(true);
  expect(seen.slice(-2)).toEqual(["own", "/sys/fs/cgroup/cpuacct/cpuacct.usage_percpu"]);
});

test("counters read so are off by 0.1 ms, and by a scheduler tick where one of the two was not", () => {
  const [from, to] = [snapshot(0, 0, 0, 0), snapshot(1e9, 7e8, 0, 0)];
  const off = (settledFrom: boolean, settledTo: boolean) =>
    coreUsage({ ...from, isSettled: settledFrom }, { ...to, isSettled: settledTo })[0]?.uncertaintyNs;
  expect([off(true, true), off(true, false), off(false, true)]).toEqual([0.1e6, 4e6, 4e6]);
});

test("busy is the run time where it is counted", () => {
  const usage = coreUsage(snapshot(0, 100, 0, 0), snapshot(1e9, 7e8, 2e8, 1e8));
  expect(usage).toEqual([
    { core: 0, elapsedNs: 1e9, busyNs: 7e8 - 100, stealNs: 1e8, softIrqNs: 1e7, uncertaintyNs: 4e6 },
  ]);
});

test("busy is what is neither idle nor stolen elsewhere", () => {
  const usage = coreUsage(snapshot(0, null, 5e8, 1e8), snapshot(1e9, null, 7e8, 2e8));
  expect(usage).toEqual([
    { core: 0, elapsedNs: 1e9, busyNs: 7e8, stealNs: 1e8, softIrqNs: 1e7, uncertaintyNs: 3e7 },
  ]);
});

test("foreign is busy less the run's own, for the cores that it used", () => {
  const usage = [0, 1, 2].map((core) => ({
    core,
    elapsedNs: 1e9,
    busyNs: 1000,
    stealNs: 5,
    softIrqNs: 30,
    uncertaintyNs: 1,
  }));
  expect(
    accountCores(
      usage,
      new Map([
        [0, 900],
        [1, 1200],
      ]),
    ),
  ).toEqual([
    { core: 0, elapsedNs: 1e9, busyNs: 1000, foreignNs: 70, stealNs: 5 },
    { core: 1, elapsedNs: 1e9, busyNs: 1000, foreignNs: 0, stealNs: 5 },
  ]);
});

test("a server's time is laid on its cores, and what is left of them is foreign in all", () => {
  const usage = [0, 1].map((core) => ({
    core,
    elapsedNs: 1e9,
    busyNs: 600,
    stealNs: 0,
    softIrqNs: 0,
    uncertaintyNs: 0,
  }));
  const foreignNs = (cpuNs: number) =>
    accountCores(usage, spreadOver(usage, [0, 1], cpuNs)).map((core) => core.foreignNs);
  expect(foreignNs(1200)).toEqual([0, 0]);
  expect(foreignNs(1000)).toEqual([0, 200]);
  expect(foreignNs(500)).toEqual([100, 600]);
  // One core bears all that its server used, even where the kernel counted less of it.
  expect(spreadOver(usage, [1], 700)).toEqual(new Map([[1, 700]]));
});
