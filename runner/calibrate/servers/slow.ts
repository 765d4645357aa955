import { slowHabit, slowLimitBytes } from "../faults.ts";
import { type Message, type Reader, type SlowHabit, serveReference } from "./reference.ts";

// `slow.ts <habit>`: what it does with subscribers that do not read, whatever it says.

const kind = slowHabit.parse(process.argv[2]);

const isFull = (reader: Reader) => reader.getBufferedAmount() >= slowLimitBytes;
/** Quotes that wait for room, by reader and stream. */
const held = new Map<Reader, Map<string, Message>>();

const quoteStream = (message: Message): string | undefined =>
  /"stream":"([^"]+@bookTicker)"/.exec(message.toString().slice(0, 80))?.[1];

function conflate(keeps: "newest" | "oldest"): Pick<SlowHabit, "deliver" | "drained"> {
  const drained = (reader: Reader) => {
    for (const [stream, message] of held.get(reader) ?? []) {
      if (isFull(reader)) return;
      held.get(reader)?.delete(stream);
      reader.send(message);
    }
  };
  return {
    drained,
    deliver: (reader, message) => {
      drained(reader);
      if (!isFull(reader)) {
        reader.send(message);
        return;
      }
      const stream = quoteStream(message);
      if (stream === undefined) return;
      const quotes = held.get(reader) ?? new Map<string, Message>();
      held.set(reader, quotes);
      if (keeps === "newest" || !quotes.has(stream)) quotes.set(stream, message);
    },
  };
}

const habits: Readonly<Record<typeof kind, Omit<SlowHabit, "declared">>> = {
  cuts: {
    deliver: (reader, message) => {
      if (isFull(reader)) reader.terminate();
      else reader.send(message);
    },
  },
  "drops-instead": {
    deliver: (reader, message) => {
      if (!isFull(reader)) reader.send(message);
    },
  },
  hoards: { deliver: (reader, message) => void reader.send(message) },
  conflates: conflate("newest"),
  "conflates-oldest": conflate("oldest"),
};

serveReference(`slow ${kind}`, (message, send) => send(message), {
  slow: {
    declared: {
      policy: kind.startsWith("conflates") ? "conflate" : "disconnect",
      limitBytes: slowLimitBytes,
    },
    ...habits[kind],
  },
});
