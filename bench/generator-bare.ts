import type { Socket } from "bun";
import { clientFrame, opcodes } from "../runner/load/frame.ts";
import { randomKey, upgradeRequest } from "../runner/load/handshake.ts";
import { serverHeader } from "../runner/load/server-frames.ts";
import { rawShape } from "../runner/load/shape.ts";
import { cpuNsSince, type GeneratorResult, setupFromArgv } from "./generator-setup.ts";

// The floor of the runtime: sockets alone. It counts bytes, takes each frame's worth of them for a message, whatever it holds, and
// sends one buffer again and again. No parser, no ledger, no histogram, no clock, no payload looked at.

const setup = setupFromArgv();
const shape = rawShape(setup.bytes, 1);
const frameBytes = serverHeader(shape).length + shape.template.length;
const frame = clientFrame(opcodes.binary, shape.template, 0);
const window = new Uint8Array(frame.length * setup.window);
for (let i = 0; i < setup.window; i += 1) window.set(frame, i * frame.length);
/** Messages that each connection asks for, more than a window can have. */
const pushMessages = 1_000_000_000;

interface State {
  /** Bytes of the answer to the upgrade, until it is whole. */
  head: string | null;
  /** Bytes of a frame that has begun. */
  partial: number;
}

let received = 0;
let running = true;
let open = 0;
const opened = Promise.withResolvers<void>();

function begin(socket: Socket<State>): void {
  socket.data.head = null;
  if (setup.mode === "push") {
    const request = { count: pushMessages, bytes: setup.bytes, codec: "raw", seed: 1 };
    socket.write(clientFrame(opcodes.text, Buffer.from(JSON.stringify(request)), 0));
  } else socket.write(window);
  open += 1;
  if (open === setup.connections) opened.resolve();
}

for (let i = 0; i < setup.connections; i += 1) {
  await Bun.connect<State>({
    hostname: "127.0.0.1",
    port: setup.port,
    data: { head: "", partial: 0 },
    socket: {
      binaryType: "uint8array",
      open(socket) {
        socket.setNoDelay(true);
        const request = { host: "127.0.0.1", port: setup.port, path: `/${setup.mode}` };
        socket.write(upgradeRequest(request, randomKey()));
      },
      data(socket, chunk) {
        const { data } = socket;
        if (data.head !== null) {
          data.head += Buffer.from(chunk).toString("latin1");
          if (data.head.endsWith("\r\n\r\n")) begin(socket);
          return;
        }
        const bytes = data.partial + chunk.length;
        const messages = Math.floor(bytes / frameBytes);
        data.partial = bytes - messages * frameBytes;
        received += messages;
        if (setup.mode === "echo" && running && messages > 0)
          socket.write(window, 0, messages * frame.length);
      },
    },
  });
}
await opened.promise;
await Bun.sleep(setup.warmupMs);
const cpu = process.cpuUsage();
const began = Bun.nanoseconds();
const before = received;
await Bun.sleep(setup.windowMs);
const result: GeneratorResult = {
  messages: received - before,
  elapsedNs: Bun.nanoseconds() - began,
  cpuNs: cpuNsSince(cpu),
  faults: null,
};
running = false;
console.log(JSON.stringify(result));
process.exit(0);
