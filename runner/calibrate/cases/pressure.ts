import type { CalibrationRow } from "../../../schemas/calibration.ts";
import type { Measurement } from "../../../schemas/load.ts";
import { type PolicyDeviation, policyDeviations } from "../../../schemas/pressure.ts";
import type { FloodCell } from "../../../schemas/workloads/flood.ts";
import type { SlowConsumerCell } from "../../../schemas/workloads/slow-consumer.ts";
import { floodedOf, policyOf } from "../../analysis/pressure.ts";
import { CalibrationFailure } from "../calibrator.ts";
import type { Case } from "../case.ts";
import { check, exactly, show, verdictOf, within } from "../check.ts";
import { type QueueHabit, type SlowHabitName, slowLimitBytes } from "../faults.ts";

/** 24 MB within the stop: the limit, and far more than the kernel's buffers take. */
export const slowCell: SlowConsumerCell = {
  workload: "slow-consumer",
  codec: "json",
  broadcast: "send",
  subscribers: 10,
  slow: 1,
  rateHz: 900,
  bookBytes: 20_000,
  warmupMs: 20,
  windowMs: 3_600,
};

/** What has to be found, and whether the policy strikes at all. */
const slowAnswers: Readonly<
  Record<SlowHabitName, { does: string; deviations: readonly PolicyDeviation[]; strikes: boolean }>
> = {
  cuts: { does: "cuts who does not read, as it says", deviations: [], strikes: true },
  conflates: { does: "conflates for who does not read, as it says", deviations: [], strikes: true },
  "drops-instead": {
    does: "drops messages though it says that it disconnects",
    deviations: ["never-disconnected", "wrong-content"],
    strikes: false,
  },
  hoards: {
    does: "keeps everything though it says that it disconnects",
    deviations: ["never-disconnected"],
    strikes: false,
  },
  "conflates-oldest": {
    does: "conflates and keeps the oldest quote",
    deviations: ["wrong-content"],
    strikes: true,
  },
};

function slowCase(habit: SlowHabitName): Case {
  return {
    id: `slow-${habit}`,
    title: `server ${slowAnswers[habit].does}; 1 of ${slowCell.subscribers} subscribers does not read`,
    run: (calibrator) =>
      calibrator.with("slow", [habit], async (server) => {
        let rows = slowRows(habit, await calibrator.measure(server, slowCell));
        for (let tries = 1; tries < triesMax && verdictOf(rows) === "fail"; tries += 1) {
          rows = slowRows(habit, await calibrator.measure(server, slowCell));
        }
        return rows;
      }),
  };
}

/** A machine that stands still for long fills the queue of a subscriber that reads. A habit shows each time. */
const triesMax = 3;

/** Every deviation that is to be found is found, and no other; where the policy strikes, at the declared number of bytes. */
function slowRows(habit: SlowHabitName, measurement: Measurement): CalibrationRow[] {
  const { deviations, strikes } = slowAnswers[habit];
  // A calibration may share its machine: what the others wait is shown and proves nothing here.
  const found = policyOf([{ measurement, doubt: {} }]);
  if (found === undefined) throw new CalibrationFailure("nobody stopped reading");
  const kinds = policyDeviations.map((kind) => {
    const windows = found.deviations.find((one) => one.kind === kind)?.windows ?? 0;
    return check(kind, "count", deviations.includes(kind) ? 1 : 0, windows, exactly);
  });
  const struck = check(
    "subscribers that the policy was applied to",
    "count",
    strikes ? 1 : 0,
    found.struck,
    exactly,
  );
  if (!strikes) return [...kinds, struck];
  const bytes = measurement.stopped?.subscribers[0]?.queuedBytes ?? null;
  // A cut is dated by two looks: the declared limit has to lie between what they saw, or near.
  const share =
    bytes === null ? undefined : Math.min(bytes.high, Math.max(bytes.low, slowLimitBytes)) / slowLimitBytes;
  const held = check("bytes held when it was applied ÷ declared limit", "ratio", 1, share, within(0.1));
  return [...kinds, struck, held];
}

const floodCell: FloodCell = {
  workload: "flood",
  codec: "json",
  broadcast: "send",
  subscribers: 10,
  times: 8,
  warmupMs: 20,
  windowMs: 300,
};
/** Few enough that all of the flood can be taken in, and have come out before the drain's time is over. */
const passesOnHz = 2_000;

const floodAnswers = {
  keeps: { does: "keeps what it cannot pass on", lost: 0, backPressure: "buffers" },
  sheds: { does: "loses what it cannot pass on", lost: 1, backPressure: "sheds" },
} as const;

function floodCase(habit: QueueHabit): Case {
  const { does, lost, backPressure } = floodAnswers[habit];
  return {
    id: `flood-${habit}`,
    title: `server ${does}; a flood of ${floodCell.times} × that`,
    run: async (calibrator) => {
      const measurement = await calibrator.with("queue", [habit, passesOnHz], (server) =>
        calibrator.measure(server, floodCell),
      );
      const found = floodedOf([{ measurement, doubt: null }]);
      if (found === undefined) throw new CalibrationFailure("there was no flood");
      return [
        check(
          `back-pressure reads "${backPressure}"`,
          "count",
          1,
          found.backPressure === backPressure ? 1 : 0,
          exactly,
        ),
        check("messages are lost", "count", lost, Math.min(1, found.lost), exactly),
        show("accepted", "count", found.accepted),
      ];
    },
  };
}

export const slowCases: readonly Case[] = (Object.keys(slowAnswers) as SlowHabitName[]).map(slowCase);
export const floodCases: readonly Case[] = (Object.keys(floodAnswers) as QueueHabit[]).map(floodCase);
