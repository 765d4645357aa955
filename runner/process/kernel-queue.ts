import { readProc } from "./procfs.ts";

/** What the kernel holds of one direction of a connection on this machine. */
export interface KernelQueue {
  /** Whether the sender's end is still established: one that was closed or cut is not. */
  readonly isEstablished: boolean;
  /** Bytes that the sender has written and the receiver's kernel has not taken, and those that the receiver has not read. */
  readonly bytes: number;
}

/**
 * Looks up what is under way from a sender's port to a receiver's, by the queues of both ends in /proc/net/tcp
 * (Documentation/networking/proc_net_tcp.rst). Null where neither end is in the tables of this network namespace.
 */
export function kernelQueue(fromPort: number, toPort: number, read = readProc): KernelQueue | null {
  for (const table of ["tcp", "tcp6"]) {
    const text = read(`/proc/self/net/${table}`) ?? "";
    const sender = endOf(text, fromPort, toPort);
    const receiver = endOf(text, toPort, fromPort);
    if (sender === null && receiver === null) continue;
    return {
      isEstablished: sender?.state === "01",
      bytes: (sender?.unsent ?? 0) + (receiver?.unread ?? 0),
    };
  }
  return null;
}

const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, "0");

function endOf(text: string, port: number, remotePort: number) {
  const ends = `: [0-9A-F]+:${hex(port)} [0-9A-F]+:${hex(remotePort)} `;
  const found = new RegExp(`${ends}([0-9A-F]{2}) ([0-9A-F]{8}):([0-9A-F]{8})`).exec(text);
  if (found === null) return null;
  const [, state = "", unsent = "", unread = ""] = found;
  return { state, unsent: Number.parseInt(unsent, 16), unread: Number.parseInt(unread, 16) };
}
