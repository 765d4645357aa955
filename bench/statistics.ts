/**
 * Prints, as Markdown, the simulations that docs/statistics.md rests on. One argument: repetitions per figure
 * (5,000 unless told). Seeded: the same number prints the same tables.
 */
import { createRandom } from "../stats/random.ts";
import { medianCoverage, ratioCoverage, robustCoverage, unequalNoise } from "../stats/simulation/coverage.ts";
import { familyWiseError, power } from "../stats/simulation/family.ts";
import { flooredFixedRounds, flooredRounds } from "../stats/simulation/floored.ts";
import { logNormalNoise, noiseModels } from "../stats/simulation/noises.ts";
import type { Share } from "../stats/simulation/share.ts";
import {
  fixedRounds,
  ratioNoisePct,
  type StoppingSetup,
  sequentialError,
  sequentialMiss,
  sequentialRounds,
} from "../stats/simulation/stopping.ts";
import { falseAlarms } from "../stats/simulation/warnings.ts";

const repetitions = Number(process.argv[2] ?? 5_000);
if (!Number.isInteger(repetitions) || repetitions < 100) {
  console.error(`repetitions: must be a whole number of at least 100, got ${process.argv[2]}; e.g. 5000`);
  process.exit(2);
}
const size = 0.1;
/** For the figures whose every repetition is a whole run. */
const fewer = Math.ceil(repetitions / 10);

function pct({ share, low, high }: Share): string {
  return `${(100 * share).toFixed(1)} (${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)})`;
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  console.log(
    `\n### ${title}\n\n${line(head)}\n${line(head.map(() => "---"))}\n${rows.map(line).join("\n")}`,
  );
}

function coverageTable(): void {
  const random = createRandom(1);
  const rows = noiseModels.flatMap((model) =>
    [2, 3, 5, 6, 10, 30, 100].map((rounds) => {
      const setup = { model, size, rounds, repetitions };
      const median = rounds < 3 ? "none" : pct(medianCoverage(random, setup));
      const robust = rounds < 6 ? "none" : pct(robustCoverage(random, setup));
      return [model.name, `${rounds}`, median, pct(ratioCoverage(random, setup)), robust];
    }),
  );
  table(
    "Coverage of 95 % intervals, %",
    ["noise, 10 %", "rounds", "median", "ratio (t)", "ratio (Hodges–Lehmann)"],
    rows,
  );
}

function unequalTable(): void {
  const random = createRandom(2);
  const rows = noiseModels.map((model) => [
    model.name,
    ...[10, 30, 100].flatMap((rounds) => {
      const { covered, objected } = unequalNoise(random, { model, size, rounds, repetitions });
      return [pct(covered), (100 * objected.share).toFixed(0)];
    }),
  ]);
  table(
    "Coverage of the ratio's interval where one side alone is noisy, %, and how often Shapiro–Wilk objects",
    ["noise of that side", "10 rounds", "objects", "30 rounds", "objects", "100 rounds", "objects"],
    rows,
  );
}

function familyTable(): void {
  const random = createRandom(3);
  const rows = noiseModels.flatMap((model) =>
    [10, 30].map((rounds) => {
      const setup = { model, size, rounds, repetitions, cells: 20, candidates: 3 };
      const { holm, verdict } = familyWiseError(random, setup);
      const powers = [1.2, 1.5, 2].map((effect) =>
        pct(power(random, { ...setup, repetitions: fewer }, effect)),
      );
      return [model.name, `${rounds}`, pct(holm), pct(verdict), ...powers];
    }),
  );
  table(
    "Runs of 60 comparisons (20 cells × 3 candidates), %",
    [
      "noise, 10 %",
      "rounds",
      "Holm rejects an equal pair",
      "an equal pair gets a verdict",
      "× 1.2 found",
      "× 1.5",
      "× 2",
    ],
    rows,
  );
}

function sequentialTables(): void {
  const random = createRandom(4);
  const rule = { marginPct: 2, thresholdPct: 2, familySize: 1, budgetRounds: 200, repetitions };
  const errors = noiseModels.map((model) => {
    const setup: StoppingSetup = { ...rule, model, size };
    return [model.name, pct(sequentialMiss(random, setup)), pct(sequentialError(random, setup))];
  });
  table(
    "A/A, looking after every round up to 200, %",
    ["noise, 10 %", "some interval leaves out 1", "a verdict beyond ±2 %"],
    errors,
  );
  const rounds = [0.01, 0.03, 0.05, 0.07, 0.1].flatMap((noise) =>
    [1, 60].map((familySize) => {
      const setup = { ...rule, model: logNormalNoise, size: noise, familySize, repetitions: fewer };
      const stopped = sequentialRounds(random, setup, 10);
      const fixed = [0.8, 0.95, 0.99].map((wanted) => `${fixedRounds(setup, 10, wanted)}`);
      const found = [
        stopped.meanRounds.toFixed(1),
        `${stopped.medianRounds}`,
        `${stopped.roundsP95}`,
        pct(stopped.found),
      ];
      return [
        `${(100 * noise).toFixed(0)} / ${ratioNoisePct(noise).toFixed(1)}`,
        `${familySize}`,
        ...fixed,
        ...found,
      ];
    }),
  );
  table(
    "Rounds until a difference of 10 % is decided (margin 2 %)",
    [
      "noise of a side / of the ratio, %",
      "family",
      "fixed, 80 % power",
      "95 %",
      "99 %",
      "sequential, mean",
      "median",
      "p95",
      "found, %",
    ],
    rounds,
  );
  const factors = [1.2, 1.5, 2, 5, 17].flatMap((factor) =>
    [1, 60].map((familySize) => {
      const setup = { ...rule, model: logNormalNoise, size, familySize, repetitions: fewer };
      const { meanRounds, roundsP95 } = sequentialRounds(random, setup, 100 * (factor - 1));
      const fixed = `${fixedRounds(setup, 100 * (factor - 1), 0.95)}`;
      return [`× ${factor}`, `${familySize}`, fixed, meanRounds.toFixed(1), `${roundsP95}`];
    }),
  );
  table(
    "Rounds until a factor is decided at 10 % noise of a side (margin 2 %)",
    ["factor", "family", "fixed, 95 % power", "sequential, mean", "p95"],
    factors,
  );
  const ties = [0.01, 0.02, 0.03, 0.05].map((noise) => {
    const setup = { ...rule, model: logNormalNoise, size: noise, repetitions: fewer };
    const { tied, meanRounds, roundsP95 } = sequentialRounds(random, setup, 0);
    return [
      `${(100 * noise).toFixed(0)} / ${ratioNoisePct(noise).toFixed(1)}`,
      pct(tied),
      meanRounds.toFixed(1),
      `${roundsP95}`,
    ];
  });
  table(
    "Rounds until an A/A pair is a tie (±2 %, budget 200)",
    ["noise of a side / of the ratio, %", "ended as a tie, %", "rounds, mean", "p95"],
    ties,
  );
}

function flooredTable(): void {
  const random = createRandom(6);
  const rows = [0.01, 0.03, 0.05, 0.07].flatMap((noise) =>
    [0, 10].map((effectPct) => {
      const rule = { thresholdPct: 2, familySize: 12, budgetRounds: 200, repetitions: fewer };
      const setup = { ...rule, model: logNormalNoise, size: noise };
      const { found, tied, meanRounds, roundsP95 } = flooredRounds(random, setup, effectPct);
      const fixed = effectPct === 0 ? "" : `${flooredFixedRounds(createRandom(7), setup, effectPct, 0.95)}`;
      return [
        `${(100 * noise).toFixed(0)} / ${ratioNoisePct(noise).toFixed(1)}`,
        `${effectPct} %`,
        fixed,
        meanRounds.toFixed(1),
        `${roundsP95}`,
        pct(found),
        pct(tied),
      ];
    }),
  );
  table(
    "Rounds until a comparison stops beside its own A/A pair (family of 12, threshold 2 %, budget 200)",
    [
      "noise of a side / of the ratio, %",
      "true difference",
      "fixed, 95 % power",
      "sequential, mean",
      "p95",
      "decided, %",
      "tie, %",
    ],
    rows,
  );
}

function alarmTable(): void {
  const random = createRandom(5);
  const alarms = noiseModels.flatMap((model) =>
    [10, 30].map((rounds) => ({
      name: model.name,
      rounds,
      shares: falseAlarms(random, { model, size, rounds, repetitions }),
    })),
  );
  const heads = Object.keys(alarms[0]?.shares ?? {});
  table(
    "False alarms of the checks on sound rounds, %",
    ["noise, 10 %", "rounds", ...heads],
    alarms.map(({ name, rounds, shares }) => [
      name,
      `${rounds}`,
      ...Object.values(shares).map(({ share }) => (100 * share).toFixed(2)),
    ]),
  );
}

console.log(
  `Repetitions per figure: ${repetitions}; in brackets the 99 % interval that their number allows.`,
);
coverageTable();
unequalTable();
familyTable();
sequentialTables();
flooredTable();
alarmTable();
