import { z } from "zod";
import { faultKind } from "../faults.ts";
import { type Message, type Relay, serveReference } from "./reference.ts";

// `faulty.ts <drop|double|swap|corrupt> <every>`: mistreats each message whose count is a multiple of `every`.

const [fault, every] = z
  .tuple([faultKind, z.coerce.number().int().positive()])
  .parse(process.argv.slice(2, 4));

let count = 0;
/** A message that waits for its neighbour to pass it. */
let held: Message | null = null;

/** Turns the lowest bit of the last byte but one: within a JSON text that is ASCII, and so UTF-8 still. */
function corrupted(message: Message): Message {
  const bytes = Buffer.from(message);
  bytes[bytes.length - 2] = bytes[bytes.length - 2]! ^ 1;
  return typeof message === "string" ? bytes.toString() : bytes;
}

const faults: Readonly<Record<z.infer<typeof faultKind>, Relay>> = {
  drop: () => undefined,
  double: (message, send) => {
    send(message);
    send(message);
  },
  swap: (message) => {
    held = message;
  },
  corrupt: (message, send) => send(corrupted(message)),
};

serveReference("faulty", (message, send) => {
  count += 1;
  if (count % every === 0) {
    faults[fault](message, send, send);
    return;
  }
  send(message);
  if (held === null) return;
  send(held);
  held = null;
});
