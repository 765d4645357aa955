import type { Workload } from "../../schemas/cell.ts";
import { metricKinds } from "../../schemas/metric.ts";
import type { PolicyAxis } from "../../schemas/policy.ts";
import type { CellResult, Comparison, Report } from "../../schemas/report.ts";
import type { ChartFile, ChartKind, ChartRef } from "../charts/file.ts";
import { axisLabels, decisiveFirst } from "../decision/labels.ts";
import {
  capitalised,
  digits3,
  formatCount,
  formatDuration,
  formatFigure,
  formatInterval,
  formatRatio,
} from "../format.ts";
import { markup } from "../html/markup.ts";
import { bullets, table, text } from "../markdown/element.ts";
import { leadChart } from "../sections/answer.ts";
import { type Column, headlineFigures, leadColumn, rowOrder } from "../sections/headline.ts";
import { byRuntime, calibrationWords, comparedCandidates, isDecided, isMany, resultsOf } from "../view.ts";
import { answerTitle, wayToServers, writingFirst } from "../wording.ts";
import { cellPhrase, placeWords } from "../workloads/index.ts";

/** Lines of one list, and rows of one table, that a slide can carry. */
const most = 7;

/**
 * The deck in Marp's Markdown, the answer first: three numbers, the figure that decides, latency with its intervals, cost, what
 * would change it, limits, method. A slide with nothing to say is left out.
 */
export function deck(report: Report, charts: readonly ChartFile[]): string {
  const { deciding, latency } = slideCharts(report, charts);
  const curve = latency === undefined || latency === deciding ? null : latencySlide(report, latency);
  return [
    answer(report),
    deciding === undefined ? null : decides(report, deciding),
    curve,
    latencies(report, curve !== null),
    cost(report),
    reversals(report),
    limits(report),
    method(report),
  ]
    .filter((slide) => slide !== null)
    .join("\n\n---\n\n");
}

/** The chart that shows what an axis of a policy is judged by. */
const chartOf: Readonly<Record<PolicyAxis, ChartKind>> = {
  latencyTail: "latency",
  throughput: "throughput",
  cpuCost: "ratios",
  memory: "ratios",
  startup: "ratios",
};

/** The axis that speaks most for the leader against the runner-up; null where none is shown to. */
function decidingAxis({ decision }: Report): PolicyAxis | null {
  const beside = decision.scores.find((s) => s.candidate === decision.runnerUp?.candidate);
  const weights = decision.policyUsed?.weights;
  const shown = (beside?.axes ?? [])
    .filter(({ reads }) => reads === "better")
    .map(({ axis, ratio }) => ({ axis, gain: (weights?.[axis] ?? 0) * Math.log(ratio) }));
  return shown.toSorted((x, y) => y.gain - x.gain)[0]?.axis ?? null;
}

/** Charts of the deck: the one of the figure that decides, and the one of latency. */
export function slideCharts<T extends ChartRef>(
  report: Report,
  charts: readonly T[],
): { readonly deciding: T | undefined; readonly latency: T | undefined } {
  const axis = decidingAxis(report);
  const latency = leadChart(charts);
  const kind = axis === null ? "ratios" : chartOf[axis];
  const ofKind = charts.filter((c) => c.kind === kind);
  const [workload] = decidingWorkloads(report, kind);
  const deciding = ofKind.find((c) => c.workload === workload) ?? ofKind[0];
  return { deciding: deciding ?? charts.find((c) => c !== latency), latency };
}

/** Workloads in which the leader is shown to be better than the runner-up in what such a chart draws, by how much. */
function decidingWorkloads({ comparisons, decision }: Report, kind: ChartKind): Workload[] {
  const [leader, other] = [decision.leader, decision.runnerUp?.candidate];
  const family = kind === "throughput" ? "rate" : "latency";
  const size = (c: Comparison) => Math.abs(Math.log(c.ratio ?? 1));
  return comparisons
    .filter((c) => (c.a === leader ? c.b : c.a) === other && [c.a, c.b].includes(leader ?? ""))
    .filter((c) => c.verdict === (c.a === leader ? "a-better" : "b-better"))
    .filter(({ metric }) => metricKinds[metric].family === family)
    .toSorted((x, y) => size(y) - size(x))
    .map(({ workload }) => workload);
}

/** A picture in both themes. */
function picture({ alt, svgLight, svgDark }: ChartFile): string {
  const data = (svg: string) => `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
  return String(
    markup`<div class="picture"><picture><source media="(prefers-color-scheme: dark)" srcset="${data(svgDark)}"><img alt="${alt}" src="${data(svgLight)}"></picture></div>`,
  );
}

const chartSlide = (title: string, chart: ChartFile): string =>
  `<!-- _class: chart -->\n\n# ${text(title)}\n\n${picture(chart)}`;

/** The chart of a latency, under what it shows: who has the lowest, or that nobody is shown to. */
function latencySlide(report: Report, chart: ChartFile): string {
  const columns = headlineFigures(report).filter(({ metric }) => metricKinds[metric].family === "latency");
  const column = columns.findLast(({ cell }) => cell === chart.cell);
  const best = column === undefined ? undefined : bestOf(report, column);
  const title = column === undefined || best === undefined ? chart.title : latencyTitle(report, column, best);
  return chartSlide(title, chart);
}

const bestOf = (report: Report, column: Column): CellResult | undefined => {
  const results = new Map(resultsOf(report, column.cell).map((r) => [r.candidate, r]));
  return rowOrder(report, column).flatMap((id) => results.get(id) ?? [])[0];
};

/** One of the three numbers: what it is, as large as it may be, and what it is of. */
interface Stat {
  readonly value: string;
  readonly of: string;
}

/** The lead over the runner-up, and the figures of the leader that a reader asks for first. */
function threeNumbers(report: Report): Stat[] {
  const { decision } = report;
  const { leader, runnerUp } = decision;
  if (leader === null) return [];
  const columns = headlineFigures(report);
  const lead = leadColumn(report, columns);
  const shown = [lead, columns.at(-1)].filter((c, i, all) => c !== undefined && all.indexOf(c) === i);
  const stats = shown.flatMap((column) => statOf(report, leader, column as Column) ?? []);
  if (runnerUp === null) return stats;
  const times = (pct: number) => formatRatio(1 + pct / 100);
  const of = `as good as ${runnerUp.candidate} by the weighted figures that differ (${times(runnerUp.ciLowPct)} to ${times(runnerUp.ciHighPct)})`;
  return [{ value: times(runnerUp.byPct), of }, ...stats];
}

function statOf(report: Report, candidate: string, { cell, metric, spec }: Column): Stat | null {
  const result = resultsOf(report, cell).find((r) => r.candidate === candidate);
  const found = result?.metrics[metric];
  if (result === undefined || found === undefined) return null;
  const interval = formatInterval(metric, found);
  const of = `${metricKinds[metric].label}, ${cellPhrase(spec)}${interval === null ? "" : ` (${interval})`}`;
  return { value: formatFigure(metric, result, found), of };
}

/** Letters of an answer that a slide carries at its usual size. */
const roomy = 700;

function answer(report: Report): string {
  const { decision, run, host } = report;
  const first = writingFirst(report);
  const stats = threeNumbers(report).map(
    ({ value, of }) => markup`<div><strong>${value}</strong><span>${of}</span></div>`,
  );
  const letters = (first ?? "").length + decision.answer.length;
  return `<!-- _class: answer${letters > roomy ? " dense" : ""} -->
<!-- _paginate: false -->

# ${text(answerTitle(decision))}

<div class="stats">${stats.join("")}</div>

${first === null ? "" : `**${text(first)}**\n\n`}${text(decision.answer)}

<small>${asked(report)} ${run.profile} run of ${run.startedAt.slice(0, 10)} on ${markup`${host.cpu}`}, ${host.cores} cores, ${markup`${wayToServers(report)}`}</small>`;
}

/** Who was measured. */
function asked(report: Report): string {
  const named = isMany(report)
    ? byRuntime(report).map(({ runtime, ids }) => `${ids.length} on ${runtime}`)
    : comparedCandidates(report).map(({ id }) => text(id));
  return `${named.join(", ")}.`;
}

function decides(report: Report, chart: ChartFile): string {
  const { because, leader, runnerUp } = report.decision;
  const axis = decidingAxis(report);
  const title =
    axis === null || leader === null || runnerUp === null
      ? "No weighed figure is shown to differ"
      : `${leader} leads ${runnerUp.candidate} most in ${axisLabels[axis]}`;
  const [reason] = because;
  return `<!-- _class: chart dense -->

# ${text(title)}

${reason === undefined ? "" : `${text(reason)}\n\n`}${picture(chart)}`;
}

/** Latency of every candidate with its intervals, best first; who has the lowest is the title, where no chart before it said so. */
function latencies(report: Report, isTitleTaken: boolean): string | null {
  const lead = leadColumn(report, headlineFigures(report));
  if (lead === undefined || metricKinds[lead.metric].family !== "latency") return null;
  const ids = rowOrder(report, lead);
  const results = new Map(resultsOf(report, lead.cell).map((r) => [r.candidate, r]));
  const shown = ids.flatMap((id) => results.get(id) ?? []).slice(0, most);
  const [best] = shown;
  if (best === undefined) return null;
  const metrics = [...new Set([lead.metric, "latencyNsP50", "latencyNsP90", "latencyNsP99"] as const)]
    .filter((metric) => shown.some((r) => r.metrics[metric] !== undefined))
    .toSorted((x, y) => (metricOrder.get(x) ?? 0) - (metricOrder.get(y) ?? 0));
  const figure = (result: CellResult, metric: (typeof metrics)[number]) => {
    const found = result.metrics[metric];
    if (found === undefined) return "—";
    const interval = formatInterval(metric, found);
    return `${formatFigure(metric, result, found)}${interval === null ? "" : ` <small>${interval}</small>`}`;
  };
  const rows = shown.map((r) => [text(r.candidate), ...metrics.map((metric) => figure(r, metric))]);
  const heads = ["", ...metrics.map((metric) => metricKinds[metric].label)];
  const rest = ids.length - shown.length;
  return `<!-- _class: dense -->

# ${text(isTitleTaken ? "Each latency is the median of its rounds, with a 95 % interval" : latencyTitle(report, lead, best))}

${table(heads, `l${"r".repeat(metrics.length)}`, rows)}

<small>${text(cellPhrase(lead.spec))}${isTitleTaken ? "" : "; the median of the rounds and its 95 % interval"}${rest > 0 ? `; ${rest} more in the report` : ""}</small>`;
}

/** Names one candidate as the lowest only where no other may be as low: an order of medians alone shows nothing. */
function latencyTitle(report: Report, { cell, metric }: Column, best: CellResult): string {
  const { label } = metricKinds[metric];
  const level = report.comparisons.some(
    (c) =>
      c.cell === cell &&
      c.metric === metric &&
      (c.a === best.candidate || c.b === best.candidate) &&
      !isDecided(c) &&
      c.declared,
  );
  const found = best.metrics[metric];
  const value = found === undefined ? "" : `: ${formatFigure(metric, best, found)}`;
  return level
    ? `No candidate is shown to have the lowest ${label}`
    : `${best.candidate} has the lowest ${label}${value}`;
}

const metricOrder = new Map(Object.keys(metricKinds).map((name, i) => [name, i]));

/** What each candidate costs in the cell whose cost the answer states. */
function cost(report: Report): string | null {
  const { decision } = report;
  const [first] = decision.costs.filter((c) => c.candidate === decision.leader);
  const currency = decision.policyUsed?.prices.currency;
  if (first === undefined || currency === undefined) return null;
  const rows = decision.costs
    .filter((c) => c.cell === first.cell)
    .toSorted((x, y) => x.perBillion - y.perBillion)
    .slice(0, most)
    .map((c) => [
      text(c.candidate),
      digits3(c.perBillion),
      c.ciLow === null || c.ciHigh === null ? "—" : `${digits3(c.ciLow)}–${digits3(c.ciHigh)}`,
    ]);
  return `<!-- _class: dense -->

# A billion deliveries cost ${digits3(first.perBillion)} ${text(currency)} on ${text(first.candidate)}

${table(["", `${text(currency)} a billion`, "95 % interval"], "lrr", rows)}

<small>CPU and memory for ${text(placeWords(report, first.cell))}, at the prices of the policy</small>`;
}

function method(report: Report): string {
  const { run, results, host } = report;
  const workloads = [...new Set(results.map((r) => r.workload))];
  const pinned = host.pinning.pinned
    ? "server and load each pinned to cores of their own"
    : "**not pinned** to cores";
  return `<!-- _class: dense -->

# Every candidate was measured in the same way

${bullets([
  "Every candidate serves the same contract, which is verified first",
  `${formatCount(run.roundsRun, "round")} in random order, a fresh server each; candidates are compared within a round`,
  `Workloads: ${workloads.join(", ")}; latency counts from the scheduled send time`,
  `One machine, ${pinned}; every message is accounted for`,
  capitalised(calibrationWords(report)),
  "A difference counts where its whole 95 % interval is beyond the threshold",
  `${formatDuration(run.durationMs)} in all, seed ${run.seed}`,
])}`;
}

function reversals({ decision }: Report): string {
  const lines = decisiveFirst(decision.reversals)
    .slice(0, most)
    .map((r) => text(r.text));
  const rest = decision.reversals.length - lines.length;
  const title =
    lines.length === 0
      ? "None of the variations tried changes the answer"
      : lines.length === 1
        ? "One change would give another answer"
        : `Each of ${decision.reversals.length} changes would give another answer`;
  const body =
    lines.length === 0
      ? "Every weight from 0 to 100 %, prices up to a thousand times lower or higher, limits, fan-out and codec."
      : bullets(lines);
  return `<!-- _class: dense -->

# ${title}

${body}${rest > 0 ? `\n\n<small>and ${rest} more in the report</small>` : ""}`;
}

function limits({ decision }: Report): string {
  const lines = decision.notMeasured.slice(0, most).map(text);
  const rest = decision.notMeasured.length - lines.length;
  return `<!-- _class: dense -->

# What this run did not measure

${bullets(lines)}${rest > 0 ? `\n\n<small>and ${rest} more in the report</small>` : ""}`;
}
