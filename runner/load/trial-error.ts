import type { FailureCode, LedgerTotals } from "../../schemas/load.ts";
import { visible } from "../../schemas/visible.ts";

/** Why a trial cannot go on, with its code, and the account that shows it where one does. */
export class TrialError extends Error {
  override readonly name = "TrialError";
  readonly code: FailureCode;
  readonly ledger: LedgerTotals | undefined;

  constructor(code: FailureCode, message: string, ledger?: LedgerTotals) {
    super(visible(message));
    this.code = code;
    this.ledger = ledger;
  }
}
