import { readProc } from "./procfs.ts";

/** Reads a file of /proc or /sys; null where there is none. Injected in tests. */
export type Read = (path: string) => string | null;

/** Controllers that bound what a run may use. */
export type Controller = "cpu" | "memory";

interface Mount {
  /** Part of the hierarchy that is mounted: not `/` in a container without a cgroup namespace. */
  readonly root: string;
  readonly point: string;
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
}

/**
 * Folders of a process's cgroup of one controller and of every group above it, the process's own first, as far as they are
 * mounted here. Version 1, version 2 and both at once (a hybrid) are found alike, from /proc/PID/cgroup and
 * /proc/self/mountinfo (cgroups(7), proc_pid_mountinfo(5)).
 */
export function cgroupFolders(
  controller: Controller,
  read: Read = readProc,
  pid: number | "self" = "self",
): string[] {
  const groups = (read(`/proc/${pid}/cgroup`) ?? "").split("\n").flatMap((line) => {
    // The path is the last field, and may itself hold colons.
    const [, id, controllers, path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    return path === undefined ? [] : [{ id, controllers: (controllers ?? "").split(","), path }];
  });
  return mountsOf(controller, read).flatMap((mount) => {
    const group = groups.find((g) =>
      mount.version === 2 ? g.id === "0" && g.controllers.join() === "" : g.controllers.includes(controller),
    );
    return group === undefined ? [] : upwards(mount.point, within(mount.root, group.path));
  });
}

function mountsOf(controller: Controller, read: Read): Mount[] {
  const table = read("/proc/self/mountinfo");
  // Where the table cannot be read the usual places are tried.
  if (table === null) {
    return [
      { root: "/", point: "/sys/fs/cgroup", version: 2, controllers: [] },
      { root: "/", point: `/sys/fs/cgroup/${controller}`, version: 1, controllers: [controller] },
    ];
  }
  return table.split("\n").flatMap((line): Mount[] => {
    const [left = "", right = ""] = line.split(" - ");
    const [, , , root, point] = left.split(" ").map(unescaped);
    const [type, , options = ""] = right.split(" ");
    if (root === undefined || point === undefined) return [];
    if (type === "cgroup2") return [{ root, point, version: 2, controllers: [] }];
    const controllers = options.split(",");
    if (type !== "cgroup" || !controllers.includes(controller)) return [];
    return [{ root, point, version: 1, controllers }];
  });
}

/** Spaces and the like stand as octal escapes in mountinfo. */
const unescaped = (field: string): string =>
  field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** A group's path below a mount; the mount itself where the group lies outside of what is mounted. */
function within(root: string, path: string): string {
  if (path.split("/").includes("..")) return "";
  if (root === "/") return path;
  return path === root || path.startsWith(`${root}/`) ? path.slice(root.length) : "";
}

function upwards(point: string, path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return Array.from({ length: parts.length + 1 }, (_, up) =>
    [point, ...parts.slice(0, parts.length - up)].join("/"),
  );
}

/** The number behind a name in a file of `name number` lines, such as cpu.stat; null where it is not there. */
export function statOf(text: string, name: string): number | null {
  const found = new RegExp(`^${name}\\s+(\\d+)$`, "m").exec(text)?.[1];
  return found === undefined ? null : Number(found);
}
