import { isUtf8 } from "node:buffer";
import { constants, inflateRawSync } from "node:zlib";
import { BufferView } from "./buffer-view.ts";
import { type DataOpcode, opcodes } from "./frame.ts";
import { int32 } from "./int32.ts";
import { ProtocolError } from "./protocol-error.ts";

/** Where whole messages go. The bytes hold only until the call returns. */
export interface MessageSink {
  message(opcode: DataOpcode, buffer: BufferView, start: number, end: number): void;
  /**
   * Offered once in a chunk, where a frame begins outside any message: takes the whole frames from `at` on that it knows
   * to the byte, and gives the offset behind them. They lie as they were received, before anything is copied.
   */
  takeKnown?(bytes: Uint8Array, at: number, end: number): number;
}

/** Where control frames go. Payloads are copies. */
export interface ControlSink {
  ping(payload: Uint8Array): void;
  pong(payload: Uint8Array): void;
  /** Code 1005 when the frame carried none. Nothing is parsed after it. */
  closeFrame(code: number, reason: string): void;
}

export interface ParserOptions {
  /** A longer message is a ProtocolError 1009, before memory is taken for it. Default 64 MiB. */
  readonly maxMessageBytes?: number;
  /** Whether text must be UTF-8 (ProtocolError 1007). Default false: it costs a call per message. */
  readonly utf8?: boolean;
  /** permessage-deflate was agreed, without context takeover: a message may be compressed (RFC 7692). Default false. */
  readonly deflate?: boolean | undefined;
}

const maxMessageBytesDefault = 64 * 1024 * 1024;
const headerMaxBytes = 10;
const ignore = () => undefined;
/** Whom an idle parser serves. */
const nobody: MessageSink & ControlSink = { message: ignore, ping: ignore, pong: ignore, closeFrame: ignore };
/** Stands for the header of a parser whose chunks have cut none so far. */
const noHeader = new Uint8Array(headerMaxBytes);
/** Small chunks are copied here, since a view of each would cost more than the copy. */
const arena = BufferView.ofSize(16_384);
const finText = 0x80 | opcodes.text;
const finBinary = 0x80 | opcodes.binary;
const controlMaxBytes = 125;
const maskBit = 0x80;
/** RSV1: the message that this frame begins is compressed. */
const compressedBit = 0x40;
/** What a sender cuts off the end of a compressed message (RFC 7692 section 7.2.1). */
const deflateTail = Uint8Array.of(0x00, 0x00, 0xff, 0xff);
const twoTo32 = 0x1_0000_0000;

/**
 * Incremental parser of the frames a server sends (RFC 6455 section 5), over chunks split anywhere.
 * A message whole within a chunk is handed on where it lies; one that is split or fragmented is assembled.
 */
export class FrameParser {
  /** May be exchanged between chunks, so that one connection serves several measurements. */
  sink: MessageSink;
  #control: ControlSink;
  #maxMessageBytes = maxMessageBytesDefault;
  #utf8 = false;
  #deflate = false;

  /** Bytes of a header that its chunk did not finish. */
  #header = noHeader;
  #headerBytes = 0;
  /** The frame whose payload has begun; `#remaining` bytes of it are still to come. */
  #inPayload = false;
  #fin = false;
  #opcode = 0;
  #remaining = 0;
  /** The message being assembled: its opcode, 0 for none. */
  #messageOpcode = 0;
  #compressed = false;
  #assembly: BufferView | undefined;
  #assembled = 0;
  #controlPayload: Uint8Array | undefined;
  #controlBytes = 0;
  #done = false;

  constructor(sink: MessageSink, control: ControlSink, options: ParserOptions = {}) {
    this.sink = sink;
    this.#control = control;
    this.serve(sink, control, options);
  }

  /** Nothing of what it has parsed is left to be gone on with: its next bytes may be another stream's. */
  get isIdle(): boolean {
    return this.#headerBytes === 0 && !this.#inPayload && this.#messageOpcode === 0 && !this.#done;
  }

  /** Changes to a stream with other rules; only where it is idle. */
  serve(sink: MessageSink, control: ControlSink, options: ParserOptions): void {
    this.sink = sink;
    this.#control = control;
    this.#maxMessageBytes = options.maxMessageBytes ?? maxMessageBytesDefault;
    this.#utf8 = options.utf8 ?? false;
    this.#deflate = options.deflate ?? false;
  }

  /** Lets go of whom it served. */
  release(): void {
    this.sink = nobody;
    this.#control = nobody;
  }

  /**
   * Parses the next bytes of the stream. Throws ProtocolError at the first broken rule; after that, and after a
   * close frame, all bytes are ignored. Not to be called from within a sink.
   */
  push(chunk: Uint8Array): void {
    this.#take(chunk, null, int32(chunk.length));
  }

  /** Parses the next bytes of the stream where they lie, at the beginning of `buffer` and before `end`. As `push` else. */
  pushFrom(buffer: BufferView, end: number): void {
    this.#take(buffer.bytes, buffer, int32(end));
  }

  /** `lying` is the buffer that the chunk lies in, where it can be read as words there. */
  #take(chunk: Uint8Array, lying: BufferView | null, end: number): void {
    if (this.#done) return;
    try {
      let at = this.#finish(chunk, lying, end);
      if (this.sink.takeKnown !== undefined && at < end && this.#messageOpcode === 0 && !this.#done) {
        at = int32(this.sink.takeKnown(chunk, at, end));
      }
      if (at < end) this.#parsePart(chunk, lying, at, end);
    } catch (error) {
      this.#done = true;
      throw error;
    }
  }

  /** Goes on with the frame that the last chunk cut, and gives the offset where it ended or the chunk did. */
  #finish(chunk: Uint8Array, lying: BufferView | null, end: number): number {
    let at = 0;
    while (at < end && (this.#headerBytes > 0 || this.#inPayload)) {
      const missing = this.#inPayload
        ? this.#remaining
        : headerBytesNeeded(this.#header, this.#headerBytes) - this.#headerBytes;
      const to = int32(Math.min(end, at + missing));
      this.#parsePart(chunk, lying, at, to);
      at = to;
    }
    return at;
  }

  /** Parses a part of a chunk, where it can be read as words. */
  #parsePart(chunk: Uint8Array, lying: BufferView | null, from: number, to: number): void {
    if (this.#done) return;
    if (lying !== null) {
      this.#parse(lying, from, to);
      return;
    }
    const part = from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to);
    let buffer = arena;
    if (part.length <= arena.bytes.length) arena.bytes.set(part);
    else buffer = new BufferView(part);
    this.#parse(buffer, 0, int32(part.length));
  }

  #parse(buffer: BufferView, from: number, end: number): void {
    const bytes = buffer.bytes;
    let at = this.#headerBytes > 0 || this.#inPayload ? int32(this.#resume(buffer, from, end)) : from;
    while (at < end) {
      const first = bytes[at]!;
      // The usual frame by far, a whole short message, is recognised by its two bytes alone.
      if ((first === finBinary || first === finText) && at + 2 <= end && this.#messageOpcode === 0) {
        const length = bytes[at + 1]!;
        const next = at + 2 + length;
        if (length < 126 && next <= end) {
          this.#deliver((first & 0x0f) as DataOpcode, buffer, at + 2, next);
          at = next;
          continue;
        }
      }
      at = int32(this.#frame(buffer, at, end));
    }
  }

  /** Goes on with a frame that a part before this one has begun, and gives the offset where it ended or the part did. */
  #resume(buffer: BufferView, from: number, end: number): number {
    let at = from;
    if (!this.#inPayload) {
      while (this.#headerBytes < headerBytesNeeded(this.#header, this.#headerBytes)) {
        if (at === end) return end;
        this.#header[this.#headerBytes++] = buffer.bytes[at++]!;
      }
      this.#headerBytes = 0;
      this.#begin(this.#header, 0);
    }
    return this.#payload(buffer, at, end);
  }

  /** Parses any frame that begins at `at`, and gives the offset behind what it consumed. */
  #frame(buffer: BufferView, at: number, end: number): number {
    const needed = headerBytesNeeded(buffer.bytes, end - at, at);
    if (end - at < needed) {
      if (this.#header === noHeader) this.#header = new Uint8Array(headerMaxBytes);
      this.#header.set(buffer.bytes.subarray(at, end));
      this.#headerBytes = end - at;
      return end;
    }
    this.#begin(buffer.bytes, at);
    return this.#payload(buffer, at + needed, end);
  }

  /** Reads the complete header at `at` and checks every rule that it can break. */
  #begin(bytes: Uint8Array, at: number): void {
    const first = bytes[at]!;
    const second = bytes[at + 1]!;
    const opcode = first & 0x0f;
    const fin = first >= 0x80;
    const reserved = first & 0x70;
    if (reserved !== 0) {
      const begins = opcode === opcodes.text || opcode === opcodes.binary;
      if (!this.#deflate) throw violation("a reserved bit is set, though no extension was agreed");
      if (reserved !== compressedBit || !begins) {
        throw violation("a reserved bit is set that permessage-deflate does not use there");
      }
    }
    if ((second & maskBit) !== 0) throw violation("a server frame is masked");
    const length = readLength(bytes, at, second);
    if (opcode >= opcodes.close) {
      if (opcode > opcodes.pong) throw violation(`opcode ${opcode} is reserved`);
      if (!fin) throw violation("a control frame is fragmented");
      if (length > controlMaxBytes) throw violation("a control frame is longer than 125 bytes");
      this.#controlPayload ??= new Uint8Array(controlMaxBytes);
      this.#controlBytes = 0;
    } else {
      this.#beginData(opcode, length);
      if (opcode !== opcodes.continuation) this.#compressed = reserved !== 0;
    }
    this.#fin = fin;
    this.#opcode = opcode;
    this.#remaining = length;
    this.#inPayload = true;
  }

  #beginData(opcode: number, length: number): void {
    if (opcode > opcodes.binary) throw violation(`opcode ${opcode} is reserved`);
    if (opcode === opcodes.continuation) {
      if (this.#messageOpcode === 0) throw violation("a continuation frame without a message to continue");
    } else {
      if (this.#messageOpcode !== 0) throw violation("a new message inside a fragmented one");
      this.#messageOpcode = opcode;
      this.#assembled = 0;
    }
    if (this.#assembled + length > this.#maxMessageBytes) {
      throw new ProtocolError(1009, `a message is longer than ${this.#maxMessageBytes} bytes`);
    }
  }

  #payload(buffer: BufferView, at: number, end: number): number {
    // What remains of a frame may be more than an int32 holds; what is taken of it lies within a chunk.
    const take = int32(Math.min(this.#remaining, end - at));
    const stop = at + take;
    if (this.#opcode >= opcodes.close) {
      for (let i = at; i < stop; i++) this.#controlPayload![this.#controlBytes++] = buffer.bytes[i]!;
    } else if (this.#fin && this.#assembled === 0 && take === this.#remaining) {
      this.#inPayload = false;
      this.#endMessage(buffer, at, stop);
      return stop;
    } else if (take > 0) {
      this.#assemble(buffer, at, stop);
    }
    this.#remaining -= take;
    if (this.#remaining > 0) return stop;
    this.#inPayload = false;
    if (this.#opcode >= opcodes.close) return this.#endControl() ? end : stop;
    if (this.#fin) this.#endMessage(this.#assembly!, 0, int32(this.#assembled));
    return stop;
  }

  #assemble(buffer: BufferView, from: number, to: number): void {
    const needed = this.#assembled + (to - from);
    const held = this.#assembly?.bytes.length ?? 0;
    if (this.#assembly === undefined || held < needed) {
      // Grows with what has come, not with what a header claims, and at once to the frame's size when doubling covers it.
      const wanted = Math.max(256, 2 * needed, Math.min(this.#assembled + this.#remaining, 4 * needed));
      const grown = BufferView.ofSize(Math.min(wanted, Math.max(this.#maxMessageBytes, needed)));
      if (this.#assembly !== undefined) grown.bytes.set(this.#assembly.bytes.subarray(0, this.#assembled));
      this.#assembly = grown;
    }
    this.#assembly.bytes.set(buffer.bytes.subarray(from, to), this.#assembled);
    this.#assembled = needed;
  }

  #endMessage(buffer: BufferView, start: number, end: number): void {
    const opcode = this.#messageOpcode as DataOpcode;
    this.#messageOpcode = 0;
    this.#assembled = 0;
    if (this.#compressed) {
      this.#compressed = false;
      const message = new BufferView(this.#inflate(buffer.bytes.subarray(start, end)));
      this.#deliver(opcode, message, 0, int32(message.bytes.length));
    } else {
      this.#deliver(opcode, buffer, start, end);
    }
  }

  #inflate(payload: Uint8Array): Uint8Array {
    try {
      return inflateRawSync(Buffer.concat([payload, deflateTail]), {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: this.#maxMessageBytes,
      });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new ProtocolError(1007, `a compressed message cannot be inflated: ${why}`);
    }
  }

  #deliver(opcode: DataOpcode, buffer: BufferView, start: number, end: number): void {
    if (this.#utf8 && opcode === opcodes.text && !isUtf8(buffer.bytes.subarray(start, end))) {
      throw new ProtocolError(1007, "a text message is not UTF-8");
    }
    this.sink.message(opcode, buffer, start, end);
  }

  /** Hands a control frame on; true when it was the last frame of the stream. */
  #endControl(): boolean {
    const payload = this.#controlPayload!.slice(0, this.#controlBytes);
    if (this.#opcode === opcodes.ping) this.#control.ping(payload);
    else if (this.#opcode === opcodes.pong) this.#control.pong(payload);
    else {
      this.#done = true;
      const { code, reason } = readClose(payload);
      this.#control.closeFrame(code, reason);
    }
    return this.#done;
  }
}

function violation(rule: string): ProtocolError {
  return new ProtocolError(1002, rule);
}

/** How long the server header at `at` is, as far as its first `available` bytes show it. */
function headerBytesNeeded(bytes: Uint8Array, available: number, at = 0): number {
  if (available < 2) return 2;
  const length = bytes[at + 1]! & 0x7f;
  return length < 126 ? 2 : length === 126 ? 4 : headerMaxBytes;
}

function readLength(bytes: Uint8Array, at: number, second: number): number {
  const short = second & 0x7f;
  if (short < 126) return short;
  if (short === 126) {
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    if (length < 126) throw violation("a length is not in its shortest form");
    return length;
  }
  const high = readUint32(bytes, at + 2);
  if (high >= 0x8000_0000) throw violation("the most significant bit of a 64-bit length is set");
  const length = high * twoTo32 + readUint32(bytes, at + 6);
  if (length < 65_536) throw violation("a length is not in its shortest form");
  return length;
}

function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** RFC 6455 section 5.5.1, and section 7.4 for the codes that may appear on the wire. */
function readClose(payload: Uint8Array): { code: number; reason: string } {
  if (payload.length === 0) return { code: 1005, reason: "" };
  if (payload.length === 1) throw violation("a close frame has a payload of one byte");
  const code = (payload[0]! << 8) | payload[1]!;
  const assigned = code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
  if (!assigned && !(code >= 3000 && code <= 4999)) throw violation(`close code ${code} may not be sent`);
  const reason = payload.subarray(2);
  if (!isUtf8(reason)) throw new ProtocolError(1007, "a close reason is not UTF-8");
  return { code, reason: new TextDecoder("utf-8", { ignoreBOM: true }).decode(reason) };
}
