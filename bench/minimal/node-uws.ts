import { createRequire } from "node:module";
import { join } from "node:path";
import { hostname, port, push } from "./push.ts";

const uws = createRequire(join(process.cwd(), "native/uws/package.json"))("@trufflesuite/uws-js-unofficial");
uws
  .App()
  .ws("/echo", { message: (ws: Socket, data: ArrayBuffer, isBinary: boolean) => ws.send(data, isBinary) })
  .ws("/push", {
    // Beyond 64 KiB unsent it would drop messages by itself, and a push would never be whole.
    maxBackpressure: 64 * 1024 * 1024,
    message: (ws: Socket, data: ArrayBuffer) =>
      push(Buffer.from(data).toString(), true, (message) => ws.send(message, typeof message !== "string")),
  })
  .listen(hostname, port, () => undefined);

interface Socket {
  send(data: ArrayBuffer | Buffer | string, isBinary: boolean): number;
}
