import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { encodeJson } from "../../schemas/codec/json.ts";
import { encodeSbe } from "../../schemas/codec/sbe.ts";
import { typicalQuote } from "../../schemas/quote.ts";
import { BufferView } from "../load/buffer-view.ts";
import { opcodes } from "../load/frame.ts";
import { jsonShape } from "../load/shape.ts";
import { RewrittenJsonCheck, SentMessages, warmUpFrom } from "./sent-messages.ts";

const json = [0, 1, 2].map((n) => Buffer.from(encodeJson(typicalQuote, n)));
const sbe = [0, 1, 2].map((n) => encodeSbe(typicalQuote, n));
const sentJson = new SentMessages("json", json);
const sentSbe = new SentMessages("sbe", sbe);
const identifyJson = sentJson.identify;
const identifySbe = sentSbe.identify;

/** The message somewhere within a chunk. */
function within(message: Uint8Array) {
  const bytes = Buffer.concat([Buffer.from("before"), message, Buffer.from("after")]);
  return { bytes, start: 6, end: 6 + message.length };
}

const nameOf = (identify: typeof identifyJson, opcode: number, message: Uint8Array) => {
  const { bytes, start, end } = within(message);
  return identify(opcode, bytes, start, end);
};

describe("a received message is the one that was sent", () => {
  test("byte for byte, wherever it lies", () => {
    for (const [n, message] of json.entries()) expect(nameOf(identifyJson, opcodes.text, message)).toBe(n);
    for (const [n, message] of sbe.entries()) expect(nameOf(identifySbe, opcodes.binary, message)).toBe(n);
  });

  test("JSON that was parsed and encoded again keeps its values, and is taken", () => {
    for (const [n, message] of json.entries()) {
      const again = Buffer.from(JSON.stringify(JSON.parse(message.toString())));
      expect(again.length).toBeLessThan(message.length);
      expect(nameOf(identifyJson, opcodes.text, again)).toBe(n);
    }
  });

  test("with another opcode, a sequence never sent, or a byte too many it is not", () => {
    expect(nameOf(identifyJson, opcodes.binary, json[0]!)).toBe(-1);
    expect(nameOf(identifySbe, opcodes.text, sbe[0]!)).toBe(-1);
    expect(nameOf(identifyJson, opcodes.text, Buffer.from(encodeJson(typicalQuote, 3)))).toBe(-1);
    expect(nameOf(identifySbe, opcodes.binary, encodeSbe(typicalQuote, 3))).toBe(-1);
    expect(nameOf(identifyJson, opcodes.text, Buffer.concat([json[0]!, Buffer.from(" ")]))).toBe(-1);
    expect(nameOf(identifySbe, opcodes.binary, Buffer.concat([sbe[0]!, Buffer.of(0)]))).toBe(-1);
  });

  test("any single changed byte is seen", () => {
    const one = (messages: readonly Uint8Array[], identify: typeof identifyJson, opcode: number) =>
      fc.assert(
        fc.property(fc.nat(messages[1]!.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
          const changed = Uint8Array.from(messages[1]!);
          changed[at] = changed[at]! ^ flip;
          // A changed sequence may be another message's, but then its own bytes are that message's too.
          const n = nameOf(identify, opcode, changed);
          const isOther = n >= 0 && n < warmUpFrom;
          expect(!isOther || Buffer.from(messages[n]!).equals(Buffer.from(changed))).toBe(true);
        }),
        { seed: 5, numRuns: 500 },
      );
    one(sbe, identifySbe, opcodes.binary);
    one(json, identifyJson, opcodes.text);
  });

  test("a changed byte of JSON's head is never taken for the message, nor for another but by its number alone", () => {
    const check = new RewrittenJsonCheck(jsonShape(encodeJson(typicalQuote, 0)));
    const echoed = (changed: Uint8Array) =>
      check.sequenceOf(opcodes.text, new BufferView(changed), 0, changed.length);
    const fannedOut = (changed: Uint8Array) => nameOf(identifyJson, opcodes.text, changed);
    const sent = Buffer.from(encodeJson(typicalQuote, 12));
    const digitsFrom = sent.indexOf("12,");
    for (let at = 0; at < sent.indexOf(","); at += 1) {
      for (let byte = 0; byte < 256; byte += 1) {
        const changed = Uint8Array.from(sent);
        changed[at] = byte;
        // A digit for a digit, or one more before them, is the number of another message.
        const isNumber = byte >= 0x30 && byte <= 0x39 && at >= digitsFrom - 1;
        const leadsZero = byte === 0x30 && at <= digitsFrom;
        const shorter = byte === 0x20 && at === digitsFrom;
        if (byte === sent[at] || (isNumber && !leadsZero) || shorter) continue;
        expect([at, byte, echoed(changed)]).toEqual([at, byte, -1]);
        expect([at, byte, fannedOut(changed)]).toEqual([at, byte, -1]);
      }
    }
  });

  test("an echo of JSON is taken with and without its padding, and no other", () => {
    const check = new RewrittenJsonCheck(jsonShape(encodeJson(typicalQuote, 0)));
    const sequenceOf = (text: string) => {
      const bytes = Buffer.from(text);
      return check.sequenceOf(opcodes.text, new BufferView(Uint8Array.from(bytes)), 0, bytes.length);
    };
    const sent = encodeJson(typicalQuote, 41);
    expect(sequenceOf(sent)).toBe(41);
    expect(sequenceOf(JSON.stringify(JSON.parse(sent)))).toBe(41);
    expect(sequenceOf(sent.replace("61837.63", "61837.64"))).toBe(-1);
    expect(sequenceOf("{}")).toBe(-1);
  });
});
