import type { EndingSignal } from "../process/children.ts";

/** The runner was told to end before it had what a run needs: answered with exit code 130, and no fault of anybody's. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";

  constructor(signal: EndingSignal) {
    super(`ended by the runner on ${signal}`);
  }
}
