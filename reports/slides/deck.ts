import type { Report } from "../../schemas/report.ts";
import type { ChartFile, ChartRef } from "../charts/file.ts";
import { formatCount, formatDuration } from "../format.ts";
import { markup } from "../html/markup.ts";
import { bullets, text } from "../markdown/element.ts";
import { leadChart } from "../sections/answer.ts";
import { costWords } from "../sections/glance.ts";
import { byRuntime, calibrationWords, comparedCandidates, isMany } from "../view.ts";
import { headline } from "../wording.ts";

/** Lines of one list that a slide can carry. */
const most = 7;

/** The deck in Marp's Markdown: question, method, three charts, answer, reversals, limits. */
export function deck(report: Report, charts: readonly ChartFile[]): string {
  return [
    question(report),
    method(report),
    ...charts.map(chartSlide),
    answer(report),
    reversals(report),
    limits(report),
  ].join("\n\n---\n\n");
}

function question(report: Report): string {
  const named = isMany(report)
    ? byRuntime(report).map(({ runtime, ids }) => `**${ids.length}** on ${runtime}`)
    : comparedCandidates(report).map(({ id }) => `**${text(id)}**`);
  const { run, host } = report;
  return `<!-- _class: title -->
<!-- _paginate: false -->

# Which server for this market data?

${named.join(", ")}

<small>${run.profile} run of ${run.startedAt.slice(0, 10)} on ${markup`${host.cpu}`}, ${host.cores} cores, over loopback</small>`;
}

function method(report: Report): string {
  const { run, results, host } = report;
  const workloads = [...new Set(results.map((r) => r.workload))];
  const pinned = host.pinning.pinned
    ? "server and load each pinned to cores of their own"
    : "**not pinned** to cores";
  return `# How it was measured

${bullets([
  "Every candidate serves the same contract, proven before it counts",
  `${formatCount(run.roundsRun, "round")} in random order, a fresh server each; candidates are compared within a round`,
  `Workloads: ${workloads.join(", ")}; latency runs from the intended send time to receipt`,
  `One machine, ${pinned}; every message is accounted for`,
  `One server against itself: ${calibrationWords(report)}`,
  "A difference counts where its whole 95 % interval is beyond the threshold",
  `${formatDuration(run.durationMs)} in all, seed ${run.seed}`,
])}`;
}

/** Latency first, then how it scales, then the ratios; where one is missing, the next kind of chart. */
export function threeCharts<T extends ChartRef>(charts: readonly T[]): T[] {
  const lead = leadChart(charts);
  const wanted = [
    lead,
    charts.find((c) => c.kind === "scalability"),
    charts.find((c) => c.kind === "ratios"),
    charts.find((c) => c.kind === "throughput"),
    ...charts,
  ];
  return [...new Set(wanted.filter((c) => c !== undefined))].slice(0, 3);
}

/** The chart alone, since its title is part of it. */
function chartSlide({ alt, svgLight }: ChartFile): string {
  const data = Buffer.from(svgLight).toString("base64");
  return String(markup`<img alt="${alt}" src="data:image/svg+xml;base64,${data}">`);
}

function answer(report: Report): string {
  const { decision } = report;
  const money = costWords(report);
  const because = decision.because.slice(0, 2).map(text);
  return `<!-- _class: dense -->

# ${text(headline(decision))}

${text(decision.answer)}

${bullets(because)}${money === null ? "" : `\n\n<small>Cost: ${markup`${money}`}</small>`}`;
}

function reversals({ decision }: Report): string {
  const lines = decision.reversals.slice(0, most).map((r) => text(r.text));
  const rest = decision.reversals.length - lines.length;
  const body =
    lines.length === 0
      ? "Nothing that was varied: every weight from 0 to 100 %, prices a thousandfold either way, limits, fan-out and codec."
      : bullets(lines);
  return `<!-- _class: dense -->

# What would change the answer

${body}${rest > 0 ? `\n\n<small>and ${rest} more in the report</small>` : ""}`;
}

function limits({ decision }: Report): string {
  const lines = decision.notMeasured.slice(0, most).map(text);
  const rest = decision.notMeasured.length - lines.length;
  return `<!-- _class: dense -->

# What was not measured

${bullets(lines)}${rest > 0 ? `\n\n<small>and ${rest} more in the report</small>` : ""}`;
}
