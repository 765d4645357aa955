import {
  type ControlError,
  controlErrorCodes,
  type PushRequest,
  pushRequest,
} from "../../schemas/control.ts";
import type { ServerOptions } from "../../schemas/ready.ts";
import type { Connections } from "./connections.ts";
import { type Generator, generator } from "./generator.ts";
import type { Data, Peer, Session } from "./peer.ts";

/** Unsent bytes at which a push waits for the socket: enough to keep it busy, the same for every candidate. */
const highWaterBytes = 1024 * 1024;
/**
 * Time after which a push lets the event loop turn, so that other sockets are served meanwhile. It is a time and no
 * count of messages: other sockets then wait equally long whatever a message costs on a runtime, and the turn is as
 * small a share of the push on the fastest runtime as on the slowest.
 */
const sliceMs = 2;
/** Messages sent between two looks at the clock and at the room left. */
const runMessages = 64;

interface Job {
  readonly request: PushRequest;
  readonly next: Generator;
  readonly isText: boolean;
  /** Every message of a request has the same length, so that how many fit is known before they are made. */
  readonly messageBytes: number;
  sent: number;
}

/** /push: the server itself makes the messages, as fast as backpressure allows. Requests run one after another. */
export class PushSession implements Session {
  readonly #connections: Connections;
  readonly #highWaterBytes: number;
  readonly #jobs: Job[] = [];
  #peer: Peer | undefined;
  #scheduled = false;
  #waiting = false;
  readonly #clockMs: () => number;

  constructor(connections: Connections, options: ServerOptions, clockMs = () => performance.now()) {
    this.#connections = connections;
    this.#clockMs = clockMs;
    // Half the limit at most: the runtime itself may drop what passes the whole of it.
    this.#highWaterBytes = Math.min(highWaterBytes, options.backpressureLimitBytes / 2);
  }

  opened(peer: Peer): void {
    this.#peer = peer;
    this.#connections.add(peer);
  }

  received(data: Data): void {
    let value: unknown;
    try {
      value = JSON.parse(data.toString());
    } catch {
      this.#refuse(controlErrorCodes.invalidJson, "Invalid JSON: expected one JSON object");
      return;
    }
    this.parsed(value);
  }

  parsed(value: unknown): void {
    const peer = this.#peer;
    if (peer === undefined) return;
    const { data: request, error } = pushRequest.safeParse(value);
    if (error !== undefined) {
      const issue = error.issues[0]!;
      const path = issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
      this.#refuse(controlErrorCodes.invalidRequest, `Invalid request: ${path}${issue.message}`);
      return;
    }
    this.#jobs.push(jobOf(request, peer.copiesOnSend));
    this.#schedule();
  }

  readonly drained = (): void => {
    const peer = this.#peer;
    if (!this.#waiting || peer === undefined || peer.bufferedBytes() > this.#highWaterBytes / 2) return;
    this.#waiting = false;
    this.#schedule();
  };

  closed(): void {
    if (this.#peer !== undefined) this.#connections.delete(this.#peer);
    this.#peer = undefined;
    this.#jobs.length = 0;
  }

  #refuse(code: number, msg: string): void {
    const error: ControlError = { error: { code, msg }, id: null };
    this.#peer?.send(JSON.stringify(error), true);
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting) return;
    this.#scheduled = true;
    setImmediate(this.#slice);
  }

  readonly #slice = (): void => {
    this.#scheduled = false;
    this.#peer?.batch(this.#fill);
  };

  /** Sends for a slice's time, or until there is nothing more to send or no room for it. */
  readonly #fill = (): void => {
    const untilMs = this.#clockMs() + sliceMs;
    do {
      if (!this.#advance()) return;
    } while (this.#clockMs() < untilMs);
    this.#schedule();
  };

  /** Sends the next few messages of the oldest request, or what says that it is done; whether more can be sent now. */
  #advance(): boolean {
    const peer = this.#peer;
    const job = this.#jobs[0];
    if (peer === undefined || job === undefined) return false;
    const { count } = job.request;
    if (job.sent === count) {
      this.#jobs.shift();
      peer.send(done(count), true);
      return true;
    }
    const fitting = Math.floor((this.#highWaterBytes - peer.bufferedBytes()) / job.messageBytes);
    if (fitting < 1) return !this.#fills(peer, job.next(job.sent++), job.isText);
    const { next, isText } = job;
    const end = Math.min(count, job.sent + Math.min(fitting, runMessages));
    // A send may find out that its socket has closed.
    for (let n = job.sent; n < end && this.#peer === peer; n++) peer.send(next(n), isText);
    job.sent = end;
    return true;
  }

  /** Sends the message that fills the buffer with notice of its flush; whether there is something to wait for. */
  #fills(peer: Peer, data: Data, isText: boolean): boolean {
    peer.send(data, isText, this.drained);
    this.#waiting = peer.bufferedBytes() > this.#highWaterBytes / 2;
    return this.#waiting;
  }
}

function jobOf(request: PushRequest, copiesOnSend: boolean): Job {
  const next = generator(request, copiesOnSend);
  return { request, next, isText: request.codec === "json", messageBytes: next(0).length, sent: 0 };
}

function done(count: number): string {
  return JSON.stringify({ done: true, count });
}
