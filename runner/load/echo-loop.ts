import type { LedgerTotals } from "../../schemas/load.ts";
import { type Clock, nowNs } from "./clock.ts";
import { collectWhilePreparing } from "./connect-all.ts";
import type { Connection } from "./connection.ts";
import { type Intake, withIntake } from "./direct.ts";
import { type EchoGroup, type EchoOptions, EchoPeer, TimeRoom } from "./echo-peer.ts";
import { Histogram } from "./histogram.ts";
import { emptyCounts } from "./ledger.ts";
import type { PayloadCheck } from "./payload.ts";
import { FrameRoom } from "./send-batch.ts";
import type { MessageShape } from "./shape.ts";
import { withTimeout } from "./timeout.ts";
import type { UnsolicitedMessages } from "./unsolicited.ts";

export interface EchoLoopOptions extends Omit<EchoOptions, "shape" | "check"> {
  /**
   * The message of each connection, distinct from the others' in its bytes: an echo that went to the wrong connection is then
   * corrupt, whatever its sequence.
   */
  readonly shapeOf: (connection: number) => MessageShape;
  /** How an echo of a shape is recognized; byte for byte unless given. */
  readonly checkOf?: (shape: MessageShape) => PayloadCheck;
}

export interface EchoResult {
  /** Messages sent, those of the lead included. */
  sent: number;
  /** Echoes that arrived intact within the window. */
  delivered: number;
  /** Echoes that arrived intact since the window opened, drained ones included. */
  arrived: number;
  /** Length of the window, in ns. */
  elapsedNs: number;
  /** Of every message sent, from the lead's first to those that drained after the window. */
  ledger: LedgerTotals;
  /** From just before the write to the chunk that brought the echo, for every message that arrived since the window opened. */
  latency: Histogram;
  /**
   * Mean time from the chunk that brought an echo to the send that it made room for, in ns; 0 where there was none. The echo is
   * back and the next is not yet on its way: time of each message's cycle that is no part of its latency.
   */
  turnaroundNsMean: number;
  /** No message was in flight any more when the drain ended. */
  drained: boolean;
}

/** What runs before a window opens. */
export interface EchoLead {
  readonly ms: number;
  /** Called when the window opens. */
  readonly onWindow: () => void;
}

/**
 * Closed loop: each connection keeps `window` messages in flight and sends the next when an echo returns. One loop may
 * run many times over the same open connections, whose sequences go on rising from run to run.
 */
export class EchoLoop {
  readonly #connections: readonly Connection[];
  readonly #peers: readonly EchoPeer[];
  readonly #clock: Clock;
  #onIdle: () => void = () => {};
  /** Peers before this one have nothing in flight since the run's end. */
  #idleBefore = 0;

  constructor(connections: readonly Connection[], { shapeOf, checkOf, ...options }: EchoLoopOptions) {
    this.#connections = connections;
    this.#clock = options.clock ?? nowNs;
    const group: EchoGroup = {
      room: new FrameRoom(),
      times: new TimeRoom(),
      onIdle: () => this.#idle(),
      isOthers: (peer, ...message) =>
        this.#peers.some((other) => other !== peer && other.sequenceOf(...message) >= 0),
    };
    this.#peers = connections.map((connection, index) => {
      const shape = shapeOf(index);
      const peerOptions = { ...options, shape, ...(checkOf === undefined ? {} : { check: checkOf(shape) }) };
      const peer = new EchoPeer(connection, peerOptions, group);
      connection.sink = peer;
      collectWhilePreparing(index + 1);
      return peer;
    });
  }

  /**
   * Runs for `windowMs` behind a lead, then waits at most `drainMs` for what is in flight. The window opens on a loop in full
   * swing: one that starts with it would lose the time of the first round trip, which is the longer the slower the server
   * is. A lost echo is a gap, and ends nothing.
   */
  async run(windowMs: number, drainMs: number, lead?: EchoLead): Promise<EchoResult> {
    const idle = Promise.withResolvers<void>();
    this.#onIdle = idle.resolve;
    this.#idleBefore = 0;
    const latency = new Histogram();
    const window = await withIntake(this.#connections, (intake) =>
      this.#window(intake, windowMs, latency, lead),
    );
    this.#idle();
    const drained = await withTimeout(drainMs, idle.promise);
    const sent = this.#sum((peer) => peer.sent);
    const arrived = this.#sum((peer) => peer.arrived);
    const { ledger } = this;
    return { ...window, sent, arrived, ledger, latency, drained };
  }

  /** The lead, and the window behind it. */
  async #window(intake: Intake, windowMs: number, latency: Histogram, lead: EchoLead | undefined) {
    const ofLead = lead === undefined ? latency : new Histogram();
    for (const peer of this.#peers) peer.start(ofLead);
    if (lead !== undefined) {
      await intake.during(lead.ms);
      lead.onWindow();
    }
    for (const peer of this.#peers) peer.mark(latency);
    const beganNs = this.#clock();
    await intake.during(windowMs);
    const elapsedNs = this.#clock() - beganNs;
    const turnaroundNsMean = this.#turnaroundNsMean();
    const delivered = this.#sum((peer) => peer.arrived);
    for (const peer of this.#peers) peer.stop();
    return { delivered, elapsedNs, turnaroundNsMean };
  }

  /** While set, it takes what is no echo: nobody may have asked for it. */
  set verifying(unasked: UnsolicitedMessages | null) {
    for (const peer of this.#peers) peer.verifying = unasked;
  }

  /** The account of the last run, with all that has come since it ended. */
  get ledger(): LedgerTotals {
    const ledger = emptyCounts();
    for (const peer of this.#peers) peer.settle(ledger);
    return ledger;
  }

  #turnaroundNsMean(): number {
    const sends = this.#sum((peer) => peer.turnarounds);
    return sends === 0 ? 0 : this.#sum((peer) => peer.turnaroundNs) / sends;
  }

  #sum(of: (peer: EchoPeer) => number): number {
    return this.#peers.reduce((sum, peer) => sum + of(peer), 0);
  }

  /** Each peer calls it, and none becomes busy again: to look at all of them each time would be work squared in the connections. */
  #idle(): void {
    while (this.#peers[this.#idleBefore]?.isIdle === true) this.#idleBefore += 1;
    if (this.#idleBefore === this.#peers.length) this.#onIdle();
  }
}
