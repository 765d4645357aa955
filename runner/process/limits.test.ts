import { describe, expect, test } from "bun:test";
import { cgroupFolders } from "./cgroup.ts";
import { LimitMeter, readLimits } from "./limits.ts";

type Files = Record<string, string>;
const files = (map: Files) => (path: string) => map[path] ?? null;
const v2Mount = "30 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n";
const v1Mount = (controllers: string, at = controllers, root = "/") =>
  `31 30 0:28 ${root} /sys/fs/cgroup/${at} rw,relatime shared:9 - cgroup cgroup rw,${controllers}\n`;
const mem = { "/proc/meminfo": "MemTotal:       8388608 kB\n" };

/** A tree for each way that a process can be put below a limit of 1.5 cores and 2 GiB. */
const trees: Readonly<Record<string, Files>> = {
  "version 2, on a parent": {
    "/proc/self/mountinfo": v2Mount,
    "/proc/self/cgroup": "0::/kubepods/pod1/c1\n",
    "/sys/fs/cgroup/kubepods/pod1/c1/cpu.max": "max 100000\n",
    "/sys/fs/cgroup/kubepods/pod1/c1/memory.max": "max\n",
    "/sys/fs/cgroup/kubepods/pod1/cpu.max": "150000 100000\n",
    "/sys/fs/cgroup/kubepods/pod1/memory.high": "2147483648\n",
    "/sys/fs/cgroup/kubepods/cpu.max": "400000 100000\n",
    "/sys/fs/cgroup/kubepods/memory.max": "4294967296\n",
  },
  "version 2, the container's root": {
    "/proc/self/mountinfo": v2Mount,
    "/proc/self/cgroup": "0::/\n",
    "/sys/fs/cgroup/cpu.max": "75000 50000\n",
    "/sys/fs/cgroup/memory.max": "2147483648\n",
  },
  "version 1, controllers mounted together": {
    "/proc/self/mountinfo": v1Mount("cpu,cpuacct") + v1Mount("memory"),
    "/proc/self/cgroup": "5:memory:/a\n4:cpu,cpuacct:/a/b\n1:name=systemd:/x\n",
    "/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us": "-1\n",
    "/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us": "100000\n",
    "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "150000\n",
    "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us": "100000\n",
    "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "2147483648\n",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
  },
  "version 1, a container's part of the hierarchy": {
    "/proc/self/mountinfo": v1Mount("cpu", "cpu", "/docker/abc") + v1Mount("memory", "memory", "/docker/abc"),
    "/proc/self/cgroup": "4:memory:/docker/abc\n3:cpu:/docker/abc\n",
    "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "150000\n",
    "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": "2147483648\n",
  },
  "hybrid: controllers in version 1, an empty version 2 beside them": {
    "/proc/self/mountinfo":
      v1Mount("cpu") + v1Mount("memory") + v2Mount.replace("cgroup rw", "cgroup/unified rw"),
    "/proc/self/cgroup": "4:memory:/svc\n3:cpu:/svc\n0::/svc\n",
    "/sys/fs/cgroup/cpu/svc/cpu.cfs_quota_us": "150000\n",
    "/sys/fs/cgroup/cpu/svc/cpu.cfs_period_us": "100000\n",
    "/sys/fs/cgroup/memory/svc/memory.limit_in_bytes": "2147483648\n",
  },
  "no mount table": {
    "/proc/self/cgroup": "0::/a\n",
    "/sys/fs/cgroup/a/cpu.max": "150000 100000\n",
    "/sys/fs/cgroup/a/memory.max": "2147483648\n",
  },
};

describe("limits of the cgroups", () => {
  test.each(Object.keys(trees))("%s", (name) => {
    const { cpuQuota, memory } = readLimits(files({ ...mem, ...trees[name] }));
    expect([cpuQuota?.value, memory?.value]).toEqual([1.5, 2 ** 31]);
    expect(cpuQuota?.file).toMatch(/^\/sys\/fs\/cgroup\/.*cpu\.(max|cfs_quota_us)$/);
  });

  test("none is none, and one above the machine's memory bounds nothing", () => {
    const tree = { ...trees["version 2, the container's root"], ...mem };
    const free = { "/sys/fs/cgroup/cpu.max": "max 100000\n", "/sys/fs/cgroup/memory.max": "8589934593\n" };
    expect(readLimits(files({ ...tree, ...free }))).toEqual({
      cpuQuota: null,
      memory: null,
      openFiles: null,
    });
    expect(readLimits(files({}))).toEqual({ cpuQuota: null, memory: null, openFiles: null });
    expect(readLimits(files({ ...tree, "/sys/fs/cgroup/cpu.max": "what\n" })).cpuQuota).toBeNull();
  });

  test("a group outside of what is mounted is looked for at the mount, and its path may hold colons and spaces", () => {
    const outside = files({ "/proc/self/mountinfo": v2Mount, "/proc/self/cgroup": "0::/../../other\n" });
    expect(cgroupFolders("cpu", outside)).toEqual(["/sys/fs/cgroup"]);
    const odd = files({
      "/proc/7/cgroup": "0::/a:b\n",
      "/proc/self/mountinfo": v2Mount.replace("/sys/fs/cgroup", "/my\\040groups"),
    });
    expect(cgroupFolders("cpu", odd, 7)).toEqual(["/my groups/a:b", "/my groups"]);
  });

  test("the open files of a process", () => {
    const limits =
      "Limit                     Soft Limit           Hard Limit           Units\nMax open files            1024                 4096                 files\n";
    expect(readLimits(files({ "/proc/self/limits": limits })).openFiles?.value).toBe(1024);
  });
});

describe("what limits take within a window", () => {
  const v2 = (tree: Files): Files => ({
    "/proc/self/mountinfo": v2Mount,
    "/proc/self/cgroup": "0::/a\n",
    "/proc/9/cgroup": "0::/server\n",
    ...tree,
  });
  const during = (before: Files, after: Files, pids: readonly (number | "self")[] = ["self"]) => {
    const tree = { ...before };
    const meter = new LimitMeter(pids, files(tree));
    meter.begin();
    Object.assign(tree, after);
    return meter.end();
  };
  const stat = (periods: number, usec: number) =>
    `nr_periods 9\nnr_throttled ${periods}\nthrottled_usec ${usec}\n`;

  test("throttling of version 2, in this group or above it, once", () => {
    const before = v2({ "/sys/fs/cgroup/a/cpu.stat": stat(1, 5), "/sys/fs/cgroup/cpu.stat": stat(7, 900) });
    expect(during(before, {})).toBeNull();
    const after = { "/sys/fs/cgroup/a/cpu.stat": stat(3, 25), "/sys/fs/cgroup/cpu.stat": stat(9, 920) };
    expect(during(before, after)).toEqual({ throttledPeriods: 2, throttledNs: 20e3, memoryEvents: 0 });
  });

  test("throttling by a group that a container does not see", () => {
    const local = "/sys/fs/cgroup/a/cpu.stat.local";
    const taken = during(v2({ [local]: "throttled_usec 10\n" }), { [local]: "throttled_usec 15\n" });
    expect(taken).toEqual({ throttledPeriods: 0, throttledNs: 5000, memoryEvents: 0 });
  });

  test("throttling of version 1, in ns", () => {
    const file = "/sys/fs/cgroup/cpu/a/cpu.stat";
    const before = {
      "/proc/self/mountinfo": v1Mount("cpu"),
      "/proc/self/cgroup": "3:cpu:/a\n",
      [file]: "nr_periods 2\nnr_throttled 0\nthrottled_time 0\n",
    };
    const taken = during(before, { [file]: "nr_periods 3\nnr_throttled 1\nthrottled_time 777\n" });
    expect(taken).toEqual({ throttledPeriods: 1, throttledNs: 777, memoryEvents: 0 });
  });

  test("of the group that the server runs in alone", () => {
    const file = "/sys/fs/cgroup/server/cpu.stat";
    const [before, after] = [v2({ [file]: stat(0, 0) }), { [file]: stat(1, 1) }];
    expect(during(before, after)).toBeNull();
    expect(during(before, after, ["self", 9])).toMatchObject({ throttledPeriods: 1 });
  });

  test("memory: slowed down or killed counts, dropped caches do not", () => {
    const file = "/sys/fs/cgroup/a/memory.events";
    const events = (high: number, max: number, kill: number) =>
      `low 0\nhigh ${high}\nmax ${max}\noom 0\noom_kill ${kill}\n`;
    const before = v2({ [file]: events(0, 0, 0) });
    expect(during(before, { [file]: events(0, 50, 0) })).toBeNull();
    expect(during(before, { [file]: events(2, 50, 1) })?.memoryEvents).toBe(3);
  });

  test("a group that goes away meanwhile takes nothing", () => {
    const file = "/sys/fs/cgroup/a/cpu.stat";
    expect(during(v2({ [file]: stat(5, 5) }), { [file]: "" })).toBeNull();
  });
});
