import type { RunEvent } from "../../schemas/event.ts";
import type { Progress } from "../api/run.ts";

/** How far a run has come, by its events. */
export class ProgressMeter {
  #rounds = 0;
  #expectedMs: number | null = null;
  /** When this part of the run began: a run that is resumed begins anew. */
  #beganMs: number | null = null;
  #round = -1;
  /** Round that this part began in, and when it and the one in hand did. */
  #firstRound = 0;
  #firstRoundMs = 0;
  #roundMs = 0;
  #candidate: string | null = null;
  #cell: string | null = null;
  #cleanMs = 0;
  #counted = 0;
  #discarded = 0;
  #failures = 0;
  #lastEvent = 0;

  see(event: RunEvent, id: number): void {
    this.#lastEvent = id;
    const atMs = Date.parse(event.at);
    switch (event.type) {
      case "run-started":
        this.#rounds = event.plan.rounds;
        this.#expectedMs = event.expectedMs ?? null;
        this.#begin(atMs);
        break;
      case "run-resumed":
        this.#expectedMs = null;
        this.#begin(atMs);
        break;
      case "server-started":
        this.#enter(event.round, atMs);
        break;
      case "ceiling-measured":
        this.#enter(event.round, atMs);
        break;
      case "window-finished":
        // Servers of a round live side by side: the one that was started last is not the one that is measured.
        this.#candidate = event.candidate;
        this.#cell = event.cell;
        if (event.counted) this.#counted += 1;
        else this.#discarded += 1;
        if (event.doubt === null) this.#cleanMs += event.measurement.windowMs;
        break;
      case "trial-failed":
        this.#failures += 1;
        break;
      default:
    }
  }

  /** As it stands at `nowMs`, by the clock that stamps events. */
  at(nowMs: number): Progress {
    return {
      round: this.#round + 1,
      rounds: this.#rounds,
      candidate: this.#candidate,
      cell: this.#cell,
      elapsedMs: this.#beganMs === null ? 0 : Math.max(0, nowMs - this.#beganMs),
      leftMs: this.#leftMs(nowMs),
      cleanMs: this.#cleanMs,
      windows: { counted: this.#counted, discarded: this.#discarded },
      failures: this.#failures,
      lastEvent: this.#lastEvent,
    };
  }

  #begin(atMs: number): void {
    this.#beganMs = atMs;
    this.#round = -1;
  }

  #enter(round: number, atMs: number): void {
    if (round === this.#round) return;
    if (this.#round < 0) {
      this.#firstRound = round;
      this.#firstRoundMs = atMs;
    }
    this.#round = round;
    this.#roundMs = atMs;
  }

  /** By the pace of the rounds that are over, and by the plan's own arithmetic before any is. */
  #leftMs(nowMs: number): number | null {
    if (this.#beganMs === null) return null;
    const over = this.#round - this.#firstRound;
    if (this.#round >= 0 && over > 0) {
      const pace = (this.#roundMs - this.#firstRoundMs) / over;
      return Math.max(0, pace * (this.#rounds - this.#round) - (nowMs - this.#roundMs));
    }
    return this.#expectedMs === null ? null : Math.max(0, this.#expectedMs - (nowMs - this.#beganMs));
  }
}
