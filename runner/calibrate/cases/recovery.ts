import type { CalibrationRow } from "../../../schemas/calibration.ts";
import type { RecoveryCell } from "../../../schemas/workloads/recovery.ts";
import { CalibrationFailure } from "../calibrator.ts";
import type { Case } from "../case.ts";
import { check, exactly, plusMinus, show } from "../check.ts";
import { type ResumeHabit, thinEvery } from "../faults.ts";

const subscribers = 20;

/** No warm-up: the two messages that verify the cell are then all that comes before its window. */
const bookCell: RecoveryCell = {
  workload: "recovery",
  codec: "json",
  cause: "cut",
  subscribers,
  rateHz: 200,
  warmupMs: 0,
  windowMs: 600,
};
const verifying = 2;

/** How many subscribers must be found with a hole, and thinned; and whether all books come right again while the server goes on so. */
const answers: Readonly<
  Record<ResumeHabit, { does: string; missing: number; thinned: number; recovers: boolean }>
> = {
  keeps: {
    does: "sends each subscriber that comes back what it missed",
    missing: 0,
    thinned: 0,
    recovers: true,
  },
  "loses-one": {
    does: "leaves out one update for each subscriber that comes back",
    missing: subscribers,
    thinned: 0,
    recovers: true,
  },
  thins: {
    does: `keeps its sockets up and passes on one message in ${thinEvery}`,
    missing: subscribers,
    thinned: subscribers,
    recovers: false,
  },
};

function recoveryCase(habit: ResumeHabit): Case {
  const { does, missing, thinned, recovers } = answers[habit];
  return {
    id: `recovery-${habit}`,
    title: `server ${does}; ${subscribers} order books, all connections cut`,
    run: async (calibrator) => {
      const { recovery } = await calibrator.with("resume", [habit, verifying], (server) =>
        calibrator.measure(server, bookCell),
      );
      if (recovery === undefined) throw new CalibrationFailure("no book was taken");
      const rows: CalibrationRow[] = [
        check(
          "subscribers with a missing update",
          "count",
          missing,
          recovery.missing?.subscribers ?? 0,
          exactly,
        ),
        check("subscribers that noticed", "count", missing, recovery.noticed?.subscribers ?? 0, exactly),
        check(
          "subscribers with a thinned socket",
          "count",
          thinned,
          recovery.thinned?.subscribers ?? 0,
          exactly,
        ),
      ];
      if (thinned > 0) {
        const share = 1 - 1 / thinEvery;
        rows.push(check("share that never came", "ratio", share, recovery.thinned?.share, plusMinus(0.01)));
      }
      const right = recovery.bookNs.length;
      rows.push(
        recovers
          ? check("books right again", "count", subscribers, right, exactly)
          : show("books right again", "count", right),
      );
      return rows;
    },
  };
}

export const recoveryCases: readonly Case[] = (Object.keys(answers) as ResumeHabit[]).map(recoveryCase);
