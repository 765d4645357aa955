import { encodeJson, SEQUENCE_OFFSET, SEQUENCE_WIDTH } from "../../schemas/codec/json.ts";
import { encodeSbe } from "../../schemas/codec/sbe.ts";
import { bestBidAsk } from "../../schemas/codec/sbe-layout.ts";
import type { PushRequest } from "../../schemas/control.ts";
import { typicalQuote } from "../../schemas/quote.ts";
import { rawTemplate, writeRawSequence } from "../../schemas/raw.ts";
import { nodeBuffer } from "./market.ts";
import type { Data } from "./peer.ts";

const zero = 0x30;
const space = 0x20;

/** Makes message `n` of a push. */
export type Generator = (n: number) => Data;

/**
 * The messages of one push request. All is encoded before the first send; what is left per message is the sequence,
 * so that the runtime is measured and not this. Text is a string on every runtime (Bun sends text from strings
 * alone). Binary is one buffer patched in place where `copiesOnSend` says that a sent buffer is free again, and a
 * copy of it where a send may still refer to it.
 */
export function generator(request: PushRequest, copiesOnSend: boolean): Generator {
  if (request.codec === "json") return jsonGenerator(request.bytes);
  const [template, write] = request.codec === "raw" ? raw(request) : sbe();
  if (copiesOnSend) {
    return (n) => {
      write(template, n);
      return template;
    };
  }
  return (n) => {
    const message = Buffer.from(template);
    write(message, n);
    return message;
  };
}

type Patched = readonly [Buffer<ArrayBuffer>, (bytes: Uint8Array, n: number) => void];

function raw(request: PushRequest): Patched {
  return [nodeBuffer(rawTemplate(request.bytes, request.seed)), writeRawSequence];
}

function sbe(): Patched {
  const write = (bytes: Uint8Array, n: number) => writeRawSequence(bytes, n, bestBidAsk.streamSeq);
  return [nodeBuffer(encodeSbe(typicalQuote, 0)), write];
}

/**
 * Spaces before the closing brace bring a frame up to `bytes`. The text is ASCII: patching its bytes and reading them
 * as Latin-1 gives a flat string for less than joining strings does.
 */
function jsonGenerator(bytes: number): Generator {
  const text = encodeJson(typicalQuote, 0);
  const padding = " ".repeat(Math.max(0, bytes - text.length));
  const template = Buffer.from(`${text.slice(0, -1)}${padding}}`);
  return (n) => {
    writeDigits(template, n);
    return template.toString("latin1");
  };
}

/** Writes `n` at the sequence's place, right-aligned in spaces. */
function writeDigits(frame: Buffer, n: number): void {
  const last = SEQUENCE_OFFSET + SEQUENCE_WIDTH - 1;
  let rest = n;
  for (let at = last; at >= SEQUENCE_OFFSET; at--) {
    frame[at] = rest > 0 || at === last ? zero + (rest % 10) : space;
    rest = Math.floor(rest / 10);
  }
}
