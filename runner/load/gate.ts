import type { Together } from "../../schemas/load.ts";
import { alignToMonotonic } from "../process/clock.ts";
import type { GoOn } from "../workloads/context.ts";
import { nowNs } from "./clock.ts";

/** Where a shard of one cell waits until all shards have come as far. */
export class Gate {
  /** Of the cell. */
  readonly id: string;
  #waiting: PromiseWithResolvers<GoOn> | null = null;
  #isGivenUp = false;

  constructor(id: string) {
    this.id = id;
  }

  /** Waits. `said` tells the runner so. Rejects where the cell is given up meanwhile. */
  wait(said: () => void): Promise<GoOn> {
    if (this.#isGivenUp) return Promise.reject(givenUp());
    const waiting = Promise.withResolvers<GoOn>();
    this.#waiting = waiting;
    said();
    return waiting.promise;
  }

  /** Lets it go on. A time is told by the machine's own clock, which all its processes share, and carried over to this process's. */
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
  giveUp(): void {
    this.#isGivenUp = true;
    this.#waiting?.reject(givenUp());
    this.#waiting = null;
  }
}

const givenUp = () => new Error("the cell was abandoned");
