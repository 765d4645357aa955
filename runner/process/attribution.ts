import type { Unattributed } from "../../schemas/load.ts";
import {
  addressText,
  kernelTables,
  nameOf,
  type SocketTables,
  type TcpSocket,
  takes,
  type Wanted,
} from "./listeners.ts";
import type { ProcStat } from "./procfs.ts";
import { allProcesses, descendants } from "./tree.ts";

/** Whose CPU time and memory a server's are, or why nobody's can be taken for them. */
export type Attribution =
  | { readonly known: true; readonly pid: number; readonly followed: boolean }
  | ({ readonly known: false } & Unattributed);

/** What is asked. */
export interface Asked {
  readonly host: string;
  readonly port: number;
  /** The process that was started, or that the user named; null where neither is so. */
  readonly startedPid: number | null;
  /**
   * Set for a program of this tool, which shares its socket with nobody that it has not started: that a stranger holds it
   * too need not be looked for in every process of the machine.
   */
  readonly isOurs?: boolean;
}

/** What the kernel reports. A test puts its own in the place. */
export interface Sight {
  readonly tables: SocketTables;
  readonly processes: () => readonly ProcStat[];
  /** This process. */
  readonly self: number;
}

const thisMachine: Sight = { tables: kernelTables, processes: allProcesses, self: process.pid };

/**
 * Programs that hand each connection on to a process elsewhere, as the kernel cuts their names: what they use is not what the
 * server uses.
 */
const forwarders =
  /^(docker-proxy|rootlessport|rootlesskit|slirp4netns|pasta(\.avx2)?|socat|systemd-socket-|gvproxy|limactl|kubectl|sshd?)$/;

const unknown = (code: Unattributed["code"], reason: string): Attribution => ({ known: false, code, reason });

/**
 * Finds from the kernel's tables which process serves a port. It is the given one where that, or what it has started,
 * holds the socket that listens. Where another does (a daemon that has left its wrapper, another pid than the user named), that
 * one is followed. Where the socket's holder cannot be seen, only hands connections on, or shares the port with others,
 * nothing is known.
 */
export function attribute(
  { host, port, startedPid, isOurs = false }: Asked,
  sight: Sight = thisMachine,
): Attribution {
  const where = addressText(host, port);
  const { tables, self } = sight;
  const processes = sight.processes();
  if (processes.length === 0) return unknown("listener-unseen", "this system has no /proc to look at");
  const tree = startedPid === null ? new Set<number>() : treeOf(startedPid, processes);
  const elsewhere = startedPid === null ? null : inOwnNetwork(startedPid, tree, port, tables);
  if (elsewhere !== null) return elsewhere;

  const listening = listeners(tables.sockets("self"), host, port);
  if (listening.length === 0) {
    return unknown("listener-unseen", `no process is seen to listen on ${where}`);
  }
  const near = processes.filter(({ pid }) => tree.has(pid));
  const holders =
    (isOurs ? holdersOf(listening, near, tables) : null) ?? holdersOf(listening, processes, tables);
  if (holders === null) {
    const reason = `the process that listens on ${where} cannot be seen: it is another user's, or in another container`;
    return unknown("listener-unseen", reason);
  }
  const forwarder = processes.find(({ pid, comm }) => holders.has(pid) && forwarders.test(comm));
  if (forwarder !== undefined) {
    const reason = `${forwarder.comm} (pid ${forwarder.pid}) listens on ${where} and passes connections on to another process`;
    return unknown("forwarded", reason);
  }
  const outside = [...holders].filter((pid) => !tree.has(pid));
  if (startedPid !== null && outside.length === 0) return { known: true, pid: startedPid, followed: false };
  const tops = topsOf(outside, processes);
  const [top, ...others] = tops;
  if (top === undefined || others.length > 0 || outside.length < holders.size) {
    const names = [...holders].map(nameOf).join(", ");
    return unknown(
      "listener-shared",
      `several processes that are not one server listen on ${where}: ${names}`,
    );
  }
  if (top === 1 || treeOf(top, processes).has(self)) {
    const reason = `${nameOf(top)} listens on ${where} and is an ancestor of this command`;
    return unknown("listener-shared", reason);
  }
  return { known: true, pid: top, followed: startedPid !== null };
}

/** Sockets that take connections to `host`; one bound to the address itself comes before a wildcard. */
function listeners(sockets: readonly TcpSocket[], host: string, port: number): TcpSocket[] {
  const all = sockets.filter((s) => s.state === "listening" && s.port === port && takes(s.address, host));
  const exact = all.filter(({ address }) => address === host);
  return exact.length > 0 ? exact : all;
}

/** The processes that hold any of the sockets; null where one has no holder in sight. */
function holdersOf(
  listening: readonly TcpSocket[],
  processes: readonly ProcStat[],
  tables: SocketTables,
): Set<number> | null {
  const unseen = new Set(listening.map(({ inode }) => inode));
  const wanted = new Set(unseen);
  const holders = new Set<number>();
  for (const { pid } of processes) {
    for (const inode of tables.held(pid) ?? []) {
      if (!wanted.has(inode)) continue;
      holders.add(pid);
      unseen.delete(inode);
    }
  }
  return unseen.size === 0 ? holders : null;
}

/**
 * A process in another network namespace (a container's) is reached through a forwarder of this one, so its tables are read:
 * it serves the port where it listens there on the same one, or on one alone. Null where it is in this network.
 */
function inOwnNetwork(
  given: number,
  tree: ReadonlySet<number>,
  port: number,
  tables: SocketTables,
): Attribution | null {
  const [network, here] = [tables.network(given), tables.network("self")];
  if (network === here || network === null || here === null) return null;
  const held = new Set([...tree].flatMap((pid) => [...(tables.held(pid) ?? [])]));
  const listening = tables.sockets(given).filter((s) => s.state === "listening" && held.has(s.inode));
  const ports = new Set(listening.map((socket) => socket.port));
  if (ports.has(port) || ports.size === 1) return { known: true, pid: given, followed: false };
  return unknown(
    "listener-unseen",
    `${nameOf(given)} is in another network namespace, and does not listen on port ${port}`,
  );
}

function treeOf(pid: number, processes: readonly ProcStat[]): Set<number> {
  return new Set([pid, ...descendants(pid, processes).map((each) => each.pid)]);
}

/** Those of `pids` that none of the others has started. */
function topsOf(pids: readonly number[], processes: readonly ProcStat[]): number[] {
  const below = new Set(pids.flatMap((pid) => descendants(pid, processes).map((each) => each.pid)));
  return pids.filter((pid) => !below.has(pid));
}

/**
 * With the connections of a trial open: why the tree of `pid` does not do the work that they ask for; null where nothing speaks
 * against it. Either another process holds their other ends, or the tree has passed them on over other connections to a
 * process of this machine, as a proxy does.
 */
export function workElsewhere(pid: number, port: number, sight: Sight = thisMachine): Unattributed | null {
  const { tables, self } = sight;
  const processes = sight.processes();
  const tree = treeOf(pid, processes);
  const held = new Set<number>();
  for (const each of tree) for (const inode of tables.held(each) ?? []) held.add(inode);
  const isOpen: Wanted = (state, _, inode) => state === "established" && inode > 0;
  // Where the tree holds all that came to the port, and nothing that leaves from another, there are no other ends to look for. That is
  // so of nearly every server, and to keep the tens of thousands of sockets of a cell would take megabytes of the load process.
  const decisive = tables.sockets(pid, (state, local, inode) =>
    state === "listening"
      ? held.has(inode)
      : isOpen(state, local, inode) && (local === port) !== held.has(inode),
  );
  const ports = new Set([port]);
  for (const { state, port: local } of decisive) if (state === "listening") ports.add(local);
  if (decisive.every(({ port: local, inode }) => held.has(inode) && ports.has(local)))
    return passedOn(pid, held, sight);
  const open = tables.sockets(pid, isOpen);
  const clients = tables.held(self) ?? new Set<number>();
  const byEnds = new Map(open.map((socket) => [endsOf(socket), socket]));
  for (const socket of open) {
    const peer = byEnds.get(endsOf(turned(socket)));
    if (peer === undefined || held.has(peer.inode)) continue;
    const isClient = clients.has(socket.inode) && socket.remotePort === port;
    // What came to a port of the server's is a client, ours or somebody's; what leaves from any other asks for something.
    const isUpstream = held.has(socket.inode) && !ports.has(socket.port);
    if (!isClient && !isUpstream) continue;
    const who = processes.find((each) => tables.held(each.pid)?.has(peer.inode) === true);
    const other = who === undefined ? "a process that cannot be seen" : `${who.comm} (pid ${who.pid})`;
    const reason = isClient
      ? `the connections are served by ${other}, which is not a child of ${nameOf(pid)}`
      : `${nameOf(pid)} is connected to ${other} at ${addressText(socket.remoteAddress, socket.remotePort)}, which may do its work`;
    return { code: "forwarded", reason };
  }
  return passedOn(pid, held, sight);
}

/** Where the system's log takes what a service prints, over a connection that asks for no work. */
const logs = /^\/run\/systemd\/journal\//;

/** The same over a socket of the Unix domain: what the tree has connected to is at another's named socket. */
function passedOn(
  pid: number,
  held: ReadonlySet<number>,
  { tables, processes, self }: Sight,
): Unattributed | null {
  const all = tables.unix();
  const byInode = new Map(all.map((socket) => [socket.inode, socket]));
  for (const { inode, peer } of all) {
    const other = byInode.get(peer);
    if (!held.has(inode) || held.has(peer) || other === undefined) continue;
    // A pair without a name is what a parent talks to its child over.
    if (other.name === "" || logs.test(other.name)) continue;
    const who = processes().find((each) => tables.held(each.pid)?.has(peer) === true);
    if (who?.pid === self) continue;
    const name = who === undefined ? "a process that cannot be seen" : `${who.comm} (pid ${who.pid})`;
    const reason = `${nameOf(pid)} is connected to ${name} at ${other.name}, which may do its work`;
    return { code: "forwarded", reason };
  }
  return null;
}

const endsOf = ({ address, port, remoteAddress, remotePort }: TcpSocket): string =>
  `${address} ${port} ${remoteAddress} ${remotePort}`;

const turned = (socket: TcpSocket): TcpSocket => ({
  ...socket,
  address: socket.remoteAddress,
  port: socket.remotePort,
  remoteAddress: socket.address,
  remotePort: socket.port,
});
