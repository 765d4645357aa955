import { z } from "zod";
import { SEQUENCE_OFFSET, SEQUENCE_WIDTH } from "../../../schemas/codec/json.ts";
import { deception } from "../faults.ts";
import { type Habits, type Message, type Relay, serveReference } from "./reference.ts";

// `deceiving.ts <deception> [every]`: a server with a fault that a benchmark may take for speed, or stumble over.

const kind = deception.parse(process.argv[2]);
const every = z.coerce
  .number()
  .int()
  .positive()
  .parse(process.argv[3] ?? 1_000);

const sequenceEnd = SEQUENCE_OFFSET + SEQUENCE_WIDTH;
const sequenceOf = (text: string) => Number(text.slice(SEQUENCE_OFFSET, sequenceEnd));
const numbered = (text: string, n: number) =>
  `${text.slice(0, SEQUENCE_OFFSET)}${String(n).padStart(SEQUENCE_WIDTH)}${text.slice(sequenceEnd)}`;

let count = 0;
/** Messages that were sent on before they came. */
const ahead = new Set<number>();

/** Each message is sent with the next, on guess, once `every` have passed. */
const early: Relay = (message, send) => {
  const text = message.toString();
  const n = sequenceOf(text);
  count += 1;
  if (!ahead.delete(n)) send(message);
  if (count <= every) return;
  ahead.add(n + 1);
  send(numbered(text, n + 1));
};

const relays: Partial<Record<typeof kind, Relay>> = {
  "lose-at-one": (message, send, spare) => {
    count += 1;
    if (count % every === 0) spare(message);
    else send(message);
  },
  "fall-silent": (message, send) => {
    count += 1;
    if (count <= every) send(message);
  },
  "again-late": (message, send) => {
    count += 1;
    send(message);
    if (count <= every) setTimeout(() => send(message), 60);
  },
  early,
  "rewrite-json": (message, send) =>
    send(typeof message === "string" ? JSON.stringify(JSON.parse(message)) : message),
  "text-as-binary": (message, send) => send(typeof message === "string" ? Buffer.from(message) : message),
};

const habits: Partial<Record<typeof kind, Habits>> = {
  greet: { greeting: "welcome to the gateway" },
  "short-push": { pushed: ({ codec }, n) => blank(codec, 16, n) },
  "blank-push": { pushed: ({ codec, bytes }, n) => blank(codec, bytes, n) },
};

/** A message that has a sequence where the codec has it, and is no market message. */
function blank(codec: string, bytes: number, n: number): Message {
  if (codec === "json") return `${numbered('{"n":', n).padEnd(bytes - 1)}}`;
  const message = Buffer.alloc(bytes);
  message.writeUInt32LE(n, 0);
  return message;
}

serveReference(kind, relays[kind] ?? ((message, send) => send(message)), habits[kind]);
