import { join } from "node:path";
import { type Peer, printedFigures } from "./peer.ts";

/** gorilla/websocket, in the program of bench/peers/go. It is built once; its module comes from Go's own cache or proxy. */
export const go: Peer = {
  name: "gorilla/websocket in Go",
  program: "go",
  makes: ({ mode }) => mode === "echo",
  build: (program, folder) => ({
    command: [program, "build", "-buildvcs=false", "-o", join(folder, "client"), "."],
    cwd: join(import.meta.dir, "go"),
  }),
  command: (_, folder, setup) => [join(folder, "client"), JSON.stringify(setup)],
  figures: printedFigures,
};
