import type { Together } from "../../schemas/load.ts";
import { alignToMonotonic } from "../process/clock.ts";
import type { GoOn } from "../workloads/context.ts";
import { nowNs } from "./clock.ts";

/** Where a shard of one cell waits until all shards have come as far. */
export class Gate {
  #waiting: PromiseWithResolvers<GoOn> | null = null;
  #givenUp: Abandoned | null = null;

  /** Waits. `said` reports it to the runner. Rejects where the cell is given up meanwhile. */
  wait(said: () => void): Promise<GoOn> {
    if (this.#givenUp !== null) return Promise.reject(this.#givenUp);
    const waiting = Promise.withResolvers<GoOn>();
    this.#waiting = waiting;
    said();
    return waiting.promise;
  }

  /** Lets it go on. A time is given on the machine's clock, which all its processes share, and converted to this process's. */
  open({ startAtNs, clockBoundNs, warmUpSent }: Together): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (startAtNs === null) {
      waiting?.resolve({ startNs: nowNs(), clockBoundNs, warmUpSent });
      return;
    }
    const aligned = alignToMonotonic(nowNs);
    if (aligned === null) waiting?.reject(new Error("this system has no clock that its processes share"));
    else {
      const { offsetNs, uncertaintyNs } = aligned;
      waiting?.resolve({
        startNs: startAtNs - offsetNs,
        clockBoundNs: clockBoundNs + uncertaintyNs,
        warmUpSent,
      });
    }
  }

  /** Ends the wait of a cell that the runner has given up, and every further one. */
  giveUp(why: Abandoned): void {
    this.#givenUp = why;
    this.#waiting?.reject(why);
    this.#waiting = null;
  }
}

/** The runner has given a cell up; `why` is what it did in place of letting it go on. */
export class Abandoned extends Error {
  override readonly name = "Abandoned";

  constructor(why: string) {
    super(`the cell was abandoned: ${why}`);
  }
}
