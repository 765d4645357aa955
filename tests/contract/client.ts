import { createHash } from "node:crypto";
import { connect, type Socket } from "node:net";
import { within } from "./deadline.ts";
import { closeCode, decodeFrame, encodeFrame, type Frame, type FrameOptions, opcodes } from "./frame.ts";

export interface Message {
  readonly text: string;
  readonly bytes: Buffer;
  readonly isText: boolean;
}

export interface Response {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly rest: Buffer;
}

const key = "dGhlIHNhbXBsZSBub25jZQ==";
const magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
export const expectedAccept = createHash("sha1")
  .update(key + magic)
  .digest("base64");

/** Headers of a right upgrade request; a test overrides one to break it, undefined leaves it out. */
const upgradeHeaders: Readonly<Record<string, string | undefined>> = {
  Host: "127.0.0.1",
  Upgrade: "websocket",
  Connection: "Upgrade",
  "Sec-WebSocket-Key": key,
  "Sec-WebSocket-Version": "13",
};

/** A plain WebSocket client over a raw TCP socket, slow and independent of the load generator on purpose. */
export class Client {
  readonly socket: Socket;
  /** Resolves when the server has ended or reset the connection. */
  readonly ended: Promise<void>;
  #buffer: Buffer = Buffer.alloc(0);
  #chunks: Buffer[] = [];
  /** Bytes in the chunks. */
  #waiting = 0;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.setNoDelay(true);
    this.socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#waiting += chunk.length;
      this.#wake?.();
    });
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.#closed = true;
        this.#wake?.();
        resolve();
      };
      this.socket.on("end", end);
      this.socket.on("error", end);
      this.socket.on("close", end);
    });
  }

  /**
   * Asks for an upgrade with the given changes to the headers, and returns the server's answer. What is to come right
   * `behind` it goes out in the same write, so that the server reads both at once.
   */
  async request(
    path: string,
    changes: Readonly<Record<string, string | undefined>> = {},
    behind: Buffer = Buffer.alloc(0),
    method = "GET",
  ): Promise<Response> {
    const lines = Object.entries({ ...upgradeHeaders, ...changes }).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}: ${value}`],
    );
    const head = Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    this.socket.write(Buffer.concat([head, behind]));
    return within(`response to ${method} ${path}`, this.#response());
  }

  /** Resolves when all that was written has left for the kernel. */
  async written(): Promise<void> {
    await new Promise<unknown>((resolve) => this.socket.write("", resolve));
  }

  send(opcode: number, payload: Buffer | string, options?: FrameOptions): void {
    this.socket.write(encodeFrame(opcode, Buffer.from(payload), options));
  }

  text(text: string): void {
    this.send(opcodes.text, text);
  }

  binary(bytes: Buffer): void {
    this.send(opcodes.binary, bytes);
  }

  /** The next frame of any kind; rejects when the connection ends first. */
  frame(what = "frame"): Promise<Frame> {
    return within(what, this.#frame());
  }

  /** The next message, put together from its fragments; pings and pongs in between are passed over. */
  async message(): Promise<Message> {
    const parts: Buffer[] = [];
    let opcode = 0;
    for (;;) {
      const frame = await this.frame("message");
      if (frame.opcode === opcodes.close) throw new Error(`closed with ${closeCode(frame)}`);
      if (frame.opcode > 7) continue;
      if (frame.opcode !== opcodes.continuation) opcode = frame.opcode;
      parts.push(frame.payload);
      if (!frame.fin) continue;
      const bytes = Buffer.concat(parts);
      return { bytes, text: bytes.toString(), isText: opcode === opcodes.text };
    }
  }

  /** Sends a text and returns the next message as JSON. */
  async ask(request: unknown): Promise<unknown> {
    this.text(typeof request === "string" ? request : JSON.stringify(request));
    return JSON.parse((await this.message()).text);
  }

  async #response(): Promise<Response> {
    let end = -1;
    while (end < 0) {
      this.#gather();
      end = this.#buffer.indexOf("\r\n\r\n");
      if (end < 0) await this.#more();
    }
    const [status = "", ...lines] = this.#buffer.subarray(0, end).toString("latin1").split("\r\n");
    this.#buffer = this.#buffer.subarray(end + 4);
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
      }),
    );
    return { status: Number(status.split(" ")[1]), headers, rest: this.#buffer };
  }

  async #frame(): Promise<Frame> {
    for (;;) {
      const decoded = decodeFrame(this.#buffer);
      if (typeof decoded !== "number") {
        this.#buffer = this.#buffer.subarray(decoded.size);
        return decoded.frame;
      }
      // Joining at every chunk would copy a long message over and over.
      while (this.#buffer.length + this.#waiting < decoded) await this.#more();
      this.#gather();
    }
  }

  #gather(): void {
    if (this.#chunks.length === 0) return;
    this.#buffer = Buffer.concat([this.#buffer, ...this.#chunks]);
    this.#chunks = [];
    this.#waiting = 0;
  }

  /** Waits for the next chunk; rejects when there will be none. */
  async #more(): Promise<void> {
    if (this.#closed) throw new Error("connection ended");
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }
}
