import { describe, expect, test } from "bun:test";
import { hostFacts as hostFactsSchema } from "../../schemas/report.ts";
import { distribution, hostFacts, hypervisor } from "./host.ts";

const files = (map: Readonly<Record<string, string>>) => (path: string) => map[path] ?? null;

test("the facts of this machine satisfy the report's schema", () => {
  const pinned = hostFacts({ pinned: true, server: [0], load: [1], runner: [1] }, [0, 1]);
  expect(hostFactsSchema.parse(pinned).pinning).toEqual({
    pinned: true,
    how: "server on core 0, load on core 1, runner on core 1",
    serverCores: [0],
    loadCores: [1],
  });
  expect(hostFactsSchema.parse(hostFacts({ pinned: false, reason: "one core" }, [0])).pinning).toEqual({
    pinned: false,
    how: "not pinned: one core",
    serverCores: [],
    loadCores: [],
  });
});

test("the limits that are set on the machine are facts of it", () => {
  const read = files({
    "/proc/self/cgroup": "0::/a\n",
    "/sys/fs/cgroup/a/cpu.max": "150000 100000\n",
    "/sys/fs/cgroup/a/memory.max": "2147483648\n",
  });
  const pins = { pinned: false, reason: "-" } as const;
  expect(hostFacts(pins, [0, 2, 3], read)).toMatchObject({
    cpuQuotaCores: 1.5,
    memoryLimitBytes: 2 ** 31,
    cpuset: "0,2-3",
  });
  expect(hostFacts(pins, [], files({}))).toMatchObject({
    cpuQuotaCores: null,
    memoryLimitBytes: null,
    cpuset: null,
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
