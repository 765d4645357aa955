import { correctShare } from "../schemas/delivery.ts";
import { type MetricName, metricKinds } from "../schemas/metric.ts";
import type { CellResult, Report } from "../schemas/report.ts";
import { decisiveFirst } from "./decision/labels.ts";
import {
  capitalised,
  digits3,
  figureBound,
  formatCount,
  formatDuration,
  formatInteger,
  formatWithInterval,
  scaleFor,
} from "./format.ts";
import { type Column, headlineFigures, leadColumn, rowOrder } from "./sections/headline.ts";
import { costWords, limitsWords } from "./sections/overview.ts";
import { table, wrapped } from "./text-table.ts";
import { leadComparisons, resultsOf, whollyDisturbed } from "./view.ts";
import {
  headline,
  nothingChanges,
  profileWords,
  statement,
  subjectWords,
  survivors,
  warningCounts,
  writingFirst,
} from "./wording.ts";
import { cellPhrase, wordsOf } from "./workloads/index.ts";

/** The terminal that a summary is for. */
export interface Screen {
  readonly columns: number;
  /** Whether the winner may be set in bold. */
  readonly bold: boolean;
  /** Every figure with its interval, and what the first comparisons state. */
  readonly wide: boolean;
}

/** Lines that the answer may take; the whole of a longer one stands in the report. */
const answerLines = 9;
/** Room for the word that a line of facts begins with. */
const labelWidth = 10;
/** Characters of a candidate's name; of a longer one the end is shown, which is what sets it apart. */
const nameMax = 24;
const barMax = 12;
const narrowest = 40;

/** What a run says on a terminal: the answer, one table, what to distrust, where the report is. No line is wider than the terminal, a long path apart. */
export function renderTerminal(report: Report, folder: string, screen: Screen): string {
  const columns = Math.max(narrowest, screen.columns);
  const { failures } = report;
  const note = profileWords(report);
  const says = (text: string, indent = 0): string => fitted(text, columns, indent);
  const parts = [
    answer(report, columns),
    figures(report, columns, screen.bold),
    survival(report, says),
    screen.wide ? details(report, says) : "",
    note === null ? "" : says(note),
    failures.length === 0
      ? ""
      : says(`${formatCount(failures.length, "trial")} failed; see Failures in the report.`),
    facts(report, folder, screen.wide, says),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** Who survives the market's open, where that was measured. */
function survival({ open }: Report, says: (text: string, indent?: number) => string): string {
  if (open === undefined) return "";
  const lines = survivors(open).map(({ answer, candidates }) => {
    return `  ${says(`${answer}: ${candidates.join(", ")}`, 4)}`;
  });
  return ["Survives the open:", ...lines].join("\n");
}

/** Text broken to the width; a word that is longer than it is broken too. */
function fitted(text: string, columns: number, indent = 0): string {
  const broken = text.split(" ").flatMap((word) => {
    const room = columns - indent;
    return word.length <= room ? [word] : (word.match(new RegExp(`.{1,${room}}`, "gu")) ?? []);
  });
  return wrapped(broken.join(" "), columns, indent);
}

/** What a reader has to know of the answer, under a word each: what would change it, its cost, what to distrust, where the rest is. */
function facts(
  report: Report,
  folder: string,
  wide: boolean,
  says: (text: string, indent?: number) => string,
): string {
  const { run, decision } = report;
  const cost = costWords(report);
  const lasted = `${formatCount(run.roundsRun, "round")}, seed ${run.seed}, ${formatDuration(run.durationMs)}${run.interrupted ? ", interrupted" : ""}`;
  const under = (word: string, text: string | null): string[] =>
    text === null ? [] : [`${word.padEnd(labelWidth)}${says(text, labelWidth)}`];
  return [
    ...under("Changes", changes(decision)),
    ...under("Cost", cost === null ? null : capitalised(cost)),
    ...under("Warnings", warningCounts(report)),
    ...under("Limits", capitalised(limitsWords(report))),
    ...under("Run", `${lasted}.`),
    // A path is to be copied: the terminal itself may go on in the next line, which keeps it one word.
    `${"Report".padEnd(labelWidth)}${folder}/report.md`,
    ...under("Next", next(report, wide)),
  ].join("\n");
}

/** The nearest change that makes another candidate the answer, and how many more the report has. */
function changes({ outcome, reversals }: Report["decision"]): string | null {
  const [first] = decisiveFirst(reversals);
  if (first === undefined) return outcome === "recommended" ? nothingChanges : null;
  const rest = reversals.length - 1;
  return `${first.text}${rest === 0 ? "" : ` ${formatInteger(rest)} more in the report.`}`;
}

function next(report: Report, wide: boolean): string {
  if (whollyDisturbed(report) !== null)
    return "--wait 60 waits for a quiet machine; --keep-disturbed keeps such windows";
  const { outcome } = report.decision;
  const more = wide ? [] : ["--wide adds intervals"];
  const step =
    outcome === "undecided" || outcome === "too-little-evidence" || outcome === "limit-not-shown"
      ? "--profile thorough narrows what is not decided"
      : "the command render decides again under --policy latency or cost, without measuring";
  return [step, ...more].join("; ");
}

/** The decision in a few words, then how to write where that matters more, then the answer, unless it is very long. */
function answer(report: Report, columns: number): string {
  const { decision } = report;
  const indented = (text: string): string[] => fitted(text, columns - 2).split("\n");
  const writing = writingFirst(report);
  const title = fitted(
    decision.outcome === "recommended"
      ? `${headline(decision)}: recommended (${decision.policy} policy)`
      : `${headline(decision)} (${decision.policy} policy)`,
    columns,
  );
  const lines = indented(decision.answer);
  const shown = lines.slice(0, answerLines);
  const last = shown.length - 1;
  if (lines.length > answerLines) shown[last] = cut(shown[last] ?? "", columns - 2);
  const all = [...(writing === null ? [] : indented(writing)), ...shown];
  return [title, ...all.map((line) => `  ${line}`)].join("\n");
}

/** A line that goes on elsewhere: its last words make room for the sign of it. */
function cut(line: string, width: number): string {
  const words = line.split(" ");
  while (words.length > 1 && words.join(" ").length > width - 2) words.pop();
  return `${words.join(" ").replace(/[,;:]$/, "")} …`;
}

/** One column: a heading of few words, a unit for all of its figures, and what each candidate has there. */
interface Shown extends Column {
  readonly head: readonly [name: string, unit: string];
  /** What one of that unit is worth in the stored one. */
  readonly per: number;
  readonly results: ReadonlyMap<string, CellResult>;
}

const metricShort: Partial<Record<MetricName, string>> = {
  throughputHz: "",
  cpuNsPerMessage: "CPU/msg",
  startupNs: "start",
  lastLatencyNsP99: "p99",
  rssBytesPeak: "RSS",
};

/** `feed p99`, `CPU/msg`, `100 subs p99`, `echo JSON`: where and what, and no cell's id. */
function shortHead({ spec, metric }: Column): string {
  const what = metricShort[metric] ?? metricKinds[metric].label.replace("latency ", "");
  return `${wordsOf[spec.workload].terminal(spec)} ${what}`.trim();
}

/** Whether anybody has a figure there at all. */
const hasFigure =
  (report: Report) =>
  ({ cell, metric }: Column): boolean =>
    resultsOf(report, cell).some((result) => result.metrics[metric] !== undefined);

/** Columns whose headings say what sets them apart, where their short ones are the same. */
function distinguishable(columns: readonly Shown[]): Shown[] {
  const isTwice = (column: Shown) => columns.filter(({ head }) => head[0] === column.head[0]).length > 1;
  return columns.map((column) => {
    if (!isTwice(column)) return column;
    const last = column.cell.split("/").at(-1) ?? "";
    return { ...column, head: [`${column.head[0]} ${last}`, column.head[1]] };
  });
}

/** One unit for a column: that of its smallest figure, unless the largest would be too long a number in it. */
function unitOf(metric: MetricName, medians: readonly number[]) {
  const [least, most] = [Math.min(...medians), Math.max(...medians)];
  const small = scaleFor(metric, medians.length === 0 ? 1 : least);
  return most / small.per < 1e5 ? small : scaleFor(metric, Math.sqrt(least * most));
}

function shownOf(report: Report, column: Column): Shown {
  const results = resultsOf(report, column.cell);
  const medians = results.flatMap((r) => r.metrics[column.metric]?.median ?? []);
  const { per, symbol } = unitOf(column.metric, medians);
  return {
    ...column,
    head: [shortHead(column), symbol],
    per,
    results: new Map(results.map((r) => [r.candidate, r])),
  };
}

/** What a sign in the table means; each is explained below it where it occurs. */
const signs = {
  "*": "recommended",
  "≥": "at least: the generator may have been the limit",
  "≤": "at most: mostly the generator's own",
  "†": "two speeds were seen, and the median of them is neither",
  "!": "messages were lost or changed",
} as const;
type Sign = keyof typeof signs;

function marksOf({ metric }: Column, result: CellResult): Sign[] {
  const bound = figureBound(metric, result);
  return [
    ...(bound === "at-least" ? (["≥"] as const) : bound === "at-most" ? (["≤"] as const) : []),
    ...(result.metrics[metric]?.twoSpeeds == null ? [] : (["†"] as const)),
    ...(correctShare(result) < 1 ? (["!"] as const) : []),
  ];
}

function figureText(column: Shown, id: string): string {
  const result = column.results.get(id);
  const found = result?.metrics[column.metric];
  if (result === undefined || found === undefined) return "-";
  const marks = marksOf(column, result);
  const before = marks.filter((m) => m === "≥" || m === "≤");
  const after = marks.filter((m) => m === "†" || m === "!");
  // Rounded in its own unit first, as everywhere else, so that no figure is reported under two values.
  const unit = scaleFor(column.metric, found.median).per;
  const value = (Number((found.median / unit).toPrecision(3)) * unit) / column.per;
  return `${before.join("")}${digits3(value)}${after.join("")}`;
}

/** Columns that the width has room for: the leading figures first, the throughput that has the bar in any case. */
function figures(report: Report, columns: number, bold: boolean): string {
  const all = headlineFigures(report).filter(hasFigure(report));
  const lead = leadColumn(report, all);
  if (lead === undefined) return "";
  const ids = rowOrder(report, lead).filter((id) =>
    all.some(({ cell }) => resultsOf(report, cell).some((r) => r.candidate === id)),
  );
  const rate = all.filter(({ metric }) => metric === "throughputHz").slice(-1);
  const others = all.filter((c) => !rate.includes(c));
  for (let count = others.length; count >= 0; count -= 1) {
    const shown = distinguishable([...others.slice(0, count), ...rate].map((c) => shownOf(report, c)));
    const text = tableOf(report, shown, ids, columns);
    const fits = text.every((line) => line.length <= columns);
    if (fits || count === 0) return finished(report, shown, ids, text, columns, bold);
  }
  return "";
}

function tableOf(report: Report, shown: readonly Shown[], ids: readonly string[], columns: number): string[] {
  const rate = shown.at(-1)?.metric === "throughputHz" ? shown.at(-1) : undefined;
  const heads = ["", ...shown.map((c) => c.head[0])];
  const units = ["", ...shown.map((c) => c.head[1])];
  const rows = ids.map((id) => [
    `${short(id)}${id === report.decision.recommended ? " *" : ""}`,
    ...shown.map((c) => figureText(c, id)),
  ]);
  const align = `l${"r".repeat(shown.length)}`;
  const lines = table(heads, [units, ...rows], Infinity, { align, indent: 2, rule: false })
    .trimEnd()
    .split("\n");
  const width = Math.max(...lines.map((line) => line.length));
  const room = Math.min(barMax, columns - width - 2);
  if (rate === undefined || room < 4) return lines;
  const rateAt = (id: string) => rate.results.get(id)?.metrics.throughputHz?.median ?? 0;
  const highest = Math.max(...ids.map(rateAt));
  return lines.map((line, i) => {
    const id = ids[i - 2];
    const bar = id === undefined || highest === 0 ? "" : barOf(rateAt(id) / highest, room);
    return `${line.padEnd(width)}  ${bar}`.trimEnd();
  });
}

/** A bar of eighths of a character, so that a small share differs from none. */
function barOf(share: number, width: number): string {
  const eighths = Math.round(share * width * 8);
  const rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8] ?? "";
  return `${"█".repeat(eighths >> 3)}${rest}` || (share > 0 ? "▏" : "");
}

const short = (id: string): string => (id.length <= nameMax ? id : `…${id.slice(1 - nameMax)}`);

/** The table with its winner in bold, and what its signs mean below. */
function finished(
  report: Report,
  shown: readonly Shown[],
  ids: readonly string[],
  lines: readonly string[],
  columns: number,
  bold: boolean,
): string {
  const winner = ids.indexOf(report.decision.recommended ?? "");
  const styled = lines.map((line, i) =>
    bold && winner !== -1 && i === winner + 2 ? `\x1b[1m${line}\x1b[22m` : line,
  );
  const used = new Set<Sign>(shown.flatMap((c) => [...c.results.values()].flatMap((r) => marksOf(c, r))));
  if (winner !== -1) used.add("*");
  const notes = (Object.keys(signs) as Sign[])
    .filter((sign) => used.has(sign))
    .map((sign) => `  ${wrapped(`${sign} ${signs[sign]}`, columns - 2, 4)}`);
  return [...styled, ...notes].join("\n");
}

/** Each figure with its interval, and what the first comparisons state, in words that may go on in the next line. */
function details(report: Report, says: (text: string, indent?: number) => string): string {
  const columns = headlineFigures(report);
  const blocks = columns.map((column) => {
    const results = resultsOf(report, column.cell);
    const order = rowOrder(report, column);
    const lines = order.flatMap((id) => {
      const result = results.find((r) => r.candidate === id);
      const found = result?.metrics[column.metric];
      if (result === undefined || found === undefined) return [];
      const text = formatWithInterval(column.metric, found, figureBound(column.metric, result));
      return [says(`  ${id}: ${text}`, 4)];
    });
    return [
      says(`${metricKinds[column.metric].label} of ${cellPhrase(column.spec)}, 95 % intervals`),
      ...lines,
    ];
  });
  const stated = leadComparisons(report).map((c) => says(`${subjectWords(report, c)}: ${statement(c)}`, 2));
  return [...blocks, stated]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}
