import { dlopen, ptr } from "bun:ffi";

/**
 * The few calls that no portable API gives. Each answers 0 or a count, or -1 on failure, as libc does. Counts of bytes stay below the
 * 2³¹ that an i32 holds, as no buffer here is as long.
 */
const declared = {
  flock: { args: ["i32", "i32"], returns: "i32" },
  clock_gettime: { args: ["i32", "ptr"], returns: "i32" },
  sched_setaffinity: { args: ["i32", "usize", "ptr"], returns: "i32" },
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  sendto: { args: ["i32", "ptr", "usize", "i32", "ptr", "u32"], returns: "i64" },
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
  recv: { args: ["i32", "ptr", "usize", "i32"], returns: "i32" },
  send: { args: ["i32", "ptr", "usize", "i32"], returns: "i32" },
  epoll_create1: { args: ["i32"], returns: "i32" },
  epoll_ctl: { args: ["i32", "i32", "i32", "ptr"], returns: "i32" },
  epoll_wait: { args: ["i32", "ptr", "i32", "i32"], returns: "i32" },
  close: { args: ["i32"], returns: "i32" },
  readlink: { args: ["ptr", "ptr", "i32"], returns: "i32" },
  sched_setscheduler: { args: ["i32", "i32", "ptr"], returns: "i32" },
} as const;

function open() {
  if (process.platform !== "linux") return null;
  // The loader knows each libc only by its own name.
  const names = {
    glibc: "libc.so.6",
    musl: process.arch === "arm64" ? "libc.musl-aarch64.so.1" : "libc.musl-x86_64.so.1",
  } as const;
  for (const flavour of ["glibc", "musl"] as const) {
    try {
      return { flavour, calls: dlopen(names[flavour], declared).symbols };
    } catch {
      // Not this libc; the next name is tried, and null says that none was found.
    }
  }
  return null;
}

const opened = open();

/** Which libc this Linux system has, null where there is none to open. */
export const libcFlavour = opened?.flavour ?? null;

const libc = opened?.calls ?? null;

/** The calls of a loop that reads and writes sockets itself; null where there is no libc to ask. */
export const socketCalls = libc;

/** Linux clock ids, include/uapi/linux/time.h. */
export const CLOCK_MONOTONIC = 1;

/**
 * Clock id of the CPU time of a whole process, exited threads included: `(~pid << 3) | CPUCLOCK_SCHED`,
 * as clock_getcpuclockid(3) makes it (include/linux/posix-timers.h).
 */
export function cpuClockId(pid: number): number {
  return (~pid << 3) | 2;
}

const timespec = new BigInt64Array(2);

/** Reads a clock in ns; null when there is no libc, no such clock or no such process. */
export function readClockNs(clockId: number): number | null {
  if (libc === null || libc.clock_gettime(clockId, timespec) !== 0) return null;
  return Number(timespec[0]) * 1e9 + Number(timespec[1]);
}

/** Allows a thread (0 is the caller) the given cores only. False when the kernel refused or there is no libc. */
export function setAffinity(tid: number, cores: readonly number[]): boolean {
  if (libc === null || cores.length === 0) return false;
  // The kernel reads whole 64-bit words; 1,024 cores is the size of glibc's own cpu_set_t.
  const mask = new BigUint64Array(16);
  for (const core of cores) {
    const word = core >> 6;
    if (word >= mask.length) return false;
    mask[word] = (mask[word] ?? 0n) | (1n << BigInt(core & 63));
  }
  return libc.sched_setaffinity(tid, mask.byteLength, mask) === 0;
}

/** Scheduling policies that need no privilege, include/uapi/linux/sched.h. */
export const policies = { other: 0, batch: 3, idle: 5 } as const;

/** `struct sched_param` with the one priority that these policies allow. */
const noPriority = new Int32Array([0]);

/** Gives a thread a scheduling policy. False when the kernel refused or there is no libc. */
export function setPolicy(tid: number, policy: (typeof policies)[keyof typeof policies]): boolean {
  return libc !== null && libc.sched_setscheduler(tid, policy, noPriority) === 0;
}

/** `SOL_SOCKET` and `SO_RCVBUF`, include/uapi/asm-generic/socket.h. */
const receiveBuffer = { level: 1, option: 8 } as const;

/**
 * Bounds a socket's receive buffer, which the kernel then no longer grows; it takes twice `bytes`, socket(7). False where the kernel
 * refused or there is no libc.
 */
export function boundReceiveBuffer(descriptor: number, bytes: number): boolean {
  const { level, option } = receiveBuffer;
  return libc !== null && libc.setsockopt(descriptor, level, option, new Int32Array([bytes]), 4) === 0;
}

/** `LOCK_EX | LOCK_NB`, include/uapi/asm-generic/fcntl.h. */
const exclusiveAtOnce = 2 | 4;

/**
 * Takes the file of a descriptor for this process alone until it is closed, which the kernel does however the process
 * ends. False where another has it; true also where there is no libc to ask.
 */
export function lockFile(descriptor: number): boolean {
  return libc === null || libc.flock(descriptor, exclusiveAtOnce) === 0;
}

/**
 * Reads what the symbolic link at `path`, bytes that end with 0, points to, and gives how many bytes of `into` it took; -1 where it cannot
 * be read or there is no libc. The runtime's own call leaves some 200 bytes behind for each link.
 */
export function readLink(path: Uint8Array, into: Uint8Array): number {
  return libc === null ? -1 : libc.readlink(path, into, into.length);
}

/** Socket numbers of include/uapi/linux: netlink to the kernel's diagnosis of sockets, closed with the process's programs. */
const netlink = { family: 16, type: 3 | 0o2000000, sockDiag: 4, dontWait: 0x40 } as const;
const answerBytesMax = 1 << 16;

/**
 * Sends the kernel a request for its diagnosis of sockets, and hands each piece of the answer to `read` until that gives null, or
 * the kernel has no more. Nothing comes back where there is no libc, or the kernel does not answer.
 */
export function askKernel<T>(request: Uint8Array, read: (answer: Uint8Array) => T | null): T[] {
  if (libc === null) return [];
  const descriptor = libc.socket(netlink.family, netlink.type, netlink.sockDiag);
  if (descriptor < 0) return [];
  try {
    const kernel = new Uint8Array(12);
    new DataView(kernel.buffer).setUint16(0, netlink.family, true);
    const sent = libc.sendto(descriptor, ptr(request), request.length, 0, ptr(kernel), kernel.length);
    if (Number(sent) !== request.length) return [];
    const answer = new Uint8Array(answerBytesMax);
    const pieces: T[] = [];
    for (;;) {
      const got = libc.recv(descriptor, ptr(answer), answer.length, netlink.dontWait);
      const piece = got <= 0 ? null : read(answer.subarray(0, got));
      if (piece === null) return pieces;
      pieces.push(piece);
    }
  } finally {
    libc.close(descriptor);
  }
}
