import type { CalibrationRow } from "../../../schemas/calibration.ts";
import type { Measurement } from "../../../schemas/load.ts";
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

/** The rows that every answer has, of a window in which the books were taken. */
function rowsOf(habit: ResumeHabit, { recovery }: Measurement): CalibrationRow[] {
  const { missing, thinned, recovers } = answers[habit];
  if (recovery === undefined) throw new CalibrationFailure("no book was taken");
  const count = (figure: string, expected: number, found: number) =>
    check(figure, "count", expected, found, exactly);
  const rows = [
    count("subscribers with a missing update", missing, recovery.missing?.subscribers ?? 0),
    count("subscribers that noticed", missing, recovery.noticed?.subscribers ?? 0),
    count("subscribers with a thinned socket", thinned, recovery.thinned?.subscribers ?? 0),
  ];
  if (thinned > 0) {
    const share = 1 - 1 / thinEvery;
    rows.push(check("share that never came", "ratio", share, recovery.thinned?.share, plusMinus(0.01)));
  }
  const right = recovery.bookNs.length;
  rows.push(
    recovers ? count("books right again", subscribers, right) : show("books right again", "count", right),
  );
  return rows;
}

const cutCase = (habit: ResumeHabit): Case => ({
  id: `recovery-${habit}`,
  title: `server ${answers[habit].does}; ${subscribers} order books, all connections cut`,
  run: async (calibrator) =>
    rowsOf(
      habit,
      await calibrator.with("resume", [habit, verifying], (server) => calibrator.measure(server, bookCell)),
    ),
});

/** In SBE, so that both codecs have their known answer. A server that was started again has kept nothing. */
const restartCase = (habit: "keeps" | "loses-one"): Case => ({
  id: `recovery-restart-${habit}`,
  title: `server ${answers[habit].does}; ${subscribers} SBE order books, the server restarted`,
  run: async (calibrator) => {
    const cell: RecoveryCell = { ...bookCell, codec: "sbe", cause: "restart" };
    const measured = await calibrator.measureRestarted("resume", [habit, verifying], cell);
    const { restart, bookNs = [], unsent = 0 } = measured.recovery ?? {};
    const { stopNs = 0, startNs = 0 } = restart ?? {};
    const soon = bookNs.filter((ns) => ns < stopNs + startNs).length;
    return [
      ...rowsOf(habit, measured),
      check("books right while no server was there", "count", 0, soon, exactly),
      show("updates that fell due meanwhile, and left for nobody", "count", unsent),
      show("from SIGTERM until it was ready again", "ns", stopNs + startNs),
    ];
  },
});

export const recoveryCases: readonly Case[] = [
  ...(Object.keys(answers) as ResumeHabit[]).map(cutCase),
  restartCase("keeps"),
  restartCase("loses-one"),
];
