import { type MetricFamily, metricFamilies } from "../../schemas/metric.ts";
import { median } from "../../stats/moments.ts";
import { type Outcome, outcomes, type StoredRun, type Tally } from "./outcome.ts";
import { type Plant, plants } from "./plants.ts";

export interface PageFile {
  /** Beside docs/. */
  readonly path: string;
  readonly text: string;
}

const colors: Readonly<Record<Outcome, { light: string; dark: string }>> = {
  found: { light: "#1b7f4b", dark: "#46c484" },
  equal: { light: "#3b6fb5", dark: "#7ab0f5" },
  undecided: { light: "#c9ccd1", dark: "#565b63" },
  withheld: { light: "#e6e7ea", dark: "#34383e" },
  false: { light: "#c0392b", dark: "#ff7b6b" },
};

/** docs/POWER.md with a chart for each plant that has runs. */
export function powerPage(runs: readonly StoredRun[]): PageFile[] {
  const plantRuns = plants.flatMap((plant) => {
    const measured = runs.filter((run) => run.plant === plant.name);
    return measured.length === 0 ? [] : [{ plant, measured }];
  });
  const text = [
    "# The power of the tool",
    "",
    "What the real command says of servers whose truth is known, on the machine named below. Made by `bun run bench/power.ts`;",
    "the runs are kept in `docs/power/runs.json`, and `bun run bench/power.ts --render` makes this page of them again.",
    "",
    "- **found**: the side that is truly worse is called worse (of the default candidates, where nobody knows: any is);",
    "- **equal**: the two are shown to differ by less than the margin (10 % latency, 5 % rate and cost);",
    "- **not decided**: neither could be shown; **withheld**: the evidence may not be used;",
    "- **false**: the wrong side is called better, or one of two that are the same program.",
    "",
    summary(plantRuns),
    ...plantRuns.flatMap(({ plant, measured }) => section(plant, measured)),
  ].join("\n");
  const charts = plantRuns.flatMap(({ plant, measured }) =>
    (["light", "dark"] as const).map((theme) => ({
      path: `power/${plant.name}-${theme}.svg`,
      text: chart(plant, measured, theme),
    })),
  );
  return [{ path: "POWER.md", text: `${text.trimEnd()}\n` }, ...charts];
}

type PlantRuns = readonly { readonly plant: Plant; readonly measured: readonly StoredRun[] }[];

const row = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]) =>
  [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");

function summary(plantRuns: PlantRuns): string {
  const rows = plantRuns.map(({ plant, measured }) => {
    const wrong = measured.filter((run) => run.comparisons.some((c) => c.outcome === "false")).length;
    const p99 = measured.filter((run) =>
      run.comparisons.some(
        (c) => c.metric === "latencyNsP99" && c.cell.startsWith("feed/") && c.outcome === "found",
      ),
    ).length;
    return [
      plant.name,
      measured.length,
      `${median(measured.map((run) => run.minutes)).toFixed(1)}`,
      `${p99} of ${measured.length}`,
      ...metricFamilies.map((family) => decidedWords(measured, family)),
      `${wrong} of ${measured.length}`,
    ];
  });
  return table(
    [
      "plant",
      "runs",
      "minutes, median",
      "runs that find feed p99",
      ...metricFamilies.map((family) => `${family}: answered, median run`),
      "runs with a false verdict",
    ],
    rows,
  );
}

/** Share of a run's comparisons of a family that have an answer, in the run in the middle. */
function decidedWords(runs: readonly StoredRun[], family: MetricFamily): string {
  const shares = runs.flatMap((run) => {
    const counts = run.curve.at(-1)?.[family];
    const all = counts === undefined ? 0 : total(counts);
    return counts === undefined || all === 0 ? [] : [(counts.found + counts.equal + counts.false) / all];
  });
  return shares.length === 0 ? "" : `${Math.round(100 * median(shares))} %`;
}

function section(plant: Plant, runs: readonly StoredRun[]): string[] {
  const machines = [...new Set(runs.map(({ cpu, cores }) => `${cpu}, ${cores} cores`))].join("; ");
  const pairs = Map.groupBy(
    runs.flatMap((run) => run.comparisons),
    (c) => `${c.cell}\n${c.metric}\n${c.a}\n${c.b}`,
  );
  const rows = [...pairs.values()].map((same) => {
    const [first] = same as [(typeof same)[number]];
    const count = (outcome: Outcome) => same.filter((c) => c.outcome === outcome).length || "";
    const ratios = same.flatMap((c) => c.ratio ?? []);
    return [
      `\`${first.cell}\``,
      first.metric,
      `${first.a} ÷ ${first.b}`,
      ratios.length === 0 ? "" : median(ratios).toFixed(3),
      ...outcomes.map(count),
    ];
  });
  return [
    "",
    `## ${plant.name}: ${plant.title}`,
    "",
    `${runs.length} runs of \`${[...new Set(runs.map((run) => run.profile))].join(", ")}\` on ${machines}: \`bun run bench/power.ts --plant ${plant.name} --runs ${runs.length}\`.`,
    "",
    "<picture>",
    `  <source media="(prefers-color-scheme: dark)" srcset="power/${plant.name}-dark.svg">`,
    `  <img src="power/${plant.name}-light.svg" alt="${altOf(plant, runs)}">`,
    "</picture>",
    "",
    table(
      ["cell", "metric", "pair", "ratio, median", "found", "equal", "not decided", "withheld", "false"],
      rows,
    ),
  ];
}

function altOf(plant: Plant, runs: readonly StoredRun[]): string {
  const ends = metricFamilies.map((family) => `${family} ${decidedWords(runs, family) || "not asked"}`);
  return `Outcomes by minutes for ${plant.title}; answered at the end: ${ends.join(", ")}`;
}

const total = (counts: Tally): number => outcomes.reduce((sum, outcome) => sum + counts[outcome], 0);

/** Outcomes of all runs together after a number of rounds, with their mean time. */
function pooled(runs: readonly StoredRun[], family: MetricFamily) {
  const rounds = [...new Set(runs.flatMap((run) => run.curve.map((p) => p.rounds)))].sort((x, y) => x - y);
  return rounds.flatMap((n) => {
    const points = runs.flatMap((run) => run.curve.find((p) => p.rounds === n) ?? []);
    // A run that ended sooner would make its neighbours look worse or better than they were.
    if (points.length < runs.length / 2) return [];
    const counts: Tally = { found: 0, equal: 0, undecided: 0, withheld: 0, false: 0 };
    for (const p of points) for (const outcome of outcomes) counts[outcome] += p[family][outcome];
    const minutes = points.reduce((sum, p) => sum + p.minutes, 0) / points.length;
    return total(counts) === 0 ? [] : [{ minutes, counts }];
  });
}

/** Three panels of stacked columns: what came of the comparisons of each family, against minutes. */
function chart(plant: Plant, runs: readonly StoredRun[], theme: "light" | "dark"): string {
  const ink = theme === "light" ? "#1f2328" : "#e6edf3";
  const muted = theme === "light" ? "#59636e" : "#9198a1";
  const [width, height, gap, top, bottom, left] = [820, 260, 24, 48, 44, 52];
  const panel = (width - left - 2 * gap - 8) / metricFamilies.length;
  const plot = height - top - bottom;
  const minutesMax = Math.max(0.1, ...runs.flatMap((run) => run.curve.map((p) => p.minutes)));
  const text = (x: number, y: number, words: string, more = "") =>
    `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" fill="${ink}" font-size="12" ${more}>${words}</text>`;
  const parts = metricFamilies.flatMap((family, i) => {
    const points = pooled(runs, family);
    const x0 = left + i * (panel + gap);
    const step = panel / Math.max(1, points.length);
    const columns = points.flatMap(({ counts }, k) => {
      let y = top + plot;
      return outcomes.flatMap((outcome) => {
        const share = counts[outcome] / total(counts);
        if (share === 0) return [];
        y -= share * plot;
        const x = x0 + k * step + 1;
        return [
          `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${Math.max(1, step - 2).toFixed(1)}" height="${(share * plot).toFixed(1)}" fill="${colors[outcome][theme]}"/>`,
        ];
      });
    });
    const ticks = points.flatMap(({ minutes }, k) =>
      k === 0 || k === points.length - 1
        ? [
            `<text x="${(x0 + (k + 0.5) * step).toFixed(1)}" y="${top + plot + 16}" fill="${muted}" font-size="11" text-anchor="middle">${minutes.toFixed(1)}</text>`,
          ]
        : [],
    );
    const empty = points.length === 0 ? [text(x0, top + plot / 2, "not asked")] : [];
    return [text(x0, top - 8, family, 'font-weight="bold"'), ...columns, ...ticks, ...empty];
  });
  const legend = outcomes.map((outcome, i) => {
    const x = left + i * 110;
    return `<rect x="${x}" y="8" width="10" height="10" fill="${colors[outcome][theme]}"/>${text(x + 15, 17, outcome === "undecided" ? "not decided" : outcome)}`;
  });
  const axis = [
    text(left - 8, top + 4, "100 %", 'text-anchor="end"'),
    text(left - 8, top + plot, "0", 'text-anchor="end"'),
    text(left, height - 8, `minutes of the run (of ${minutesMax.toFixed(1)}), mean over ${runs.length} runs`),
  ];
  const body = [...legend, ...axis, ...parts].join("\n");
  const alt = altOf(plant, runs);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" role="img">\n<title>${plant.title}</title>\n<desc>${alt}</desc>\n${body}\n</svg>\n`;
}
