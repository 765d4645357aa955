import { join } from "node:path";
import type { GeneratorSetup } from "../generator-setup.ts";
import { type Peer, printedFigures } from "./peer.ts";

const scriptName = "script.json";
const processorName = "processor.cjs";
/** Its users arrive within this time, evenly. */
const arrivalMs = 1000;

const script = ({ port, connections, bytes }: GeneratorSetup): string =>
  JSON.stringify({
    config: {
      target: `ws://127.0.0.1:${port}/echo`,
      processor: `./${processorName}`,
      phases: [{ duration: arrivalMs / 1000, arrivalCount: connections }],
      ws: { perMessageDeflate: false },
      // Each message leaves a timer of this length behind, which keeps the program alive.
      timeout: 1,
    },
    scenarios: [
      {
        engine: "ws",
        flow: [
          {
            // A send waits for its answer only where something is matched in it.
            loop: [{ send: { payload: "T".repeat(bytes), match: { regexp: "T", value: "T" } } }],
            whileTrue: "running",
            count: -1,
          },
        ],
      },
    ],
  });

/** Asked behind each answer whether a user goes on; so it counts them, by the window of the others. */
const processor = ({ warmupMs, windowMs }: GeneratorSetup): string => `
const windowMs = ${windowMs};
const leadMs = ${arrivalMs + warmupMs};
let began;
let messages = 0;
let allMessages = 0;
let ended = false;
exports.running = (_, next) => {
  const now = performance.now();
  began ??= now;
  const at = now - began - leadMs;
  allMessages += 1;
  if (at >= 0 && at < windowMs) messages += 1;
  if (at >= windowMs && !ended) {
    ended = true;
    console.log(JSON.stringify({ messages, elapsedNs: windowMs * 1e6, allMessages }));
  }
  next(!ended);
};
`;

/** Artillery's WebSocket engine: text, one message in flight on each connection. */
export const artillery: Peer = {
  name: "artillery",
  program: "artillery",
  // As the others, it has one core; it would take a worker for each.
  env: { WORKERS: "1", ARTILLERY_DISABLE_TELEMETRY: "true" },
  makes: ({ mode, window }) => mode === "echo" && window === 1,
  files: (setup) => ({ [scriptName]: script(setup), [processorName]: processor(setup) }),
  command: (program, folder) => [program, "run", "--quiet", join(folder, scriptName)],
  figures: printedFigures,
};
