import { isIPv4 } from "node:net";
import { askKernel } from "./libc.ts";
import { readProc } from "./procfs.ts";

/** What the kernel holds of one direction of a connection on this machine. */
export interface KernelQueue {
  /** Whether the sender's end is still established: one that was closed or cut is not. */
  readonly isEstablished: boolean;
  /** Bytes that the sender has written and the receiver's kernel has not taken, and those that the receiver has not read. */
  readonly bytes: number;
}

/** One end of a TCP connection. */
export interface End {
  /** As text; only of IPv4 can the kernel be asked for one socket. */
  readonly address: string;
  readonly port: number;
}

/**
 * Looks up what is under way from a sender to a receiver of this process, by the queues of both ends. Null where neither is known in
 * this network namespace.
 *
 * The kernel is asked for the two sockets alone: its tables hold every connection of the last minute, and thousands that have ended
 * made one look at them 3 to 8 ms long, in which the load generator sent nothing.
 */
export function kernelQueue(from: End, to: End, read = readProc): KernelQueue | null {
  const receiver = diagnosed(to, from);
  // Not even this process's own end: the kernel does not answer, or not for these addresses.
  return receiver === null ? inTables(from.port, to.port, read) : queueOf(diagnosed(from, to), receiver);
}

interface SocketState {
  /** Whether its state is `TCP_ESTABLISHED`. */
  readonly isEstablished: boolean;
  readonly unsent: number;
  readonly unread: number;
}

const queueOf = (sender: SocketState | null, receiver: SocketState | null): KernelQueue => ({
  isEstablished: sender?.isEstablished ?? false,
  bytes: (sender?.unsent ?? 0) + (receiver?.unread ?? 0),
});

const diagByFamily = 20;
/** `NLM_F_REQUEST` alone: the one socket, not a dump. */
const one = 1;
const [afInet, tcp] = [2, 6];
const [headerBytes, requestBytes, answerBytes] = [16, 56, 72];
const states = { established: 1, listen: 10 } as const;

/**
 * A socket by its two ends, as sock_diag(7) has it (`inet_diag_req_v2`, `inet_diag_msg`); null where there is none, or a listening one
 * in its place.
 */
function diagnosed(local: End, remote: End): SocketState | null {
  if (!isIPv4(local.address) || !isIPv4(remote.address)) return null;
  const request = new Uint8Array(headerBytes + requestBytes);
  const view = new DataView(request.buffer);
  view.setUint32(0, request.length, true);
  view.setUint16(4, diagByFamily, true);
  view.setUint16(6, one, true);
  request.set([afInet, tcp], headerBytes);
  view.setUint32(headerBytes + 4, 0xffffffff, true);
  // From here `inet_diag_sockid`: ports and addresses in network order, then an interface (any) and a cookie (none).
  const id = headerBytes + 8;
  view.setUint16(id, local.port);
  view.setUint16(id + 2, remote.port);
  request.set(local.address.split(".").map(Number), id + 4);
  request.set(remote.address.split(".").map(Number), id + 20);
  request.fill(0xff, id + 40);
  const [found] = askKernel(request, (answer) => {
    const message = new DataView(answer.buffer, answer.byteOffset, answer.byteLength);
    const isSocket =
      answer.length >= headerBytes + answerBytes && message.getUint16(4, true) === diagByFamily;
    return isSocket ? message : null;
  });
  if (found === undefined) return null;
  const state = found.getUint8(headerBytes + 1);
  if (state === states.listen) return null;
  return {
    isEstablished: state === states.established,
    unread: found.getUint32(headerBytes + 56, true),
    unsent: found.getUint32(headerBytes + 60, true),
  };
}

/** The same by /proc/net/tcp (Documentation/networking/proc_net_tcp.rst). */
function inTables(fromPort: number, toPort: number, read: typeof readProc): KernelQueue | null {
  for (const table of ["tcp", "tcp6"]) {
    const text = read(`/proc/self/net/${table}`) ?? "";
    const sender = endOf(text, fromPort, toPort);
    const receiver = endOf(text, toPort, fromPort);
    if (sender !== null || receiver !== null) return queueOf(sender, receiver);
  }
  return null;
}

const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, "0");

function endOf(text: string, port: number, remotePort: number): SocketState | null {
  const ends = `: [0-9A-F]+:${hex(port)} [0-9A-F]+:${hex(remotePort)} `;
  const found = new RegExp(`${ends}([0-9A-F]{2}) ([0-9A-F]{8}):([0-9A-F]{8})`).exec(text);
  if (found === null) return null;
  const [, state = "", unsent = "", unread = ""] = found;
  return {
    isEstablished: Number.parseInt(state, 16) === states.established,
    unsent: Number.parseInt(unsent, 16),
    unread: Number.parseInt(unread, 16),
  };
}
