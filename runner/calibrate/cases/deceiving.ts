import type { CalibrationRow } from "../../../schemas/calibration.ts";
import type { CellSpec } from "../../../schemas/cell.ts";
import type { LedgerTotals } from "../../../schemas/load.ts";
import { sumCounts } from "../../load/ledger.ts";
import { depths } from "../../plan/depth.ts";
import { profileCells } from "../../plan/profile.ts";
import { CalibrationFailure, type Calibrator } from "../calibrator.ts";
import type { Case } from "../case.ts";
import { check, exactly, show } from "../check.ts";
import { type FaultKind, faultsBetween } from "../faults.ts";

// Measured with the cells of the profile that users run, in its windows and behind its warm-up, and not in longer ones.

const every = 200;
const cells = profileCells(depths.standard, {
  source: "synthetic",
  preset: "flat",
  seed: 1,
  rate: 1,
  meanHz: 1_000,
}).map(({ spec }) => spec);

/** The first cell of the standard profile in JSON of a workload. */
function cellOf<W extends CellSpec["workload"]>(workload: W): Extract<CellSpec, { workload: W }> {
  const found = cells.find(
    (spec): spec is Extract<CellSpec, { workload: W }> => spec.workload === workload && spec.codec === "json",
  );
  if (found === undefined) throw new Error(`the standard profile has no ${workload}`);
  return found;
}

const feed = cellOf("feed");

/** Everything that was sent, and what the server says that it was given. */
async function accountOf(
  calibrator: Calibrator,
  program: "faulty" | "deceiving",
  args: readonly (string | number)[],
): Promise<{ whole: LedgerTotals; messages: number }> {
  return calibrator.with(program, args, async (server) => {
    const { ledger, warmUp } = await calibrator.measure(server, feed);
    const { messages } = await calibrator.tally(server);
    return { whole: sumCounts([ledger, ...(warmUp === undefined ? [] : [warmUp])]), messages };
  });
}

/** Every message that the server was given must be in the account, verifying, flood and lead included. */
function dueRow(messages: number, { due }: LedgerTotals): CalibrationRow {
  return check(
    "due, by the server's count × subscribers",
    "count",
    messages * feed.subscribers,
    due,
    exactly,
  );
}

/** Losses at one subscriber alone, wherever they fall: nearly all of them fall into the flood. */
const lossAtOne: Case = {
  id: "loss-at-one",
  title: `server loses one message in ${every} at one of ${feed.subscribers} subscribers; the standard feed, its warm-up included`,
  run: async (calibrator) => {
    const { whole, messages } = await accountOf(calibrator, "deceiving", ["lose-at-one", every]);
    const faults = faultsBetween(0, messages, every);
    return [
      dueRow(messages, whole),
      check("gaps, warm-up included", "count", faults, whole.gaps, exactly),
      check("duplicates and reorders", "count", 0, whole.duplicates + whole.reorders, exactly),
    ];
  },
};

function disorder(fault: FaultKind & ("double" | "swap"), field: "duplicates" | "reorders"): Case {
  return {
    id: `feed-${fault}`,
    title: `server ${fault}s one message in ${every}; the standard feed, its warm-up included`,
    run: async (calibrator) => {
      const { whole, messages } = await accountOf(calibrator, "faulty", [fault, every]);
      // One that is held back for a neighbour that never comes is lost.
      const held = fault === "swap" && messages % every === 0 ? 1 : 0;
      const faults = faultsBetween(0, messages, every) - held;
      return [
        dueRow(messages, whole),
        check(field, "count", faults * feed.subscribers, whole[field], exactly),
        check("gaps", "count", held * feed.subscribers, whole.gaps, exactly),
      ];
    },
  };
}

/**
 * Each message is sent on once, nearly always before it comes: it is then no delivery, and else one in its time. Two guesses
 * stand for nothing, at the end of the flood and of the schedule.
 */
const early: Case = {
  id: "early",
  title: "server sends each message before it receives it; the standard fan-out, its warm-up included",
  run: (calibrator) =>
    calibrator.with("deceiving", ["early", 4], async (server) => {
      const fanout = cellOf("fanout");
      const { ledger, warmUp, histograms } = await calibrator.measure(server, fanout);
      const whole = sumCounts([ledger, ...(warmUp === undefined ? [] : [warmUp])]);
      const expected = whole.due + 2 * fanout.subscribers;
      const { latency } = histograms;
      const withoutLatency = latency !== null && latency.minNs <= 0 ? 1 : 0;
      return [
        check(
          "delivered, or counted as corrupt",
          "count",
          expected,
          whole.delivered + whole.corrupt,
          exactly,
        ),
        show("arrived before sent, in the window", "count", ledger.corruptBy?.early ?? 0),
        check("latencies of 0 or below", "count", 0, withoutLatency, exactly),
      ];
    }),
};

/** A push is refused by its first message. */
function refusedPush(deception: "short-push" | "blank-push", what: string): Case {
  return {
    id: deception,
    title: `server answers a push with ${what}; the standard push`,
    run: async (calibrator) => {
      const refused = await calibrator.with("deceiving", [deception], (server) =>
        calibrator.measure(server, cellOf("push")).then(
          () => 0,
          (error: unknown) => {
            if (error instanceof CalibrationFailure && error.code === "not-intact") return 1;
            throw error;
          },
        ),
      );
      return [check("trials refused as not intact", "count", 1, refused, exactly)];
    },
  };
}

export const deceivingCases: readonly Case[] = [
  lossAtOne,
  disorder("double", "duplicates"),
  disorder("swap", "reorders"),
  early,
  refusedPush("short-push", "16 bytes where 146 were asked for"),
  refusedPush("blank-push", "146 bytes that are no market message"),
];
