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

/** Below it lie the ports of services that many machines have. */
const lowestPort = 20_000;
const portTries = 100;
/** Others of this machine look for ports too, and begin elsewhere. */
let portsTried = Math.floor(Math.random() * lowestPort);

/** Listens on a port for a moment, 0 for the kernel's choice; gives which one it was, and throws where it cannot. */
function listenedOn(port: number): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port, socket: { data: () => undefined } });
  listener.stop(true);
  return listener.port;
}

/**
 * A port that nothing listens on, of those that the kernel gives nobody by itself: a connection or a listener that it gave one could
 * take it before it is used. Another program may all the same: then the start fails and says so.
 */
export function freePort(read: Read = readProc): number {
  const room = (localPorts(read)?.first ?? 0) - lowestPort;
  for (let tries = 0; room > 0 && tries < portTries; tries += 1) {
    portsTried += 1;
    try {
      return listenedOn(lowestPort + (portsTried % room));
    } catch {
      // Somebody has it; the next one is tried.
    }
  }
  return listenedOn(0);
}
