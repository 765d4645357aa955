import type { EarlyEnd } from "../../schemas/load.ts";
import type { CloseInfo, Connection } from "./connection.ts";

/** Watches connections for those that end before they are meant to, and keeps how the first one did. */
export class EarlyCloseWatch {
  #connections = 0;
  #first: CloseInfo | undefined;

  constructor(connections: readonly Connection[]) {
    const take = (info: CloseInfo): void => {
      this.#first ??= info;
      this.#connections += 1;
    };
    for (const connection of connections) connection.watch(take);
  }

  /** Those that have ended up to now; undefined where none has. */
  get soFar(): EarlyEnd | undefined {
    if (this.#first === undefined) return undefined;
    const { code, reason, error } = this.#first;
    return { connections: this.#connections, code, reason: reason === "" ? (error?.message ?? "") : reason };
  }
}
