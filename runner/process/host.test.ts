import { describe, expect, test } from "bun:test";
import { hostFacts as hostFactsSchema } from "../../schemas/report.ts";
import { cgroupCores, distribution, hostFacts, hypervisor, machineState } from "./host.ts";

const files = (map: Readonly<Record<string, string>>) => (path: string) => map[path] ?? null;

test("the facts of this machine satisfy the report's schema", () => {
  const pinned = hostFacts({ pinned: true, server: [0], load: [1], runner: [1] });
  expect(hostFactsSchema.parse(pinned).pinning).toEqual({
    pinned: true,
    how: "server on core 0, load on core 1, runner on core 1",
    serverCores: [0],
    loadCores: [1],
  });
  expect(hostFactsSchema.parse(hostFacts({ pinned: false, reason: "one core" })).pinning).toEqual({
    pinned: false,
    how: "not pinned: one core",
    serverCores: [],
    loadCores: [],
  });
});

test("names the distribution", () => {
  expect(distribution('NAME="X"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')).toBe(
    "Debian GNU/Linux 12 (bookworm)",
  );
  expect(distribution("ID=arch\n")).toBeNull();
});

describe("hypervisor", () => {
  test("bare metal shows none", () => {
    expect(hypervisor(files({ "/proc/cpuinfo": "flags\t\t: fpu vme\n" }))).toBeNull();
  });
  test("is named by the machine's product, where there is one", () => {
    const guest = { "/proc/cpuinfo": "flags\t\t: fpu hypervisor lm\n" };
    expect(hypervisor(files(guest))).toBe("an unnamed hypervisor");
    expect(
      hypervisor(
        files({
          ...guest,
          "/sys/class/dmi/id/sys_vendor": "QEMU\n",
          "/sys/class/dmi/id/product_name": "Standard PC\n",
        }),
      ),
    ).toBe("QEMU Standard PC");
    expect(hypervisor(files({ "/sys/hypervisor/type": "xen\n" }))).toBe("xen");
    expect(hypervisor(files({ "/proc/device-tree/hypervisor/compatible": "linux,kvm\0" }))).toBe("linux,kvm");
  });
});

describe("cgroup limit", () => {
  test("version 2: the smallest on the way up", () => {
    const v2 = files({
      "/proc/self/cgroup": "0::/a/b\n",
      "/sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
      "/sys/fs/cgroup/a/cpu.max": "150000 100000\n",
      "/sys/fs/cgroup/cpu.max": "400000 100000\n",
    });
    expect(cgroupCores(v2)).toBe(1.5);
    expect(machineState(v2).cgroupCores).toBe(1.5);
  });
  test("version 1: quota over period, -1 is none", () => {
    const v1 = (quota: string) =>
      files({
        "/proc/self/cgroup": "1:cpu,cpuacct:/docker/x\n0::/\n",
        "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": quota,
        "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
      });
    expect(cgroupCores(v1("50000\n"))).toBe(0.5);
    expect(cgroupCores(v1("-1\n"))).toBeNull();
  });
  test("no cgroup, no limit", () => {
    expect(cgroupCores(files({}))).toBeNull();
  });
});

test("hardware threads", () => {
  expect(machineState(files({ "/sys/devices/system/cpu/smt/active": "1\n" })).smt).toBe(true);
  expect(machineState(files({})).smt).toBeNull();
});
