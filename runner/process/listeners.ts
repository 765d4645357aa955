import { readdirSync, readlinkSync } from "node:fs";
import { readLink } from "./libc.ts";
import { readProcLines, statOf } from "./procfs.ts";
import { descendants } from "./tree.ts";
import { type UnixSocket, unixSockets } from "./unix-sockets.ts";

/** A socket of the kernel's TCP tables (Documentation/networking/proc_net_tcp.rst). */
export interface TcpSocket {
  /** `127.0.0.1`, `::1`; an IPv4 address that IPv6 carries is reported as IPv4. */
  readonly address: string;
  readonly port: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly state: "listening" | "established" | "other";
  /** Names the socket in /proc/PID/fd; 0 for one that no process holds. */
  readonly inode: number;
}

/** Whether a socket is asked for. It is given no object, so that the thousands that are not leave nothing behind. */
export type Wanted = (state: TcpSocket["state"], port: number, inode: number) => boolean;

/** What the kernel says of sockets and of who holds them. Tests have their own tables. */
export interface SocketTables {
  /** The TCP sockets in the network namespace of `pid`, or those of them that are wanted; empty where it cannot be read. */
  sockets(pid: number | "self", isWanted?: Wanted): readonly TcpSocket[];
  /** Inodes of the sockets that a process holds; null where they may not be read, which another user's may not. */
  held(pid: number): ReadonlySet<number> | null;
  /** Connected sockets of the Unix domain, with their other ends; empty where the kernel does not report them. */
  unix(): readonly UnixSocket[];
  /** Names the network namespace of a process; null where it may not be read. */
  network(pid: number | "self"): string | null;
}

/** The tables of this machine. */
export const kernelTables: SocketTables = {
  sockets: (pid, isWanted) => {
    const table = new TcpTable(isWanted);
    for (const name of ["tcp", "tcp6"])
      readProcLines(`/proc/${pid}/net/${name}`, (lines) => table.add(lines));
    return table.sockets;
  },
  held: heldBy,
  unix: unixSockets,
  network: (pid) => linkOf(`/proc/${pid}/ns/net`),
};

/** State numbers of include/net/tcp_states.h that matter here. */
const states: Readonly<Record<number, TcpSocket["state"]>> = { 1: "established", 10: "listening" };

/** Hexadecimal digits of an IPv4 address, and of an IPv6 one. */
const [narrow, wide] = [8, 32];
const [colon, space, newline, zero] = [0x3a, 0x20, 0x0a, 0x30];

/**
 * Reads the text of /proc/net/tcp and tcp6 in pieces of whole lines, and keeps the sockets that are wanted. It makes no strings of the
 * lines: a load process reads tens of thousands with its connections open, and what that leaves behind stays with it.
 */
export class TcpTable {
  readonly sockets: TcpSocket[] = [];
  readonly #isWanted: Wanted;
  /** A table names few addresses again and again: each is read once. */
  readonly #addresses = new Map<number | string, string>();

  constructor(isWanted: Wanted = () => true) {
    this.#isWanted = isWanted;
  }

  /** Lines that are none of a socket's are passed over. */
  add(lines: Buffer): void {
    for (let at = 0; at < lines.length; ) {
      const found = lines.indexOf(newline, at);
      const end = found < 0 ? lines.length : found;
      const socket = this.#socketOf(lines, at, end);
      if (socket !== null) this.sockets.push(socket);
      at = end + 1;
    }
  }

  /** `0: LOCAL:PORT REMOTE:PORT STATE`, with four digits of port; five more words come before the inode. */
  #socketOf(lines: Buffer, begin: number, end: number): TcpSocket | null {
    const localAt = lines.indexOf(colon, begin) + 2;
    const digits = lines.indexOf(colon, localAt) - localAt;
    if (localAt < begin + 2 || (digits !== narrow && digits !== wide)) return null;
    const remoteAt = localAt + digits + 6;
    const stateAt = remoteAt + digits + 6;
    if (stateAt + 2 > end) return null;
    const port = hexAt(lines, localAt + digits + 1, 4);
    const remotePort = hexAt(lines, remoteAt + digits + 1, 4);
    const state = states[hexAt(lines, stateAt, 2)] ?? "other";
    const inode = decimalAt(lines, wordBehind(lines, stateAt, 6), end);
    if (!this.#isWanted(state, port, inode)) return null;
    const address = this.#addressAt(lines, localAt, digits);
    const remoteAddress = this.#addressAt(lines, remoteAt, digits);
    if (address === null || remoteAddress === null || Number.isNaN(port + remotePort)) return null;
    return { address, port, remoteAddress, remotePort, state, inode };
  }

  /** `0100007F` is 127.0.0.1: words of 32 bits in the machine's order, which is little-endian wherever Bun runs. */
  #addressAt(lines: Buffer, at: number, digits: number): string | null {
    const key = digits === narrow ? hexAt(lines, at, narrow) : lines.toString("latin1", at, at + digits);
    const known = this.#addresses.get(key);
    if (known !== undefined) return known;
    const bytes = Array.from({ length: digits / 2 }, (_, i) => hexAt(lines, at + 2 * (i ^ 3), 2));
    if (bytes.some(Number.isNaN)) return null;
    const address = addressOf(bytes);
    this.#addresses.set(key, address);
    return address;
  }
}

/** Where the `count`th word behind the one at `at` begins. */
function wordBehind(lines: Buffer, at: number, count: number): number {
  let place = at;
  for (let word = 0; word < count; word += 1) {
    while (place < lines.length && lines[place] !== space) place += 1;
    while (lines[place] === space) place += 1;
  }
  return place;
}

function decimalAt(lines: Buffer, at: number, end: number): number {
  let number = 0;
  for (let place = at; place < end; place += 1) {
    const digit = lines[place]! - zero;
    if (!(digit >= 0 && digit <= 9)) break;
    number = 10 * number + digit;
  }
  return number;
}

/** NaN where a character is no hexadecimal digit. */
function hexAt(lines: Buffer, at: number, digits: number): number {
  let number = 0;
  for (let place = at; place < at + digits; place += 1) {
    const code = lines[place]!;
    const isDigit = code >= 0x30 && code <= 0x39;
    if (!isDigit && !(code >= 0x41 && code <= 0x46)) return Number.NaN;
    number = 16 * number + (isDigit ? code - 0x30 : code - 0x37);
  }
  return number;
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

/** What the descriptor of a socket links to, before its inode. */
const socketLink = Buffer.from("socket:[");
/** Where the path and the link of one descriptor after another are written: a server may hold tens of thousands. */
const [path, link] = [Buffer.alloc(64), Buffer.alloc(32)];

function heldBy(pid: number): ReadonlySet<number> | null {
  let names: string[];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch (error) {
    // One that has ended holds nothing.
    return error instanceof Error && "code" in error && error.code === "ENOENT" ? new Set() : null;
  }
  const inodes = new Set<number>();
  const folder = path.write(`/proc/${pid}/fd/`);
  for (const name of names) {
    path[folder + path.write(name, folder)] = 0;
    const bytes = readLink(path, link);
    // The link is `socket:[INODE]`. One that has gone meanwhile leaves the last one's bytes where they are.
    const isSocket = link.compare(socketLink, 0, socketLink.length, 0, socketLink.length) === 0;
    if (isSocket && bytes > 0) inodes.add(decimalAt(link, socketLink.length, bytes));
  }
  return inodes;
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
