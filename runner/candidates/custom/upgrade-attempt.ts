import type { Socket } from "bun";
import type { Endpoint } from "../../../schemas/endpoint.ts";
import { clientFrame, opcodes } from "../../load/frame.ts";
import { randomKey, upgradeRequest } from "../../load/handshake.ts";
import { randomMask } from "../../load/mask.ts";
import { clock } from "../../process/clock.ts";

/** The addresses that a server of this machine may listen on. */
export type Loopback = "127.0.0.1" | "::1";

/** The addresses that a host stands for: `localhost` is whichever of the two a server took it for. */
export const addressesOf = (host: Endpoint["host"]): readonly Loopback[] =>
  host === "localhost" ? ["127.0.0.1", "::1"] : [host];

/** What came of one try to speak WebSocket to a port. */
export interface UpgradeAttempt {
  /** `closed` where nothing listens, or what does ends the connection without a word; `silent` where it says nothing in time. */
  readonly came: "closed" | "silent" | "answered" | "upgraded";
  readonly atNs: number;
}

interface Visit {
  readonly settle: (attempt: UpgradeAttempt) => void;
  readonly request: string;
  head: string;
  accepted: boolean;
}

const handlers = {
  open(socket: Socket<Visit>): void {
    socket.data.accepted = true;
    socket.write(socket.data.request);
  },
  data(socket: Socket<Visit>, chunk: Uint8Array): void {
    const { data } = socket;
    data.head = (data.head + Buffer.from(chunk).toString("latin1")).slice(0, 64);
    if (!/^\S+ \d{3}/.test(data.head)) return;
    const isUpgrade = /^HTTP\/1\.1 101/.test(data.head);
    data.settle({ came: isUpgrade ? "upgraded" : "answered", atNs: clock() });
    // In order: a reset would end a server that has no listener for a socket's error.
    if (isUpgrade) socket.write(clientFrame(opcodes.close, Buffer.from([0x03, 0xe8]), randomMask()));
    socket.end();
  },
  close({ data }: Socket<Visit>): void {
    data.settle({ came: "closed", atNs: clock() });
  },
  error({ data }: Socket<Visit>): void {
    data.settle({ came: "closed", atNs: clock() });
  },
  binaryType: "uint8array",
} as const;

/** Asks for an upgrade where the server echoes, and hangs up. One that has said nothing within `silentMs` is silent. */
export async function tryUpgrade(
  host: Loopback,
  port: number,
  { paths, headers, subprotocol }: Endpoint,
  silentMs: number,
): Promise<UpgradeAttempt> {
  const { promise, resolve } = Promise.withResolvers<UpgradeAttempt>();
  const protocols = subprotocol === null ? {} : { protocols: [subprotocol] };
  const request = upgradeRequest({ host, port, path: paths.echo, headers, ...protocols }, randomKey());
  const data: Visit = { settle: resolve, request, head: "", accepted: false };
  let socket: Socket<Visit>;
  try {
    socket = await Bun.connect<Visit>({ hostname: host, port, socket: handlers, data });
  } catch {
    return { came: "closed", atNs: clock() };
  }
  const late = setTimeout(() => {
    resolve({ came: "silent", atNs: clock() });
    socket.end();
  }, silentMs);
  const attempt = await promise;
  clearTimeout(late);
  return attempt;
}
