import type { Socket } from "node:net";
import type { WebSocket } from "ws";

/**
 * Writes all that `fill` sends over a socket of ws in one system call. ws has no call for it; the TCP socket
 * below, which it keeps as `_socket`, has Node's documented `cork` (stream.Writable). Null once the socket has closed.
 */
export function corked(ws: WebSocket, fill: () => void): void {
  const { _socket: socket } = ws as unknown as { readonly _socket: Socket | null };
  socket?.cork();
  try {
    fill();
  } finally {
    socket?.uncork();
  }
}
