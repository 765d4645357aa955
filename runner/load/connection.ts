import type { Socket } from "bun";
import type { End } from "../process/kernel-queue.ts";
import { BufferView } from "./buffer-view.ts";
import { ByteQueue } from "./byte-queue.ts";
import { clientFrameBytes, type FrameBits, type Opcode, opcodes, writeClientFrame } from "./frame.ts";
import { randomKey, UpgradeReader, type UpgradeRequest, upgradeRequest } from "./handshake.ts";
import { int32 } from "./int32.ts";
import { randomMask } from "./mask.ts";
import { type ControlSink, FrameParser, type MessageSink, type ParserOptions } from "./parser.ts";
import { ProtocolError } from "./protocol-error.ts";

/** Where a connection's messages go, chunk by chunk. An error that it throws ends the connection and is its `error`. */
export interface ConnectionSink extends MessageSink {
  /** A chunk came off the socket: the moment to read the clock, once for all its messages. */
  begin?(): void;
  /** All messages of the chunk were handed over: the moment to answer them in one write. */
  end?(): void;
  /** The connection is closed: nothing more comes. */
  lost?(): void;
}

/** Sees the bytes of all frames on the wire, in both directions, as they are written and read. */
export interface ConnectionTap {
  sent(bytes: Uint8Array, from: number, to: number): void;
  received(bytes: Uint8Array): void;
}

export interface ConnectionOptions extends UpgradeRequest, ParserOptions {
  /** Gives each connection a tap, where somebody looks at its frames. */
  readonly tap?: (() => ConnectionTap) | undefined;
  /** Address that it comes from; the kernel's choice unless given. */
  readonly localAddress?: string;
  /** The certificate that the server must show, in PEM: the connection is then one of TLS. */
  readonly ca?: string | null | undefined;
  /** Bound on TCP connect and upgrade together. Default 10,000. */
  readonly openTimeoutMs?: number;
  /** Bound on the close handshake; the socket is cut after it. Default 2,000. */
  readonly closeTimeoutMs?: number;
}

/** Neither an answer nor an end came within the time limit. */
export class OpenTimeout extends Error {
  override readonly name = "OpenTimeout";
}

/** How a connection ended. */
export interface CloseInfo {
  /** The server's close code; 1005 for a close frame without one, 1006 for no close frame at all. */
  readonly code: number;
  readonly reason: string;
  /** Both sides sent a close frame. */
  readonly clean: boolean;
  /** ProtocolError when the server broke RFC 6455, else what the socket or the sink threw. */
  readonly error: Error | undefined;
}

/** Writes to the sockets of connections that were lent to it, which it knows by numbers of its own. */
export interface SocketWriter {
  /** Gives how many bytes of `bytes[at, at + length)` the socket took; below 0 where it failed. */
  write(lentAs: number, bytes: Uint8Array, at: number, length: number): number;
}

type ClientSocket = Socket<Connection>;

/** What a connection needs until it is open, or failed to be. */
interface Opening extends PromiseWithResolvers<Connection> {
  readonly reader: UpgradeReader;
  readonly request: string;
  timer: Timer | undefined;
}

/** What a connection needs from the first sign of its end on. */
class Ending {
  received: { readonly code: number; readonly reason: string } | undefined;
  error: Error | undefined;
  info: CloseInfo | undefined;
  /** Made for who waits: of thousands of connections few are watched. */
  closing: PromiseWithResolvers<CloseInfo> | undefined;
  timer: Timer | undefined;
  endWhenSent = false;
}

/** Short frames are written here on their way to the socket, which copies what it does not take. */
const scratch = BufferView.ofSize(16_384);
const frameRoom = (payloadBytes: number) => BufferView.ofSize(clientFrameBytes(payloadBytes));
/** The text that was sent last: thousands of connections send the same. */
let lastText = "";
let lastBytes: Uint8Array = new Uint8Array(0);

/**
 * Parsers that serve no connection now. One is needed while a chunk is parsed, and where a chunk has cut a frame or a message;
 * thousands of connections share few.
 */
const idleParsers: FrameParser[] = [];
/** Each may hold room for a long message. */
const idleParsersMax = 64;

/** One handler object for all sockets: the engine keeps one shape, and a connection costs no closures. */
const handlers = {
  open(socket: ClientSocket): void {
    socket.data.handleOpen(socket);
  },
  data(socket: ClientSocket, chunk: Uint8Array): void {
    socket.data.handleData(chunk);
  },
  drain(socket: ClientSocket): void {
    socket.data.handleDrain();
  },
  close(socket: ClientSocket, error?: Error): void {
    socket.data.handleClose(error);
  },
  error(socket: ClientSocket, error: Error): void {
    socket.data.fail(error);
  },
  binaryType: "uint8array",
} as const;

/** Over TLS nothing can be sent before its handshake, which follows the connect. */
const tlsHandlers = {
  ...handlers,
  open(socket: ClientSocket): void {
    socket.data.handleConnected(socket);
  },
  handshake(socket: ClientSocket, _done: boolean, error: Error | null): void {
    if (error === null) socket.data.handleOpen(socket);
    else socket.data.fail(error);
  },
} as const;

/** One WebSocket client connection over a raw TCP socket, or over TLS on it. Made by `Connection.open`. */
export class Connection implements ControlSink {
  /** The subprotocol that the upgrade agreed on, "" for none; undefined before it. */
  protocol: string | undefined;
  /** Called for each pong, whose payload is a copy. */
  onPong: ((payload: Uint8Array) => void) | undefined;

  // Of thousands of connections each field counts: what only some need, or need for a time, is made for them.
  readonly #options: ConnectionOptions;
  /** Set while it has parsed a part of a frame or of a message, and behind the last frame. */
  #parser: FrameParser | undefined;
  /** What the socket did not take at once. */
  #unsent: ByteQueue | undefined;
  #opening: Opening | undefined;
  #ending: Ending | undefined;
  #onClose: ((info: CloseInfo) => void) | undefined;
  readonly #tap: ConnectionTap | undefined;
  #socket: ClientSocket | undefined;
  #sink: ConnectionSink;
  #closeSent = false;
  #ended = false;
  /** Writes to the socket in place of the runtime, while set, and knows it by this number. */
  #lentTo: SocketWriter | null = null;
  #lentAs = 0;

  /** Opens a connection. Rejects with HandshakeError, ProtocolError or the socket's error, and after the time limit. */
  static open(
    options: ConnectionOptions,
    sink: ConnectionSink,
    openTimeoutMs = options.openTimeoutMs ?? 10_000,
  ): Promise<Connection> {
    const connection = new Connection(options, sink);
    const { promise } = connection.#opening!;
    connection.#connect(openTimeoutMs);
    return promise;
  }

  private constructor(options: ConnectionOptions, sink: ConnectionSink) {
    this.#options = options;
    this.#tap = options.tap?.();
    this.#sink = sink;
    const key = randomKey();
    this.#opening = {
      ...Promise.withResolvers<Connection>(),
      reader: new UpgradeReader(options, key),
      request: upgradeRequest(options, key),
      timer: undefined,
    };
  }

  /** Resolves, and never rejects, when the socket is closed. */
  get closed(): Promise<CloseInfo> {
    const end = this.#end;
    if (end.closing === undefined) {
      end.closing = Promise.withResolvers<CloseInfo>();
      if (end.info !== undefined) end.closing.resolve(end.info);
    }
    return end.closing.promise;
  }

  /**
   * Calls `take` when the socket is closed, at once where it is; who calls this again takes its place. One function may watch thousands
   * of connections, for each of which `closed` would make a promise.
   */
  watch(take: (info: CloseInfo) => void): void {
    const info = this.#ending?.info;
    if (info === undefined) this.#onClose = take;
    else take(info);
  }

  get isClosed(): boolean {
    return this.#ending?.info !== undefined;
  }

  get sink(): ConnectionSink {
    return this.#sink;
  }

  /** Exchanged between measurements; takes effect with the next message. */
  set sink(sink: ConnectionSink) {
    this.#sink = sink;
    if (this.#parser !== undefined) this.#parser.sink = sink;
  }

  /** Bytes given to `write` or `send` that the socket has not taken yet. */
  get bufferedBytes(): number {
    return this.#unsent?.length ?? 0;
  }

  /** Both ends of the open socket. */
  get ends(): { readonly local: End; readonly remote: End } {
    const { localAddress = "", localPort = 0, remoteAddress = "", remotePort = 0 } = this.#socket ?? {};
    return {
      local: { address: localAddress, port: localPort },
      remote: { address: remoteAddress, port: remotePort },
    };
  }

  /** The socket's file descriptor; -1 before it is open. */
  get descriptor(): number {
    // Bun's sockets have it, and its types do not know it yet.
    return (this.#socket as { readonly fd?: number } | undefined)?.fd ?? -1;
  }

  get isOpen(): boolean {
    return this.protocol !== undefined && !this.#ended && !this.#closeSent;
  }

  /** Sends one message or control frame, with its own mask. For a hot loop, encode ahead and use `write`. */
  send(opcode: Opcode, payload: Uint8Array, bits?: FrameBits): void {
    const room =
      clientFrameBytes(payload.length) <= scratch.bytes.length ? scratch : frameRoom(payload.length);
    this.write(room.bytes, 0, writeClientFrame(room, 0, opcode, payload, randomMask(), bits));
  }

  sendText(text: string): void {
    if (text !== lastText) [lastText, lastBytes] = [text, Buffer.from(text)];
    this.send(opcodes.text, lastBytes);
  }

  /**
   * Writes `bytes[from, to)`, encoded client frames, in order. What the socket does not take is copied and goes
   * on at its drain, so the caller may use `bytes` again at once. Nothing is written once the connection closes.
   */
  write(bytes: Uint8Array, from: number, to: number): void {
    if (this.#ended || this.#closeSent) return;
    this.#tap?.sent(bytes, from, to);
    this.#enqueue(bytes, from, to);
  }

  /** Reads nothing until `resume`: what comes stays in the kernel's buffers, and then at the server. */
  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  /** Not over TLS: what is read and written are the frames themselves. */
  get isPlain(): boolean {
    return typeof this.#options.ca !== "string";
  }

  /**
   * Has `writer` write the socket of a plain connection and somebody read it instead of the runtime, until `giveBack`; gives its
   * descriptor. -1 where there is nothing to read any more, or not yet.
   */
  lend(writer: SocketWriter, lentAs: number): number {
    const { descriptor } = this;
    if (descriptor < 0 || !this.isOpen) return -1;
    this.#socket!.pause();
    this.#lentTo = writer;
    this.#lentAs = lentAs;
    return descriptor;
  }

  /** The runtime reads and writes the socket again. */
  giveBack(): void {
    if (this.#lentTo === null) return;
    this.#lentTo = null;
    this.#socket!.resume();
    this.handleDrain();
  }

  /** Not the runtime reads and writes its socket. */
  get isLent(): boolean {
    return this.#lentTo !== null && !this.#ended;
  }

  /** Begins the close handshake, and resolves when the socket is closed, within the time limit. */
  close(code = 1000, reason = ""): Promise<CloseInfo> {
    if (!this.#ended && !this.#closeSent) {
      if (this.protocol === undefined) this.terminate();
      else this.#sendClose(code, reason);
    }
    return this.closed;
  }

  /** Cuts the connection at once, without a close handshake. */
  terminate(): void {
    this.#ended = true;
    this.#socket?.terminate();
  }

  // What follows is called by the socket handlers and the parser.

  handleConnected(socket: ClientSocket): void {
    this.#socket = socket;
    if (this.#ended) socket.terminate();
  }

  handleOpen(socket: ClientSocket): void {
    this.#socket = socket;
    if (this.#ended) {
      socket.terminate();
      return;
    }
    socket.setNoDelay(true);
    const request = Buffer.from(this.#opening?.request ?? "", "latin1");
    this.#enqueue(request, 0, request.length);
  }

  handleData(chunk: Uint8Array): void {
    if (this.#ended) return;
    try {
      const frames = this.#opening === undefined ? chunk : this.#upgrade(this.#opening, chunk);
      if (frames === undefined || frames.length === 0) return;
      this.#tap?.received(frames);
      this.#sink.begin?.();
      const parser = this.#parser ?? this.#takeParser();
      parser.push(frames);
      this.#putBack(parser);
      this.#sink.end?.();
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** The same of frames that lie at the beginning of `buffer`, before `end`. */
  handleBytes(buffer: BufferView, end: number): void {
    if (this.#ended) return;
    try {
      this.#tap?.received(buffer.bytes.subarray(0, end));
      this.#sink.begin?.();
      const parser = this.#parser ?? this.#takeParser();
      parser.pushFrom(buffer, end);
      this.#putBack(parser);
      this.#sink.end?.();
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  handleDrain(): void {
    if (this.bufferedBytes > 0)
      this.#unsent?.drain((bytes, at, length) => this.#socketWrite(bytes, at, length));
    if (this.#ending?.endWhenSent === true && this.bufferedBytes === 0) this.#socket?.end();
  }

  handleClose(error?: Error): void {
    const end = this.#end;
    clearTimeout(end.timer);
    this.#ended = true;
    this.#unsent = undefined;
    this.#parser = undefined;
    end.error ??= error;
    const code = end.received?.code ?? 1006;
    const clean = end.received !== undefined && this.#closeSent && end.error === undefined;
    this.#opened()?.reject(end.error ?? new Error("the server closed the connection during the upgrade"));
    if (end.info !== undefined) return;
    end.info = { code, reason: end.received?.reason ?? "", clean, error: end.error };
    end.closing?.resolve(end.info);
    this.#onClose?.(end.info);
    this.#sink.lost?.();
  }

  /** Ends the connection for a local reason; a broken protocol rule is reported to the server first. */
  fail(error: Error): void {
    if (this.#ended) return;
    this.#end.error ??= error;
    if (error instanceof ProtocolError && this.protocol !== undefined && !this.#closeSent) {
      this.#sendClose(error.closeCode, error.message.slice(0, 120));
      this.#endAfterSending();
    } else {
      this.terminate();
    }
  }

  ping(payload: Uint8Array): void {
    if (!this.#closeSent) this.send(opcodes.pong, payload);
  }

  pong(payload: Uint8Array): void {
    this.onPong?.(payload);
  }

  closeFrame(code: number, reason: string): void {
    this.#end.received = { code, reason };
    // The server closes TCP first (RFC 6455 section 7.1.1); the timer bounds how long it may take.
    if (!this.#closeSent) this.#sendClose(code === 1005 ? undefined : code, "");
  }

  #connect(limit: number): void {
    this.#opening!.timer = setTimeout(() => {
      this.#end.error ??= new OpenTimeout(`the connection was not open after ${limit} ms`);
      this.terminate();
      this.handleClose();
    }, limit);
    const { host, port, localAddress, ca } = this.#options;
    // Bun takes a local address since 1.3 (its pull request 23464), and its types do not know it yet.
    const source = localAddress === undefined ? {} : { localAddress };
    const target = { hostname: host, port, data: this, ...source };
    // Bun's types know the bytes of a handler object only as Buffer, a Uint8Array too.
    const connecting =
      typeof ca === "string"
        ? Bun.connect<Connection>({ ...target, socket: tlsHandlers, tls: { ca } })
        : Bun.connect<Connection>({ ...target, socket: handlers });
    connecting.catch((error: Error) => this.handleClose(error));
  }

  /** Reads the upgrade's answer; gives the frame bytes behind it, or undefined while it is incomplete. */
  #upgrade({ reader }: Opening, chunk: Uint8Array): Uint8Array | undefined {
    const done = reader.push(chunk);
    if (done === undefined) return undefined;
    this.protocol = done.response.protocol;
    this.#opened()?.resolve(this);
    return chunk.subarray(done.rest);
  }

  /** The opening is over, well or not. Gives what waits for it, once. */
  #opened(): Opening | undefined {
    const opening = this.#opening;
    this.#opening = undefined;
    clearTimeout(opening?.timer);
    return opening;
  }

  /** Lets others use a parser that stands between two messages. */
  #putBack(parser: FrameParser): void {
    if (!parser.isIdle) return;
    this.#parser = undefined;
    parser.release();
    if (idleParsers.length < idleParsersMax) idleParsers.push(parser);
  }

  #takeParser(): FrameParser {
    const idle = idleParsers.pop();
    idle?.serve(this.#sink, this, this.#options);
    this.#parser = idle ?? new FrameParser(this.#sink, this, this.#options);
    return this.#parser;
  }

  get #end(): Ending {
    this.#ending ??= new Ending();
    return this.#ending;
  }

  #sendClose(code: number | undefined, reason: string): void {
    const payload = code === undefined ? Buffer.alloc(0) : Buffer.from(`\0\0${reason}`);
    if (code !== undefined) payload.writeUInt16BE(code, 0);
    this.send(opcodes.close, payload);
    this.#closeSent = true;
    this.#end.timer = setTimeout(() => this.terminate(), this.#options.closeTimeoutMs ?? 2_000);
  }

  #endAfterSending(): void {
    this.#end.endWhenSent = true;
    if (this.bufferedBytes === 0) this.#socket?.end();
  }

  #enqueue(bytes: Uint8Array, from: number, to: number): void {
    // Bytes that wait must stay ahead of these.
    const taken = this.bufferedBytes > 0 ? 0 : this.#socketWrite(bytes, from, to - from);
    if (from + taken === to) return;
    this.#unsent ??= new ByteQueue();
    this.#unsent.push(bytes, from + taken, to);
  }

  #socketWrite(bytes: Uint8Array, at: number, length: number): number {
    if (this.#lentTo !== null) return int32(Math.max(0, this.#lentTo.write(this.#lentAs, bytes, at, length)));
    // A closed socket answers -1; its close handler then reports the end.
    return int32(Math.max(0, this.#socket!.write(bytes, at, length)));
  }
}
