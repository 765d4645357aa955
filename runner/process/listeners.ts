import { readdirSync, readlinkSync } from "node:fs";
import { readProc, statOf } from "./procfs.ts";
import { descendants } from "./tree.ts";
import { type UnixSocket, unixSockets } from "./unix-sockets.ts";

/** A socket of the kernel's TCP tables (Documentation/networking/proc_net_tcp.rst). */
export interface TcpSocket {
  /** `127.0.0.1`, `::1`; an IPv4 address that IPv6 carries is told as IPv4. */
  readonly address: string;
  readonly port: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly state: "listening" | "established" | "other";
  /** Names the socket in /proc/PID/fd; 0 for one that no process holds. */
  readonly inode: number;
}

/** What the kernel tells of sockets and of who holds them. Tests have tables of their own. */
export interface SocketTables {
  /** Every TCP socket in the network namespace of `pid`; empty where it cannot be read. */
  sockets(pid: number | "self"): readonly TcpSocket[];
  /** Inodes of the sockets that a process holds; null where they may not be read, which another user's may not. */
  held(pid: number): ReadonlySet<number> | null;
  /** Connected sockets of the Unix domain, with their other ends; empty where the kernel does not tell. */
  unix(): readonly UnixSocket[];
  /** Names the network namespace of a process; null where it may not be read. */
  network(pid: number | "self"): string | null;
}

/** The tables of this machine. */
export const kernelTables: SocketTables = {
  sockets: (pid) =>
    ["tcp", "tcp6"].flatMap((table) => parseTcpTable(readProc(`/proc/${pid}/net/${table}`) ?? "")),
  held: heldBy,
  unix: unixSockets,
  network: (pid) => linkOf(`/proc/${pid}/ns/net`),
};

/** State numbers of include/net/tcp_states.h that matter here. */
const states: Readonly<Record<string, TcpSocket["state"]>> = { "01": "established", "0A": "listening" };

/** Reads the text of /proc/net/tcp or tcp6. Lines that are none of a socket's are passed over. */
export function parseTcpTable(text: string): TcpSocket[] {
  return text.split("\n").flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const local = endOf(fields[1]);
    const remote = endOf(fields[2]);
    if (local === null || remote === null || !/^\d+:$/.test(fields[0] ?? "")) return [];
    return [
      {
        address: local.address,
        port: local.port,
        remoteAddress: remote.address,
        remotePort: remote.port,
        state: states[fields[3] ?? ""] ?? "other",
        inode: Number(fields[9] ?? 0),
      },
    ];
  });
}

/** `0100007F:1F90` → 127.0.0.1 and 8080: words of 32 bits in the machine's order, which is little-endian wherever Bun runs. */
function endOf(field: string | undefined): { address: string; port: number } | null {
  const match = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(field ?? "");
  if (match === null) return null;
  const words = (match[1] ?? "").match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((hex) => Number.parseInt(hex, 16)),
  );
  return { address: addressOf(bytes), port: Number.parseInt(match[2] ?? "", 16) };
}

function addressOf(bytes: readonly number[]): string {
  const isMapped = bytes.length === 16 && bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 0xff;
  if (bytes.length === 4 || isMapped) return bytes.slice(-4).join(".");
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  // The longest run of zeros is left out (RFC 5952), once.
  const text = groups.map((group) => group.toString(16)).join(":");
  const runs = [...text.matchAll(/\b0(?::0)+\b/g)].sort((a, b) => b[0].length - a[0].length);
  const [longest] = runs;
  if (longest === undefined) return text;
  const before = text.slice(0, longest.index).replace(/:$/, "");
  const after = text.slice(longest.index + longest[0].length).replace(/^:/, "");
  return `${before}::${after}`;
}

/** Whether who listens on `address` gets connections to `host`. A wildcard of IPv6 takes IPv4 as well, unless it says otherwise. */
export function takes(address: string, host: string): boolean {
  if (address === host || address === "::") return true;
  return address === "0.0.0.0" && host.includes(".");
}

/** `127.0.0.1:8080`, `[::1]:8080`. */
export const addressText = (address: string, port: number): string =>
  `${address.includes(":") ? `[${address}]` : address}:${port}`;

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function heldBy(pid: number): ReadonlySet<number> | null {
  let names: string[];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch (error) {
    // One that has ended holds nothing.
    return error instanceof Error && "code" in error && error.code === "ENOENT" ? new Set() : null;
  }
  const inodes = names.flatMap((name) => {
    const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${name}`) ?? "")?.[1];
    return inode === undefined ? [] : [Number(inode)];
  });
  return new Set(inodes);
}

/** Where the processes of a server listen, lowest port first. */
export function listensOn(pids: readonly number[], tables: SocketTables = kernelTables): TcpSocket[] {
  const held = new Set(pids.flatMap((pid) => [...(tables.held(pid) ?? [])]));
  const [first] = pids;
  if (first === undefined) return [];
  return tables
    .sockets(first)
    .filter(({ state, inode }) => state === "listening" && held.has(inode))
    .sort((a, b) => a.port - b.port);
}

/** A process and all that it has started. */
export function treePids(pid: number): number[] {
  return [pid, ...descendants(pid).map((each) => each.pid)];
}

/** What a process calls itself, cut to 15 characters by the kernel; its pid where it cannot be read. */
export function nameOf(pid: number): string {
  const comm = statOf(pid)?.comm;
  return comm === undefined ? `pid ${pid}` : `${comm} (pid ${pid})`;
}
