/**
 * Prints, as Markdown, the simulations of docs/SIMULATIONS.md, which docs/statistics.md rests on. One argument: repetitions per figure
 * (default 5,000). Seeded: the same number prints the same tables.
 */
import { createRandom } from "../stats/random.ts";
import { rateTest } from "../stats/rate-test.ts";
import { medianCoverage, ratioCoverage, robustCoverage, unequalNoise } from "./simulation/coverage.ts";
import { heavyTailedNoise, logNormalNoise, noiseModels, runNoises } from "./simulation/noises.ts";
import { simulateRuns } from "./simulation/runs.ts";
import { type Share, shareOf } from "./simulation/share.ts";
import { falseAlarms } from "./simulation/warnings.ts";

const repetitions = Number(process.argv[2] ?? 5_000);
if (!Number.isInteger(repetitions) || repetitions < 100) {
  console.error(`repetitions: must be a whole number of at least 100, got ${process.argv[2]}; e.g. 5000`);
  process.exit(2);
}
const size = 0.1;

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
    [3, 5, 8, 10, 30].map((rounds) => {
      const setup = { model, size, rounds, repetitions };
      const median = pct(medianCoverage(random, setup));
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
    ...[10, 30].flatMap((rounds) => {
      const { covered, rejected } = unequalNoise(random, { model, size, rounds, repetitions });
      return [pct(covered), (100 * rejected.share).toFixed(0)];
    }),
  ]);
  table(
    "Coverage of the ratio's interval where one side alone is noisy, %, and how often Shapiro–Wilk rejects",
    ["noise of that side", "10 rounds", "rejects", "30 rounds", "rejects"],
    rows,
  );
}

/** Six figures a run as quiet and as loud as a shared machine's are, three candidates against a reference measured twice. */
const runSetup = {
  sizes: [0.03, 0.05, 0.05, 0.08, 0.12, 0.2],
  candidates: 3,
  thresholdPct: 5,
  equalPct: 10,
  repetitions: Math.ceil(repetitions / 5),
};

function runTable(): void {
  const rows = runNoises.flatMap((model) =>
    [8, 10].flatMap((rounds) =>
      [
        { calibrated: false, moderated: false, allocated: false },
        { calibrated: true, moderated: false, allocated: false },
        { calibrated: true, moderated: true, allocated: false },
        { calibrated: true, moderated: true, allocated: true },
      ].map((design) => {
        const shares = simulateRuns(createRandom(3), { ...runSetup, ...design, model, rounds, effect: 1.15 });
        const { anyFalse, covered, found, equal, decided, meanFactor } = shares;
        const brief = ({ share }: Share) => (100 * share).toFixed(1);
        const name = [
          design.calibrated ? "c" : "plain",
          ...(design.moderated ? ["moderated"] : []),
          ...(design.allocated ? ["rounds where needed"] : []),
        ].join(", ");
        return [
          model.name,
          `${rounds}`,
          name,
          pct(anyFalse),
          ...[covered, found, equal, decided].map(brief),
          meanFactor.toFixed(2),
        ];
      }),
    ),
  );
  table(
    "Runs of 18 comparisons, noise 3 to 20 %, margins 5 and 10 %, one of three candidates 15 % worse, %",
    [
      "noise",
      "rounds",
      "design",
      "runs with a false verdict",
      "covered",
      "15 % found",
      "equal called so",
      "answered",
      "mean c",
    ],
    rows,
  );
}

/** What the families of a run's comparisons may be like: who is noisier than the others, and by what noise. */
const families = [
  { name: "all alike", model: logNormalNoise, scales: [1, 1, 1, 1, 1, 1] },
  { name: "one candidate 3 × as noisy", model: logNormalNoise, scales: [1, 3, 1, 1, 1, 1] },
  { name: "two candidates 3 × as noisy", model: logNormalNoise, scales: [1, 3, 3, 1, 1, 1] },
  { name: "the reference 3 × as noisy", model: logNormalNoise, scales: [3, 1, 1, 1, 1, 1] },
  { name: "heavy-tailed", model: heavyTailedNoise, scales: [1, 1, 1, 1, 1, 1] },
  { name: "heavy-tailed, two 3 × as noisy", model: heavyTailedNoise, scales: [1, 3, 3, 1, 1, 1] },
];

/** A family as a standard run has it: five candidates against the reference in six figures. */
const familySetup = {
  candidates: 5,
  equalPct: 10,
  calibrated: false,
  allocated: false,
  repetitions: Math.ceil(repetitions / 2),
};

function familyTable(): void {
  const sizes = [0.05, 0.1, 0.2, 0.05, 0.1, 0.2];
  const rows = families.flatMap(({ name, model, scales }) =>
    [
      { rounds: 8, candidates: 5 },
      { rounds: 6, candidates: 3 },
    ].map(({ rounds, candidates }) => {
      const of = (moderated: boolean) =>
        simulateRuns(createRandom(7), {
          ...familySetup,
          ...{ model, scales, sizes, rounds, candidates, moderated },
          ...{ effect: 1, thresholdPct: 0 },
        });
      const [without, lent] = [of(false), of(true)];
      return [
        name,
        `${rounds}`,
        `${candidates}`,
        ...[without, lent].flatMap((s) => [pct(s.anyFalse), pct(s.covered)]),
      ];
    }),
  );
  table(
    "Runs of equals with any p after Holm of at most 5 %, and what the intervals cover, %",
    ["noise", "rounds", "candidates", "own variances", "covered", "moderated", "covered"],
    rows,
  );
}

function powerTable(): void {
  const rows = [0.05, 0.1, 0.2].map((size) => [
    `${100 * size} %`,
    ...[1.1, 1.15, 1.3].flatMap((effect) =>
      [false, true].map((moderated) => {
        const { found } = simulateRuns(createRandom(8), {
          ...familySetup,
          ...{ model: logNormalNoise, sizes: Array.from({ length: 6 }, () => size), rounds: 8, moderated },
          ...{ effect, thresholdPct: 5 },
        });
        return (100 * found.share).toFixed(1);
      }),
    ),
  ]);
  table(
    "Differences found in 8 rounds, threshold 5 %, 30 comparisons, %: own variances, then moderated",
    ["noise of a visit", "+10 %", "moderated", "+15 %", "moderated", "+30 %", "moderated"],
    rows,
  );
}

function errorTable(): void {
  const rows = runNoises.map((model) => {
    const at = (effect: number) =>
      simulateRuns(createRandom(4), {
        ...runSetup,
        model,
        rounds: 10,
        effect,
        calibrated: true,
        moderated: true,
        allocated: true,
      });
    const [same, less, just, more] = [at(1), at(1.05), at(1.1), at(1.3)];
    return [
      model.name,
      pct(same.anyFalse),
      ...[less.found, just.falseEqual, just.found, more.found].map(pct),
    ];
  });
  table(
    "What is said at the margins: 10 rounds, calibrated and allocated, %",
    [
      "noise",
      "all equal: a false verdict",
      "5 % apart: called worse",
      "10 % apart: called equal",
      "10 % apart: found",
      "30 % apart: found",
    ],
    rows,
  );
}

function rateTable(): void {
  const random = createRandom(6);
  const poisson = (mean: number): number => {
    let count = 0;
    for (let left = Math.exp(-mean), product = random.uniform(); product > left; count += 1)
      product *= random.uniform();
    return count;
  };
  const rows = [
    ["0.1 against 0.1", 0.1, 0.1, 1],
    ["1 against 1", 1, 1, 1],
    ["1 against 1, in clusters of 5", 1, 1, 5],
    ["1 against 0.5", 1, 0.5, 1],
    ["1 against 0.1", 1, 0.1, 1],
    ["2 against 0.1", 2, 0.1, 1],
  ] as const;
  table(
    "Stalls a second over 10 rounds of 2 s, %",
    ["true rates", "p at most 5 %", "p at most 1 %", "interval covers", "too few to judge"],
    rows.map(([name, a, b, cluster]) => {
      const tests = Array.from({ length: repetitions }, () => {
        const side = (rate: number) =>
          Array.from({ length: 10 }, () => ({
            events: cluster * poisson((2 * rate) / cluster),
            exposure: 2,
          }));
        return rateTest(side(a), side(b));
      });
      const share = (happens: (t: (typeof tests)[number]) => boolean) =>
        pct(shareOf(tests.filter(happens).length, tests.length));
      return [
        name,
        share(({ p }) => p <= 0.05),
        share(({ p }) => p <= 0.01),
        share(({ ciLow, ciHigh }) => ciLow <= a / b && a / b <= ciHigh),
        share(({ status }) => status === "too-few"),
      ];
    }),
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
runTable();
familyTable();
powerTable();
errorTable();
rateTable();
alarmTable();
