import type { Clock } from "./clock.ts";
import { type Intake, runtimeIntake } from "./direct.ts";
import { Histogram } from "./histogram.ts";

/** A schedule and what is done at its times. */
export interface PaceOptions {
  /** Intended send times from the start, in ns, never falling. */
  readonly intendedNs: Float64Array;
  /** When the measured window begins, from the start, in ns: what is intended before it is warm-up. */
  readonly windowAtNs: number;
  readonly clock: Clock;
  /** When the schedule begins, by the clock; a millisecond from now unless given. What it is late for goes out at once. */
  readonly startNs?: number;
  /** The clock's reading that all intended times count from. */
  readonly onStart: (startNs: number) => void;
  /** Called once, shortly before the window begins. What it takes, the first messages wait. */
  readonly onWindow?: () => void;
  /** Messages [from, to) are due. */
  readonly send: (from: number, to: number) => void;
  /** Takes in what comes; without it the runtime does, in every turn of its loop. */
  readonly intake?: Intake;
}

/** A gap from here on is noted with its time: it is a part of every latency that it lies in. */
const gapNs = 1e6;
const gapsMax = 256;

/**
 * When the generator's loop stood still: its own work, its wait for the core, and the machine's stalls. Notes are made within
 * the spin, so that there is room for a fixed number of them; those beyond it are left out.
 */
export class Gaps {
  readonly #fromNs = new Float64Array(gapsMax);
  readonly #toNs = new Float64Array(gapsMax);
  #count = 0;

  note(fromNs: number, toNs: number): void {
    if (toNs - fromNs < gapNs || this.#count === gapsMax) return;
    this.#fromNs[this.#count] = fromNs;
    this.#toNs[this.#count] = toNs;
    this.#count += 1;
  }

  /** How much of a stretch of time lies in gaps, in ns. */
  within(fromNs: number, toNs: number): number {
    let sum = 0;
    for (let i = 0; i < this.#count; i += 1) {
      sum += Math.max(0, Math.min(toNs, this.#toNs[i]!) - Math.max(fromNs, this.#fromNs[i]!));
    }
    return sum;
  }
}

export interface PaceResult {
  /** Send time less intended time of every message of the window: how far the generator was behind its schedule. */
  readonly lateness: Histogram;
  /** Gaps between two turns of the loop within the window: the stalls of this process and of the machine. */
  readonly hiccups: Histogram;
  /** The long ones of them, on the clock's own time; the drain's may be added. */
  readonly gaps: Gaps;
}

/** How long before the window the caller is called, and from now to a schedule's start. */
const aheadNs = 1e6;

/**
 * Sends by intended time. The loop spins, so that sockets are read between any two steps, and reads the clock once a
 * step; timers would be late by 0.6 ms at the median, the spin is by 0.1 µs, and by 1–2 where the runtime reads. A message is never sent before its time,
 * and one that is late goes out at once: the schedule does not wait for anybody (no coordinated omission).
 * Resolves when the last message is out. Rejects with what `send` throws.
 */
export async function pace(options: PaceOptions): Promise<PaceResult> {
  const { intendedNs, windowAtNs, clock, send, intake = runtimeIntake } = options;
  const lateness = new Histogram();
  const hiccups = new Histogram();
  const gaps = new Gaps();
  const startNs = options.startNs ?? clock() + aheadNs;
  let inWindow = false;
  let next = 0;
  let lastNs = startNs;
  options.onStart(startNs);

  const step = (): void => {
    if (!inWindow && clock() >= startNs + windowAtNs - aheadNs) {
      inWindow = true;
      options.onWindow?.();
      lastNs = clock();
    }
    const now = clock();
    if (inWindow) {
      hiccups.record(now - lastNs);
      gaps.note(lastNs, now);
    }
    lastNs = now;
    const elapsed = now - startNs;
    let to = next;
    while (to < intendedNs.length && intendedNs[to]! <= elapsed) {
      if (intendedNs[to]! >= windowAtNs) lateness.record(elapsed - intendedNs[to]!);
      to += 1;
    }
    if (to > next) send(next, to);
    next = to;
  };
  await intake.until(() => {
    step();
    return next === intendedNs.length;
  });
  return { lateness, hiccups, gaps };
}
