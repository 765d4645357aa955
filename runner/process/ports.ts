import type { Read } from "./cgroup.ts";
import { readProc } from "./procfs.ts";

export const portRangeFile = "/proc/sys/net/ipv4/ip_local_port_range";

/** Ports that a client's connections may have, of each source address; null where the system does not report it. */
export function localPorts(read: Read = readProc): { readonly first: number; readonly last: number } | null {
  const [first, last] = (read(portRangeFile) ?? "").trim().split(/\s+/).map(Number);
  return first === undefined || last === undefined || !(last >= first) ? null : { first, last };
}

/** Share of an address's ports that are used: others have some, and the kernel looks long for the last. */
const usedShare = 0.75;
/** Of 127.0.0.0/8, all of which is the loopback's own on Linux, these are used in turn: 127.0.0.2 and on. */
const firstHost = 2;
const hostsMax = 250;

/**
 * Where each of `count` connections to a loopback address comes from: undefined, the kernel's choice, where its ports are enough for
 * all, and else 127.0.0.2, 127.0.0.3 and on, each for as many as it has ports.
 */
export function sourceAddresses(
  count: number,
  host: string,
  read: Read = readProc,
): (n: number) => string | undefined {
  const ports = localPorts(read);
  if (ports === null || !host.startsWith("127.")) return () => undefined;
  const each = Math.floor((ports.last - ports.first + 1) * usedShare);
  if (count <= each) return () => undefined;
  return (n) => `127.0.0.${firstHost + (Math.floor(n / each) % hostsMax)}`;
}
