import type { SlowConsumerPolicy } from "../../schemas/ready.ts";
import type { Codec } from "./admission.ts";
import type { Data, Peer } from "./peer.ts";
import type { Kept } from "./replay.ts";

interface Owed {
  readonly stream: string;
  readonly data: Data;
  readonly isText: boolean;
}

interface Held {
  readonly data: Data;
  readonly isText: boolean;
}

/** Best-bid-ask streams: only the newest quote of a symbol is worth having. */
const conflatable = /@(bookTicker|bestBidAsk)$/;

/** Replies kept for a subscriber that does not read them. */
const replyLimit = 64;

/**
 * One subscriber of /feed and what it is owed. Below the limit every message is sent. At the limit the policy
 * rules: `disconnect` ends the connection, `drop` skips the message, `conflate` keeps the newest best-bid-ask of
 * each symbol until there is room again and skips the rest.
 */
export class Subscriber {
  readonly codec: Codec;
  readonly streams = new Set<string>();
  readonly #peer: Peer;
  readonly #policy: SlowConsumerPolicy;
  readonly #limitBytes: number;
  readonly #held = new Map<string, Held>();
  readonly #replies: string[] = [];
  /** Messages of this turn that wait for its end. */
  #turn: Owed[] = [];
  /** The sends that a flush joins. Kept, so that a turn makes no closure for each of its subscribers. */
  readonly #sendTurn = (): void => {
    const owed = this.#turn;
    this.#turn = [];
    for (const { stream, data, isText } of owed) {
      if (this.#ended) return;
      this.#deliver(stream, data, isText);
    }
  };
  #ended = false;

  constructor(peer: Peer, codec: Codec, policy: SlowConsumerPolicy, limitBytes: number) {
    this.#peer = peer;
    this.codec = codec;
    this.#policy = policy;
    this.#limitBytes = limitBytes;
  }

  /** Sends a message of `stream`, or does with it what the policy says. */
  deliver(stream: string, data: Data, isText: boolean): void {
    this.flush();
    this.#deliver(stream, data, isText);
  }

  /** Sends what it has missed, in as few writes as the peer can. */
  replay(missed: readonly Kept[]): void {
    if (missed.length === 0) return;
    this.#peer.batch(() => {
      for (const { stream, data, isText } of missed) {
        if (this.#ended) return;
        this.#deliver(stream, data, isText);
      }
    });
  }

  /** Keeps a message of `stream` for the turn's end. True for the first of a turn: then somebody has to `flush`. */
  defer(stream: string, data: Data, isText: boolean): boolean {
    return this.#turn.push({ stream, data, isText }) === 1;
  }

  /** Delivers what was deferred, in as few writes as the peer can. */
  flush(): void {
    if (this.#turn.length === 0) return;
    if (this.#peer.coalesce === undefined) this.#sendTurn();
    else this.#peer.coalesce(this.#sendTurn);
  }

  /** The socket has closed: what was deferred is owed to nobody. */
  end(): void {
    this.#ended = true;
    this.#turn = [];
  }

  #deliver(stream: string, data: Data, isText: boolean): void {
    if (this.#held.size > 0 || this.#replies.length > 0) this.drained();
    const buffered = this.#peer.bufferedBytes();
    if (buffered < this.#limitBytes) this.#send(data, isText, buffered);
    else if (this.#policy === "disconnect") this.#terminate();
    else if (this.#policy === "conflate" && conflatable.test(stream))
      this.#held.set(stream, { data, isText });
  }

  /**
   * Sends a control reply, or keeps it until there is room: a runtime may drop what passes the limit, and a reply
   * is due whatever the policy. A client that asks on and on without reading is cut off.
   */
  reply(text: string): void {
    this.flush();
    if (this.#replies.push(text) > replyLimit) this.#terminate();
    else this.drained();
  }

  /** Sends what was held back, replies first, as far as there is room. */
  readonly drained = (): void => {
    let buffered = this.#peer.bufferedBytes();
    while (this.#replies.length > 0 && buffered < this.#limitBytes) {
      this.#send(this.#replies.shift()!, true, buffered);
      buffered = this.#peer.bufferedBytes();
    }
    for (const [stream, { data, isText }] of this.#held) {
      if (buffered >= this.#limitBytes) return;
      this.#held.delete(stream);
      this.#send(data, isText, buffered);
      buffered = this.#peer.bufferedBytes();
    }
  };

  join(topic: string): void {
    this.#peer.topics?.join(topic);
  }

  leave(topic: string): void {
    this.#peer.topics?.leave(topic);
  }

  #terminate(): void {
    this.end();
    this.#peer.terminate();
  }

  /** The message that may fill the buffer asks for notice, so that something wakes us when there is room. */
  #send(data: Data, isText: boolean, buffered: number): void {
    if (buffered + mostBytes(data) < this.#limitBytes) this.#peer.send(data, isText);
    else this.#peer.send(data, isText, this.drained);
  }
}

/** What a message takes at most: the longest frame header, and three bytes of UTF-8 for each UTF-16 unit. */
function mostBytes(data: Data): number {
  return 10 + (typeof data === "string" ? 3 * data.length : data.length);
}
