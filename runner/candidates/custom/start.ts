import { z } from "zod";
import { listed } from "../../../reports/format.ts";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import { type ReadyLine, readyLine } from "../../../schemas/ready.ts";
import { type Attribution, attribute } from "../../process/attribution.ts";
import { type Child, type ChildSpec, startChild } from "../../process/child.ts";
import type { Children } from "../../process/children.ts";
import { clock } from "../../process/clock.ts";
import { describeExit, type Exit, type Failure, type FailureKind } from "../../process/failure.ts";
import { LineSplitter } from "../../process/lines.ts";
import {
  addressText,
  kernelTables,
  listensOn,
  nameOf,
  type TcpSocket,
  takes,
  treePids,
} from "../../process/listeners.ts";
import { endPids, killMarked, markedPids, markName, newMark } from "../../process/marked.ts";
import { statOf } from "../../process/procfs.ts";
import type { ServerProcess } from "../../process/server-process.ts";
import { allProcesses } from "../../process/tree.ts";
import { addressesOf, type Loopback, tryUpgrade } from "./upgrade-attempt.ts";

/** What the ready line of a server of the user's own may say; the port is enough. */
const customReadyLine = z.object({
  ready: z.literal(true),
  port: z.int().min(1).max(65535),
});

/** How long after the first answer a ready line may still come, in ms. */
const lineMs = 50;
/** How long one that accepts a connection may take to answer an upgrade before it counts as ready without, in ms. */
const silentMs = 1_000;
/** Between two looks for ports that it listens on in spite of PORT, in ms; a port counts that two looks in a row have found. */
const lookMs = 500;

export type OwnStarted =
  | { readonly ok: true; readonly server: ServerProcess }
  | { readonly ok: false; readonly failure: Failure };

/** Where a user's server is expected. */
export interface Expected {
  /** Given to it as PORT. */
  readonly port: number;
  /** Where it was seen to listen before, in spite of PORT; null where it was not. */
  readonly listensOn: number | null;
  readonly endpoint: Endpoint;
}

/**
 * Starts a user's server. It is ready when it prints a ready line, whose port is then its own, or answers an upgrade
 * on the port that it was given, or on another that its processes are seen to listen on.
 */
export async function startCustom(
  spec: ChildSpec,
  children: Children,
  expected: Expected,
  readyMs: number,
): Promise<OwnStarted> {
  const port = expected.listensOn ?? expected.port;
  const addresses = addressesOf(expected.endpoint.host);
  const taken = takenBy(addresses, port);
  if (taken !== null) return { ok: false, failure: notStarted(`port ${port}: ${taken}`) };
  const line = firstReadyLine(addresses[0] ?? "127.0.0.1");
  const mark = newMark();
  const marked = { ...spec, env: { ...spec.env, [markName]: mark } };
  const started = startChild(marked, children, { onStdout: line.push });
  if (!started.ok) return started;
  const { child } = started;
  children.mark(mark);
  const server = new OwnServer(child, children, mark);
  const over = new AbortController();
  const late = setTimeout(() => over.abort(), readyMs);
  const family = new Family(child, mark);
  const came = await Promise.race([
    line.said,
    answering(expected.endpoint, port, child.spawnedAtNs, spec.cores !== null, over.signal),
    listeningElsewhere(family, expected, over.signal),
    family.gone(over.signal),
  ]);
  clearTimeout(late);
  over.abort();
  if (came !== null && "port" in came) {
    // It listens; what it says of itself is on its way.
    const announced = came.line === null ? await within(line.said, lineMs) : came;
    const found = { ...came, ...(announced === null ? {} : { port: announced.port, line: announced.line }) };
    return { ok: true, server: server.serving(found, expected) };
  }
  const listens = listensOn(family.pids());
  await server.kill();
  const failed = (kind: FailureKind, reason: string, exit?: Exit) =>
    ({ ok: false, failure: child.failure("start", kind, reason, exit) }) as const;
  if (came === null) return failed("not-ready", notReadyText(expected, listens, readyMs));
  if ("ambiguous" in came) return failed("not-ready", ambiguousText(expected, came.ambiguous));
  const end = `the process ended with ${describeExit(came)} before it listened on PORT=${expected.port}`;
  const hint =
    came.code === 0 ? "; a server must stay in the foreground, or leave a daemon that can be found" : "";
  return failed("exited", `${end}${hint}`, came);
}

/** Where it was looked, and where the processes do listen. */
function notReadyText({ port, endpoint }: Expected, listens: readonly TcpSocket[], readyMs: number): string {
  const looked = listed(addressesOf(endpoint.host).map((address) => addressText(address, port)));
  const found = placesText(listens);
  const where = found === "" ? "its processes listen on no port" : `its processes listen on ${found}`;
  return `no ready line, and nothing answered on ${looked} (PORT=${port}) within ${readyMs} ms; ${where}`;
}

function ambiguousText({ port }: Expected, listens: readonly TcpSocket[]): string {
  return `it listens on ${placesText(listens)}, and not on PORT=${port}; say which one it serves on with --port N, or in a ready line`;
}

/** `127.0.0.1:8080 and [::1]:9000`. */
function placesText(listens: readonly TcpSocket[]): string {
  return listed(new Set(listens.map(({ address, port }) => addressText(address, port))));
}

/** Who listens already where a server is to: what answers there would be taken for it. Null where nobody does. */
export function takenBy(addresses: readonly Loopback[], port: number): string | null {
  const sockets = kernelTables.sockets("self");
  const held = sockets.find(
    (s) =>
      s.state === "listening" && s.port === port && addresses.some((address) => takes(s.address, address)),
  );
  if (held === undefined) return null;
  const who = allProcesses().find(({ pid }) => kernelTables.held(pid)?.has(held.inode) === true);
  const name = who === undefined ? "a process that cannot be seen" : `${who.comm} (pid ${who.pid})`;
  return `it is in use by ${name}, which would be measured instead of the server`;
}

export function notStarted(reason: string): Failure {
  return { phase: "start", kind: "not-ready", reason, exit: null, stderrTail: [] };
}

/** All that a start has brought about, whether it stayed below its first process or not. */
class Family {
  readonly #child: Child;
  readonly #mark: string;

  constructor(child: Child, mark: string) {
    this.#child = child;
    this.#mark = mark;
  }

  pids(): number[] {
    return [...new Set([...treePids(this.#child.pid), ...markedPids(this.#mark)])];
  }

  /** Resolves when nothing of it is left. One that ends well may have left a daemon behind. */
  async gone(signal: AbortSignal): Promise<Exit | null> {
    const exit = await this.#child.exited;
    while (exit.code === 0 && !signal.aborted && markedPids(this.#mark).length > 0) await Bun.sleep(lookMs);
    return exit;
  }
}

/** A user's server that was started, and what it takes to end it. */
class OwnServer {
  readonly #child: Child;
  readonly #children: Children;
  readonly #mark: string;
  /** In the kernel's clock ticks since boot; Infinity where it ended before it could be read. */
  readonly #startTicks: number;
  #hasEnded = false;

  constructor(child: Child, children: Children, mark: string) {
    this.#child = child;
    this.#children = children;
    this.#mark = mark;
    this.#startTicks = statOf(child.pid)?.startTicks ?? Infinity;
    void child.exited.then(() => {
      this.#hasEnded = true;
    });
  }

  serving(found: Listening, expected: Expected): ServerProcess {
    const child = this.#child;
    const { host, port } = found;
    const who = attribute({ host, port, startedPid: child.pid });
    // A daemon that has left the group is the watchdog's to end where the runner is killed.
    this.#children.watchGroups(markedPids(this.#mark));
    const moved =
      port === expected.port || found.line !== null ? [] : [`it listens on port ${port}, and not on PORT`];
    const led =
      who.known && who.followed
        ? [`its work is done by ${nameOf(who.pid)}, which is not a child of the process that was started`]
        : [];
    const follows = who.known && who.followed ? follow(who.pid) : null;
    return {
      pid: who.known ? who.pid : null,
      unattributed: who.known ? null : { code: who.code, reason: who.reason },
      host,
      port,
      ready: found.line?.ready ?? null,
      startupNs: found.atNs - child.spawnedAtNs,
      ...(isExact(found, child) ? {} : { startupBound: "at-most" as const }),
      ...(moved.length === 0 ? {} : { listensOn: port }),
      notes: [...moved, ...led],
      // A first process that has ended already has left the work to somebody who cannot be known.
      lost: follows?.lost ?? (this.#hasEnded ? new Promise(() => undefined) : child.lost),
      stderrTail: child.stderrTail,
      // Nobody reports one that does its work elsewhere.
      usedCpuNs: () => (who.known && !who.followed ? child.usedCpuNs() : null),
      stop: async (graceMs) => {
        // How a server of the user's own ends is up to it; here it is only made sure that it does.
        follows?.leave();
        await child.stop(graceMs);
        await endPids([...markedPids(this.#mark), ...this.#startedAfter(who)], graceMs);
        this.#children.unmark(this.#mark);
        return null;
      },
    };
  }

  async kill(): Promise<void> {
    this.#child.kill();
    await this.#child.exited;
    killMarked(this.#mark);
    this.#children.unmark(this.#mark);
  }

  /** A process that was followed and has lost its mark is this start's all the same where it did not exist before. */
  #startedAfter(who: Attribution): number[] {
    if (!who.known || !who.followed) return [];
    return (statOf(who.pid)?.startTicks ?? 0) >= this.#startTicks ? [who.pid] : [];
  }
}

/**
 * Whether the moment is known: two tries that lie a millisecond apart, or a hundredth of the whole, leave it open by less than
 * anything that a verdict could rest on. Else the figure is a bound.
 */
function isExact({ gapNs, atNs }: Listening, { spawnedAtNs }: Child): boolean {
  return gapNs <= Math.max(1e6, (atNs - spawnedAtNs) / 100);
}

/** Between two looks whether a process that is nobody's child here still lives, in ms. */
const followMs = 250;

/** Follows a process that is no child of this one to its end. */
function follow(pid: number): { readonly lost: Promise<Failure>; readonly leave: () => void } {
  const lost = Promise.withResolvers<Failure>();
  const first = statOf(pid)?.startTicks;
  const timer = setInterval(() => {
    const stat = statOf(pid);
    if (stat !== null && stat.startTicks === first && stat.state !== "Z") return;
    clearInterval(timer);
    const reason = `process ${pid}, which listened, has ended`;
    lost.resolve({ phase: "running", kind: "exited", reason, exit: null, stderrTail: [] });
  }, followMs);
  timer.unref();
  return { lost: lost.promise, leave: () => clearInterval(timer) };
}

/** A server that answers, and when. */
interface Listening {
  readonly host: Loopback;
  readonly port: number;
  readonly atNs: number;
  /** Between the last try that failed and the first that did not, in ns: by so much it may have been ready before. */
  readonly gapNs: number;
  /** Its ready line, where that came first. */
  readonly line: SaidReady | null;
}

interface SaidReady {
  readonly port: number;
  /** Null where it does not say everything. */
  readonly ready: ReadyLine | null;
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  const over = Promise.withResolvers<null>();
  const timer = setTimeout(() => over.resolve(null), ms);
  const outcome = await Promise.race([promise, over.promise]);
  clearTimeout(timer);
  return outcome;
}

/** Resolves with the first line of stdout that is a ready line; other lines are left to the server. */
function firstReadyLine(host: Loopback) {
  const { promise, resolve } = Promise.withResolvers<Listening & { line: SaidReady }>();
  // A line that never ends is no ready line, and need not be kept.
  const lines = new LineSplitter(65_536);
  const push = (chunk: Uint8Array) => {
    for (const line of lines.push(chunk)) {
      if (!line.includes('"ready"')) continue;
      const value = parse(line);
      const parsed = customReadyLine.safeParse(value);
      if (!parsed.success) continue;
      const whole = readyLine.safeParse(value);
      const { port } = parsed.data;
      const ready = whole.success ? whole.data : null;
      resolve({ host, port, atNs: clock(), gapNs: 0, line: { port, ready } });
    }
  };
  return { said: promise, push };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/**
 * Tries until a port answers, or `signal` is aborted: less than a millisecond apart at first, and a thousandth of the time
 * waited later, so that the figure is exact to that. The pause is a sleep of the whole thread, as timers are no finer than 1 ms;
 * where the server may be on this thread's core, it is a timer all the same.
 */
export async function answering(
  endpoint: Endpoint,
  port: number,
  sinceNs: number,
  apart: boolean,
  signal: AbortSignal,
): Promise<Listening | null> {
  let lastNs = sinceNs;
  while (!signal.aborted) {
    const triedNs = clock();
    for (const host of addressesOf(endpoint.host)) {
      const { came, atNs } = await tryUpgrade(host, port, endpoint, silentMs);
      if (came === "closed") continue;
      const readyNs = came === "silent" ? triedNs : atNs;
      return { host, port, atNs: readyNs, gapNs: triedNs - lastNs, line: null };
    }
    lastNs = triedNs;
    const pauseMs = Math.max(pauseMsMin, (clock() - sinceNs) / 1e9);
    if (apart && pauseMs < 1) Atomics.wait(sleeper, 0, 0, pauseMs);
    else await Bun.sleep(Math.max(1, Math.min(pauseMs, pauseMsMax)));
  }
  return null;
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
/** A refused connection costs a tenth of a millisecond beside it. */
const pauseMsMin = 0.2;
const pauseMsMax = 10;

/**
 * Watches where the processes of a start listen. Resolves with the one that answers an upgrade, where it is not the one that was
 * expected, or with all of them where none differs from the others.
 */
async function listeningElsewhere(
  family: Family,
  { port, listensOn: known, endpoint }: Expected,
  signal: AbortSignal,
): Promise<Listening | { readonly ambiguous: readonly TcpSocket[] } | null> {
  let before = "";
  while (!signal.aborted) {
    await Bun.sleep(lookMs);
    const all = listensOn(family.pids());
    const settled = placesText(all) === before && before !== "";
    before = placesText(all);
    if (!settled || signal.aborted || all.some((socket) => socket.port === (known ?? port))) continue;
    const answers: Listening[] = [];
    for (const socket of distinctPorts(all)) {
      for (const host of (["127.0.0.1", "::1"] as const).filter((each) => takes(socket.address, each))) {
        const { came, atNs } = await tryUpgrade(host, socket.port, endpoint, silentMs);
        const found = { host, port: socket.port, atNs, gapNs: 2 * lookMs * 1e6, line: null };
        if (came === "upgraded") answers.push(found);
      }
    }
    const ports = new Set(answers.map((each) => each.port));
    const [first] = answers;
    if (first !== undefined && ports.size === 1) return first;
    if (!signal.aborted) return { ambiguous: all };
  }
  return new Promise(() => undefined);
}

function distinctPorts(sockets: readonly TcpSocket[]): TcpSocket[] {
  return [...new Map(sockets.map((socket) => [`${socket.address} ${socket.port}`, socket])).values()];
}
