/** A message as a framework hands it over: text as a string or as its UTF-8 bytes, binary as bytes. */
export type Data = string | Buffer<ArrayBuffer>;

/** One accepted socket, seen through its framework's own calls. Each candidate implements it in a few lines. */
export interface Peer {
  /** Whether `send` is done with the bytes when it returns, so that the caller may overwrite them. */
  readonly copiesOnSend: boolean;
  /**
   * Sends one message. `flushed` is called once this message has left for the kernel, on runtimes that
   * report it per message; the others call `Session.drained` for the whole socket and ignore it.
   */
  send(data: Data, isText: boolean, flushed?: () => void): void;
  /** Bytes sent and not yet taken by the kernel. */
  bufferedBytes(): number;
  /** Runs `fill`, joining its sends into fewer writes where the runtime documents a way to. */
  batch(fill: () => void): void;
  /**
   * Runs `fill` and writes all that it sends at once, by the framework's own means or, where it has none, by those of the
   * socket below it. Absent where neither joins writes.
   */
  readonly coalesce?: (fill: () => void) => void;
  close(code: number, reason: string): void;
  /** Ends the connection at once, dropping what is unsent. */
  terminate(): void;
  /** The runtime's own topics; absent where it has none. */
  readonly topics?: Topics;
}

export interface Topics {
  join(topic: string): void;
  leave(topic: string): void;
  publish(topic: string, data: Data): void;
}

/** What a candidate's handlers call. `received` is not called for /echo, which each candidate answers itself. */
export interface Session {
  opened(peer: Peer): void;
  received(data: Data, isText: boolean): void;
  /** A text that the framework has parsed as JSON before its handler could see it. */
  parsed(value: unknown): void;
  /** The socket can take more; called only by runtimes that signal it per socket. */
  drained(): void;
  closed(): void;
}
