import { encodeJson } from "../../schemas/codec/json.ts";
import { encodeSbe } from "../../schemas/codec/sbe.ts";
import { OWN_SCHEMA_ID } from "../../schemas/codec/sbe-layout.ts";
import { type PushRequest, pushRequest } from "../../schemas/control.ts";
import { typicalQuote } from "../../schemas/quote.ts";
import { BufferView } from "./buffer-view.ts";
import { ByteQueue } from "./byte-queue.ts";
import { type DataOpcode, opcodes } from "./frame.ts";
import { int32 } from "./int32.ts";
import { NullStream, type TakeBytes } from "./null-stream.ts";
import { serverHeader } from "./server-frames.ts";
import { jsonShape, type MessageShape, rawShape, readSequence, sbeShape } from "./shape.ts";

/** One upgraded connection of the null server. */
export interface NullSession {
  /** Takes client bytes; false when the client closed, or sent what a load generator never does. */
  received(chunk: Uint8Array): boolean;
  /** Sends what is owed until the socket is full; false while something is left. */
  pump(take: TakeBytes): boolean;
}

interface ClientFrame {
  readonly opcode: number;
  readonly payload: Uint8Array;
  readonly frameBytes: number;
}

/** First client frame in `bytes`, unmasked; undefined while it is incomplete. */
function readClientFrame(bytes: Uint8Array): ClientFrame | undefined {
  if (bytes.length < 14 && bytes.length < 6 + (bytes[1]! & 0x7f)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const short = bytes[1]! & 0x7f;
  const length = short < 126 ? short : short === 126 ? view.getUint16(2) : Number(view.getBigUint64(2));
  const maskAt = short < 126 ? 2 : short === 126 ? 4 : 10;
  const frameBytes = maskAt + 4 + length;
  if (bytes.length < frameBytes) return undefined;
  const payload = bytes.slice(maskAt + 4, frameBytes);
  for (let i = 0; i < length; i++) payload[i] = payload[i]! ^ bytes[maskAt + (i & 3)]!;
  return { opcode: bytes[0]! & 0x0f, payload, frameBytes };
}

/** Holds client bytes until a frame is whole. */
class FrameReader {
  #held: Uint8Array = new Uint8Array(0);

  push(chunk: Uint8Array): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
  }

  next(): ClientFrame | undefined {
    const frame = this.#held.length < 2 ? undefined : readClientFrame(this.#held);
    if (frame !== undefined) this.#held = this.#held.subarray(frame.frameBytes);
    return frame;
  }

  /** Bytes behind the last whole frame. */
  get rest(): Uint8Array {
    return this.#held;
  }
}

/**
 * `/echo`: reads the first message of a connection, then counts bytes. Every later frame must have the first's length
 * and the next sequence, as a closed loop's do, and is answered with the pre-built message that it must equal. Neither
 * masks nor payloads are looked at, so that what this server costs is the sockets alone.
 */
export class NullEcho implements NullSession {
  readonly #reader = new FrameReader();
  #stream: NullStream | undefined;
  #frameBytes = 0;
  /** Bytes of a frame that has begun. */
  #partial = 0;

  received(chunk: Uint8Array): boolean {
    if (this.#stream !== undefined) return this.#count(this.#stream, chunk);
    this.#reader.push(chunk);
    const first = this.#reader.next();
    if (first === undefined) return true;
    if (first.opcode !== opcodes.text && first.opcode !== opcodes.binary) return false;
    const shape = shapeOf(first.opcode, first.payload);
    if (shape === undefined) return false;
    this.#frameBytes = first.frameBytes;
    this.#stream = new NullStream(shape, readSequence(shape.sequence, new BufferView(shape.template), 0));
    this.#stream.owe(1);
    return this.#count(this.#stream, this.#reader.rest);
  }

  pump(take: TakeBytes): boolean {
    const stream = this.#stream;
    if (stream === undefined) return true;
    while (!stream.isDone) if (!stream.write(take)) return false;
    return true;
  }

  #count(stream: NullStream, chunk: Uint8Array): boolean {
    const bytes = int32(this.#partial + chunk.length);
    const frames = int32(bytes / this.#frameBytes);
    const begins = frames * this.#frameBytes - this.#partial;
    this.#partial = bytes - frames * this.#frameBytes;
    if (frames > 0) stream.owe(frames);
    // A close is the last that a client sends, so it can only stand where the last frame begins.
    return !(begins >= 0 && begins < chunk.length && (chunk[begins]! & 0x0f) === opcodes.close);
  }
}

/** `/push`: as wire.md has it, with messages made ahead. Requests run one after another. */
export class NullPush implements NullSession {
  readonly #reader = new FrameReader();
  readonly #jobs: { readonly stream: NullStream; readonly count: number }[] = [];
  readonly #texts = new ByteQueue();

  received(chunk: Uint8Array): boolean {
    this.#reader.push(chunk);
    for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
      if (frame.opcode !== opcodes.text) return false;
      const request = requestOf(frame.payload);
      if (request === undefined) return false;
      const stream = new NullStream(pushShape(request));
      stream.owe(request.count);
      this.#jobs.push({ stream, count: request.count });
    }
    return true;
  }

  pump(take: TakeBytes): boolean {
    for (;;) {
      if (this.#texts.length > 0) this.#texts.drain(take);
      if (this.#texts.length > 0) return false;
      const job = this.#jobs[0];
      if (job === undefined) return true;
      while (!job.stream.isDone) if (!job.stream.write(take)) return false;
      this.#jobs.shift();
      const text = Buffer.from(JSON.stringify({ done: true, count: job.count }));
      this.#texts.push(serverHeader({ opcode: opcodes.text, template: text }), 0, 2);
      this.#texts.push(text, 0, text.length);
    }
  }
}

/** `/feed`: agrees to whatever is asked, and sends what is published. */
export class NullFeed implements NullSession {
  readonly #reader = new FrameReader();
  readonly #texts = new ByteQueue();

  received(chunk: Uint8Array): boolean {
    this.#reader.push(chunk);
    for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
      if (frame.opcode !== opcodes.text) return false;
      this.#texts.push(agreed, 0, agreed.length);
    }
    return true;
  }

  /** Takes frames that are sent at the next pump. */
  publish(frames: Uint8Array): void {
    this.#texts.push(frames, 0, frames.length);
  }

  pump(take: TakeBytes): boolean {
    if (this.#texts.length > 0) this.#texts.drain(take);
    return this.#texts.length === 0;
  }
}

/** `/publish`: every subscriber is sent each message, those that came together in one write. */
export class NullPublish implements NullSession {
  readonly #reader = new FrameReader();
  readonly #frames = new ByteQueue();
  readonly #publish: (frames: Uint8Array) => void;

  constructor(publish: (frames: Uint8Array) => void) {
    this.#publish = publish;
  }

  received(chunk: Uint8Array): boolean {
    this.#reader.push(chunk);
    for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
      const { opcode, payload } = frame;
      if (opcode !== opcodes.text && opcode !== opcodes.binary) return false;
      const header = serverHeader({ opcode, template: payload });
      this.#frames.push(header, 0, header.length);
      this.#frames.push(payload, 0, payload.length);
    }
    this.#frames.drain((bytes, at, length) => {
      this.#publish(bytes.subarray(at, at + length));
      return length;
    });
    return true;
  }

  pump(): boolean {
    return true;
  }
}

/** The answer to the load generator's only request on a connection. */
const agreement = Buffer.from('{"result":null,"id":1}');
const agreed = Buffer.concat([serverHeader({ opcode: opcodes.text, template: agreement }), agreement]);

function requestOf(payload: Uint8Array): PushRequest | undefined {
  try {
    return pushRequest.parse(JSON.parse(Buffer.from(payload).toString()));
  } catch {
    return undefined;
  }
}

function pushShape(request: PushRequest): MessageShape {
  if (request.codec === "raw") return rawShape(request.bytes, request.seed);
  if (request.codec === "sbe") return sbeShape(encodeSbe(typicalQuote, 0));
  const text = encodeJson(typicalQuote, 0);
  return jsonShape(`${text.slice(0, -1)}${" ".repeat(Math.max(0, request.bytes - text.length))}}`);
}

/** A raw message's sequence would have to pass 2^32 before it looked like our SBE. */
function shapeOf(opcode: DataOpcode, payload: Uint8Array): MessageShape | undefined {
  if (payload.length < 8) return undefined;
  if (opcode === opcodes.text) return jsonShape(Buffer.from(payload).toString());
  const isSbe = (payload[4]! | (payload[5]! << 8)) === OWN_SCHEMA_ID;
  if (isSbe) return sbeShape(payload);
  return { ...rawShape(8, 0), template: payload };
}
