/**
 * Prints, as Markdown, the simulations that docs/statistics.md rests on. One argument: repetitions per figure
 * (5,000 unless told). Seeded: the same number prints the same tables.
 */
import { createRandom } from "../stats/random.ts";
import { medianCoverage, ratioCoverage, robustCoverage, unequalNoise } from "../stats/simulation/coverage.ts";
import { familyWiseError, power } from "../stats/simulation/family.ts";
import { noiseModels } from "../stats/simulation/noises.ts";
import type { Share } from "../stats/simulation/share.ts";
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
alarmTable();
