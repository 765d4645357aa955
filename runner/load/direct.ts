import { type Pointer, ptr } from "bun:ffi";
import { socketCalls } from "../process/libc.ts";
import { BufferView } from "./buffer-view.ts";
import { nowNs, turnUntil } from "./clock.ts";
import type { Connection, SocketWriter } from "./connection.ts";
import { int32 } from "./int32.ts";

/** Takes in what comes on some connections, for as long as it has them. */
export interface Intake {
  /** Takes in what comes for `ms`, asleep while nothing does. */
  during(ms: number): Promise<void>;
  /** Takes in what comes and never sleeps, asking in between whether it `isDone`. */
  until(isDone: () => boolean): Promise<void>;
  /** The runtime's event loop has the connections again. */
  close(): void;
}

/** `EPOLL_CLOEXEC`: no process that is started here has it. */
const closedOnExec = 0o2000000;
/** `EPOLL_CTL_ADD` and so on, and the events of epoll_ctl(2), include/uapi/linux/eventpoll.h. */
const control = { add: 1, remove: 2, change: 3 } as const;
const readable = 0x1;
const writable = 0x4;
const endedByPeer = 0x2000;
/** `EPOLLERR | EPOLLHUP | EPOLLRDHUP`. */
const ended = 0x8 | 0x10 | endedByPeer;
/** `EPOLLET`: the kernel says once that something has come, and need not look at each socket again to see that it was read. */
const once = 1 << 31;
/** What is asked of each socket; where one was full, also when it can be written to. */
const reading = readable | endedByPeer | once;
const readingAndWriting = reading | writable;
/** `struct epoll_event` is packed on x86-64 alone. In words of 32 bits: the events, and where `data` begins. */
const [eventWords, dataWord] = process.arch === "x64" ? [3, 1] : [4, 2];
/** `MSG_DONTWAIT | MSG_NOSIGNAL`, include/linux/socket.h. */
const atOnce = 0x40;
const noSignal = 0x4000;

/** Connections that one look may find ready. */
const readyMax = 256;
/** Stays in the second-level cache, and takes what a socket's queue usually holds. */
const roomBytes = 131_072;
/** The runtime's own work, such as timers and the runner's messages, is done after this long. */
const turnNs = 1e6;
const waitMs = 1;
const pollsAtOnce = 8;

const room = BufferView.ofSize(roomBytes);

/** The runtime's own event loop takes in what comes. */
export const runtimeIntake: Intake = {
  during: (ms) => Bun.sleep(ms),
  until: turnUntil,
  close: () => undefined,
};

/**
 * Reads and writes plain sockets by the kernel's own calls. The runtime's loop makes an array for each chunk, calls back for each, and
 * looks for other work in between.
 */
class DirectIntake implements Intake, SocketWriter {
  readonly #calls: NonNullable<typeof socketCalls>;
  readonly #epoll: number;
  readonly #connections: readonly Connection[];
  readonly #descriptors: Int32Array;
  readonly #events = new Int32Array(readyMax * eventWords);
  readonly #eventsAt = ptr(this.#events);
  readonly #roomAt = ptr(room.bytes);
  readonly #change = new Int32Array(eventWords);
  /** Connections that may have more than was read at once. */
  #left: number[] = [];
  #lastBytes = room.bytes;
  #lastAt: number = ptr(room.bytes);

  constructor(calls: NonNullable<typeof socketCalls>, epoll: number, connections: readonly Connection[]) {
    this.#calls = calls;
    this.#epoll = epoll;
    this.#connections = connections;
    this.#descriptors = new Int32Array(connections.length);
    for (const [index, connection] of connections.entries()) {
      const descriptor = connection.lend(this, index);
      this.#descriptors[index] = descriptor;
      if (descriptor >= 0) this.#watch(control.add, index, reading);
    }
  }

  during(ms: number): Promise<void> {
    const endNs = nowNs() + ms * 1e6;
    return turnUntil(() => {
      const turnEndNs = Math.min(endNs, nowNs() + turnNs);
      do this.#pollBusy();
      while (nowNs() < turnEndNs);
      return turnEndNs === endNs;
    });
  }

  until(isDone: () => boolean): Promise<void> {
    return turnUntil(() => {
      const turnEndNs = nowNs() + turnNs;
      do {
        this.#poll(0);
        if (isDone()) return true;
      } while (nowNs() < turnEndNs);
      return false;
    });
  }

  close(): void {
    this.#calls.close(this.#epoll);
    for (const connection of this.#connections) connection.giveBack();
  }

  write(index: number, bytes: Uint8Array, at: number, length: number): number {
    const sent = this.#calls.send(
      this.#descriptors[index]!,
      (this.#addressOf(bytes) + at) as Pointer,
      length,
      atOnce | noSignal,
    );
    if (sent < length) this.#watch(control.change, index, readingAndWriting);
    return sent;
  }

  /** Where bytes lie. The frames of thousands of connections lie in few arrays. */
  #addressOf(bytes: Uint8Array): number {
    if (bytes !== this.#lastBytes) {
      this.#lastBytes = bytes;
      this.#lastAt = ptr(bytes);
    }
    return this.#lastAt;
  }

  /** Polls as long as something is ready, a few times, and spares the looks at the clock in between. */
  #pollBusy(): void {
    for (let polls = 0; polls < pollsAtOnce; polls++) if (this.#poll(waitMs) === 0) return;
  }

  /** Serves what is ready, or is within `ms`; gives how many connections were. */
  #poll(ms: number): number {
    const events = this.#events;
    const left = this.#left;
    const sleepMs = left.length > 0 ? 0 : ms;
    if (left.length > 0) this.#left = [];
    const ready = this.#calls.epoll_wait(this.#epoll, this.#eventsAt, readyMax, sleepMs);
    for (let i = 0; i < ready; i++) this.#serve(events[i * eventWords]!, events[i * eventWords + dataWord]!);
    for (const index of left) this.#serve(readable, index);
    return ready + left.length;
  }

  #serve(events: number, index: number): void {
    const connection = this.#connections[index]!;
    // It may have been cut by what another one received.
    if (!connection.isLent) return;
    const descriptor = this.#descriptors[index]!;
    let isOver = (events & ended) !== 0;
    if (!isOver && (events & readable) !== 0) {
      const got = int32(this.#calls.recv(descriptor, this.#roomAt, roomBytes, atOnce));
      if (got > 0) connection.handleBytes(room, got);
      // More may be there, of which the kernel has spoken already; the others have their turn first.
      if (got === roomBytes) this.#left.push(index);
      isOver = got === 0;
    }
    if (isOver) this.#release(connection, index);
    else if ((events & writable) !== 0 && connection.isLent) {
      connection.handleDrain();
      if (connection.bufferedBytes === 0) this.#watch(control.change, index, reading);
    }
  }

  /** The runtime finds out how a connection ended, and tells it. */
  #release(connection: Connection, index: number): void {
    this.#calls.epoll_ctl(this.#epoll, control.remove, this.#descriptors[index]!, null);
    connection.giveBack();
  }

  #watch(operation: number, index: number, events: number): void {
    this.#change[0] = events;
    this.#change[dataWord] = index;
    this.#calls.epoll_ctl(this.#epoll, operation, this.#descriptors[index]!, ptr(this.#change));
  }
}

/**
 * Who takes in what comes on these connections until it is closed: this process's own calls, or the runtime where one of them needs it.
 * Beside the own calls the runtime has a turn each millisecond alone, too rarely for a connection that is timed.
 */
export function intakeOf(connections: readonly Connection[]): Intake {
  if (socketCalls === null || connections.length === 0 || connections.some(({ isPlain }) => !isPlain)) {
    return runtimeIntake;
  }
  const epoll = socketCalls.epoll_create1(closedOnExec);
  return epoll < 0 ? runtimeIntake : new DirectIntake(socketCalls, epoll, connections);
}

/** Has `act` take in what comes on these connections; they are the runtime's again however it ends. */
export async function withIntake<T>(
  connections: readonly Connection[],
  act: (intake: Intake) => Promise<T>,
): Promise<T> {
  const intake = intakeOf(connections);
  try {
    return await act(intake);
  } finally {
    intake.close();
  }
}
