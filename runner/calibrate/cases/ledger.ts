import { formatInteger } from "../../../reports/format.ts";
import type { CalibrationRow } from "../../../schemas/calibration.ts";
import type { LedgerTotals } from "../../../schemas/load.ts";
import type { FanoutCell } from "../../../schemas/workloads/fanout.ts";
import type { Server } from "../../process/supervise.ts";
import { leadMs } from "../../workloads/open-loop.ts";
import { verifyMessages } from "../../workloads/sides.ts";
import { CalibrationFailure, type Calibrator } from "../calibrator.ts";
import type { Case } from "../case.ts";
import { echoCell, openCell } from "../cells.ts";
import { check, exactly } from "../check.ts";
import { expectedLedger, type FaultKind, faultKinds, faultsBetween } from "../faults.ts";

const every = 10_000;
/** 800 messages of lead, so that no fault falls there, and 40,000 that count; no warm-up, whose flood nobody has counted. */
const open = openCell(40_000, 1_000, 0);

/** A server that mistreats one message in 10,000: the ledger must count exactly that, and nothing else. */
export function ledgerCases(): Case[] {
  return faultKinds.flatMap((fault) => [openLoopCase(fault, every, open), closedLoopCase(fault)]);
}

const does: Readonly<Record<FaultKind, string>> = {
  drop: "drops",
  double: "doubles",
  swap: "swaps (with its neighbour)",
  corrupt: "corrupts",
};

/** One message in `one` meets the fault; none of the warm-up of `cell` may, since a corrupt message has no sequence that could show it. */
export function openLoopCase(fault: FaultKind, one: number, cell: FanoutCell): Case {
  return {
    id: `ledger-${fault}-open`,
    title: `server ${does[fault]} one message in ${formatInteger(one)}; open loop, ${formatInteger(dueIn(cell))} messages`,
    run: (calibrator) =>
      calibrator.with("faulty", [fault, one], async (server) => {
        const { ledger } = await calibrator.measure(server, cell);
        const before = verifyMessages + Math.ceil((leadMs * cell.rateHz) / 1e3);
        const due = dueIn(cell);
        return rowsOf(expectedLedger(fault, due, faultsBetween(before, before + due, one)), ledger);
      }),
  };
}

function dueIn({ windowMs, rateHz }: FanoutCell): number {
  return Math.round((windowMs * rateHz) / 1e3);
}

/** Lengths of a closed loop's window, tried in turn until one meets a fault: a right answer of zero would prove nothing. */
const windowsMs = [400, 2_000, 6_000];

/**
 * A closed loop sends as many as it can, so the server reports how many came: all but the few that verified the cell were due. A
 * fault among those fails the trial, as it would a candidate's.
 */
function closedLoopCase(fault: FaultKind): Case {
  return {
    id: `ledger-${fault}-closed`,
    title: `server ${does[fault]} one message in 10,000; closed loop`,
    run: async (calibrator) => {
      for (const windowMs of windowsMs) {
        const { ledger, verified, messages } = await calibrator.with("faulty", [fault, every], (server) =>
          measureClosed(calibrator, server, windowMs),
        );
        const faults = faultsBetween(verified, messages, every);
        if (faults > 0) return closedRows(expectedLedger(fault, messages - verified, faults), ledger);
      }
      throw new CalibrationFailure(`no window of up to ${windowsMs.at(-1)} ms had a fault`);
    },
  };
}

async function measureClosed(
  calibrator: Calibrator,
  server: Server,
  windowMs: number,
): Promise<{ ledger: LedgerTotals; verified: number; messages: number }> {
  const { ledger, sentBefore } = await calibrator.measure(server, echoCell(1, 16, windowMs, 0));
  if (sentBefore === undefined)
    throw new CalibrationFailure("the closed loop reported no verification messages");
  const { messages } = await calibrator.tally(server);
  return { ledger, verified: sentBefore, messages };
}

/** What was due is the server's count, which the ledger's own has to be. */
export function closedRows(expected: LedgerTotals, counted: LedgerTotals): CalibrationRow[] {
  const due = check("due, by the server's count", "count", expected.due, counted.due, exactly);
  return [due, ...rowsOf(expected, counted)];
}

function rowsOf(expected: LedgerTotals, counted: LedgerTotals): CalibrationRow[] {
  const names = ["delivered", "gaps", "duplicates", "reorders", "corrupt"] as const;
  return names.map((name) => check(name, "count", expected[name], counted[name], exactly));
}
