import type { Data, Peer, Topics } from "./peer.ts";

/** A peer without a socket, for tests: it records what it is told and buffers what a test says. */
export class FakePeer implements Peer {
  readonly copiesOnSend = false;
  readonly sent: Data[] = [];
  readonly topics: Topics;
  readonly joined = new Set<string>();
  readonly published: [string, Data][] = [];
  terminated = false;
  closedWith: [number, string] | undefined;
  /** Bytes that the other side has not taken. */
  buffered = 0;
  /** Whether sends stay in the buffer. */
  stuck = false;
  readonly #flushes: (() => void)[] = [];

  constructor() {
    this.topics = {
      join: (topic) => void this.joined.add(topic),
      leave: (topic) => void this.joined.delete(topic),
      publish: (topic, data) => void this.published.push([topic, data]),
    };
  }

  send(data: Data, _isText: boolean, flushed?: () => void): void {
    this.sent.push(data);
    if (this.stuck) this.buffered += data.length;
    if (flushed !== undefined) this.#flushes.push(flushed);
  }

  bufferedBytes(): number {
    return this.buffered;
  }

  batch(fill: () => void): void {
    fill();
  }

  close(code: number, reason: string): void {
    this.closedWith = [code, reason];
  }

  terminate(): void {
    this.terminated = true;
  }

  /** The other side takes all there is: every send that asked for notice gets it. */
  flush(): void {
    this.stuck = false;
    this.buffered = 0;
    for (const flushed of this.#flushes.splice(0)) flushed();
  }
}
