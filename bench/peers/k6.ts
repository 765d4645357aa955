import { join } from "node:path";
import type { GeneratorSetup } from "../generator-setup.ts";
import { type Peer, printedFigures } from "./peer.ts";

const scriptName = "script.js";

/** One virtual user holds all connections: of the two ways that k6 has, its documentation calls this one the faster. */
const script = (setup: GeneratorSetup): string => `
import { WebSocket } from "k6/websockets";

export const options = { vus: 1, iterations: 1 };
const setup = ${JSON.stringify(setup)};
const payload = new Uint8Array(setup.bytes).buffer;
const sockets = [];
let open = 0;
let received = 0;
let running = true;

function begin() {
  for (const socket of sockets) for (let i = 0; i < setup.window; i++) socket.send(payload);
  setTimeout(() => {
    const began = Date.now();
    const before = received;
    setTimeout(() => {
      const elapsedNs = (Date.now() - began) * 1e6;
      console.log(JSON.stringify({ messages: received - before, elapsedNs, allMessages: received }));
      running = false;
      for (const socket of sockets) socket.close();
    }, setup.windowMs);
  }, setup.warmupMs);
}

export default function () {
  for (let i = 0; i < setup.connections; i++) {
    const socket = new WebSocket("ws://127.0.0.1:" + setup.port + "/echo");
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      open += 1;
      if (open === setup.connections) begin();
    };
    socket.onmessage = () => {
      received += 1;
      if (running) socket.send(payload);
    };
    sockets.push(socket);
  }
}
`;

/** k6, by its documentation of version 2.3. With the raw log format, what a script logs stands alone on its line. */
export const k6: Peer = {
  name: "k6",
  program: "k6",
  makes: ({ mode }) => mode === "echo",
  files: (setup) => ({ [scriptName]: script(setup) }),
  command: (program, folder) => [
    program,
    "run",
    "--quiet",
    "--log-format=raw",
    "--no-usage-report",
    join(folder, scriptName),
  ],
  figures: printedFigures,
};
