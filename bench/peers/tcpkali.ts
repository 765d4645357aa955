import type { Peer } from "./peer.ts";

/** Bytes of an unmasked header, below 126 bytes of payload. */
const headerBytes = 2;

/**
 * It knows no window: it sends as fast as the sockets take it, and counts the bytes that come back. So it stands beside the loads with many
 * in flight, under a name that says so. It has no warm-up, and counts from the moment at which all are connected.
 */
export const tcpkali: Peer = {
  name: "tcpkali, which waits for no answer",
  program: "tcpkali",
  makes: ({ mode, window }) => mode === "echo" && window > 1,
  command: (program, _, { connections, port, bytes, windowMs }) => [
    program,
    "--ws",
    `--connections=${connections}`,
    "--connect-rate=10k",
    `--duration=${windowMs}ms`,
    "--workers=1",
    `--message=\\{ws.binary "${"T".repeat(bytes)}"}`,
    `127.0.0.1:${port}/echo`,
  ],
  figures: (output, { bytes }) => {
    const received = /^Total data received: .*\((\d+) bytes\)/m.exec(output)?.[1];
    const seconds = /^Test duration: ([\d.]+) s\./m.exec(output)?.[1];
    if (received === undefined || seconds === undefined) return null;
    const messages = Math.floor(Number(received) / (bytes + headerBytes));
    return { messages, elapsedNs: Number(seconds) * 1e9, allMessages: messages };
  },
};
