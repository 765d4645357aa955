import type { EndingSignal } from "../process/children.ts";

/** The runner was interrupted before it had what a run needs: exit code 130. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";

  constructor(signal: EndingSignal) {
    super(`ended by the runner on ${signal}`);
  }
}
