import { askKernel } from "./libc.ts";

/** A connected stream socket of the Unix domain. */
export interface UnixSocket {
  /** Names the socket in /proc/PID/fd. */
  readonly inode: number;
  /** The other end's. */
  readonly peer: number;
  /** Path or abstract name that it was accepted at; empty for the side that connected, and for a pair. */
  readonly name: string;
}

// /proc/net/unix does not name the other end of a socket; the kernel's diagnosis over netlink does (sock_diag(7)).

const sockDiagByFamily = 20;
/** `NLM_F_REQUEST | NLM_F_DUMP`. */
const dump = 0x301;
const afUnix = 1;
/** `1 << TCP_ESTABLISHED`. */
const established = 1 << 1;
/** `UDIAG_SHOW_NAME | UDIAG_SHOW_PEER`, and the attributes that they bring. */
const show = 1 | 4;
const attributes = { name: 0, peer: 2 } as const;
const messageTypes = { error: 2, done: 3 } as const;
const headerBytes = 16;
/** Of `struct unix_diag_msg`, behind the header. */
const bodyBytes = 16;

/** Every connected socket of this network namespace; none where the kernel does not report them. */
export function unixSockets(): UnixSocket[] {
  const request = new Uint8Array(headerBytes + 24);
  const view = new DataView(request.buffer);
  view.setUint32(0, request.length, true);
  view.setUint16(4, sockDiagByFamily, true);
  view.setUint16(6, dump, true);
  view.setUint8(headerBytes, afUnix);
  view.setUint32(headerBytes + 4, established, true);
  view.setUint32(headerBytes + 12, show, true);
  return askKernel(request, (answer) => messagesOf(answer)).flat();
}

const aligned = (bytes: number): number => (bytes + 3) & ~3;

/** The sockets of one answer; null behind the last. */
function messagesOf(answer: Uint8Array): UnixSocket[] | null {
  const view = new DataView(answer.buffer, answer.byteOffset, answer.byteLength);
  const found: UnixSocket[] = [];
  for (let at = 0; at + headerBytes <= answer.length; ) {
    const length = view.getUint32(at, true);
    const type = view.getUint16(at + 4, true);
    if (type === messageTypes.done || type === messageTypes.error || length < headerBytes) return null;
    found.push(...socketOf(view, at + headerBytes, Math.min(at + length, answer.length)));
    at += aligned(length);
  }
  return found;
}

function socketOf(view: DataView, at: number, end: number): UnixSocket[] {
  if (at + bodyBytes > end) return [];
  const inode = view.getUint32(at + 4, true);
  let [peer, name] = [0, ""];
  for (let place = at + bodyBytes; place + 4 <= end; ) {
    const length = view.getUint16(place, true);
    const type = view.getUint16(place + 2, true);
    if (length < 4) break;
    if (type === attributes.peer && length >= 8) peer = view.getUint32(place + 4, true);
    if (type === attributes.name) {
      const bytes = new Uint8Array(view.buffer, view.byteOffset + place + 4, length - 4);
      // An abstract name begins with a zero, and a path may end with one.
      name = new TextDecoder().decode(bytes).replaceAll("\0", "");
    }
    place += aligned(length);
  }
  return peer === 0 ? [] : [{ inode, peer, name }];
}
