import { expect, test } from "bun:test";
import { kernelQueue } from "./kernel-queue.ts";
import { readProc } from "./procfs.ts";

test("the kernel tells of two real sockets what its tables tell, without a look at the tables", async () => {
  const accepted = Promise.withResolvers<Bun.Socket>();
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { open: accepted.resolve, data: () => undefined },
  });
  const client = await Bun.connect({
    hostname: "127.0.0.1",
    port: server.port,
    socket: { data: () => undefined },
  });
  try {
    const sender = await accepted.promise;
    client.pause();
    // Beyond what the two kernels' buffers take, so that both ends hold some of it.
    sender.write(new Uint8Array(16 * 1024 * 1024));
    const from = { address: "127.0.0.1", port: server.port };
    const to = { address: "127.0.0.1", port: client.localPort };
    const noTables = () => {
      throw new Error("the tables are not needed");
    };
    const seen = kernelQueue(from, to, noTables);
    expect(seen?.isEstablished).toBe(true);
    expect(seen?.bytes).toBeGreaterThan(65_536);
    // A listening socket is nobody's end.
    expect(kernelQueue(from, { ...to, port: 1 }, readProc)).toBeNull();
    const silent = { address: "0.0.0.0", port: to.port };
    // Bytes move from the sender's end to the receiver's, and their sum stays.
    expect(
      kernelQueue({ ...from, address: silent.address }, { ...to, address: silent.address }, readProc),
    ).toEqual(seen);
  } finally {
    client.end();
    server.stop(true);
  }
});
