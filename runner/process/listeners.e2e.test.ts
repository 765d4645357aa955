import { expect, test } from "bun:test";
import { kernelTables } from "./listeners.ts";

test.skipIf(process.platform !== "linux")("the sockets that a process holds are those of the tables", () => {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  try {
    const [socket, ...others] = kernelTables.sockets(
      "self",
      (state, port) => state === "listening" && port === listener.port,
    );
    expect(others).toEqual([]);
    expect(socket).toMatchObject({ address: "127.0.0.1", port: listener.port, state: "listening" });
    const held = kernelTables.held(process.pid);
    expect(held?.has(socket?.inode ?? -1)).toBe(true);
    // Files, pipes and what no process holds are none.
    expect(held?.has(0)).toBe(false);
  } finally {
    listener.stop(true);
  }
});

test("a process that has ended holds nothing", () => {
  expect(kernelTables.held(2 ** 30)).toEqual(new Set());
});
