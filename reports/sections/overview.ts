import { cellId, workloads } from "../../schemas/cell.ts";
import type { Comparison, Report } from "../../schemas/report.ts";
import { decisiveFirst } from "../decision/labels.ts";
import { digits3, formatCount, formatInteger, formatMetric, listed } from "../format.ts";
import {
  byRuntime,
  calibrationWords,
  cellsOf,
  comparedCandidates,
  isDecided,
  isMany,
  resultsOf,
  sharedRate,
} from "../view.ts";
import {
  decisive,
  exclusionWords,
  tieStates,
  toDecideWords,
  warningCounts,
  wayToServers,
  writingFirst,
} from "../wording.ts";
import { placeWords, wordsOf } from "../workloads/index.ts";
import { alarm, type Block, type Inline, line, link, paragraph, strong } from "./document.ts";

/** Candidates by name, or where those are many by their number on each runtime. */
function whoWords(report: Report): string {
  const all = comparedCandidates(report);
  if (!isMany(report)) return listed(all.map(({ id }) => id));
  const counts = byRuntime(report).map(({ runtime, ids }) => `${ids.length} on ${runtime}`);
  return `${all.length} candidates (${counts.join(", ")})`;
}

/** What was asked of them, in the terms of a user's own load. */
function loadWords(report: Report): string {
  const parts = workloads.flatMap((workload) => {
    const specs = cellsOf(report, workload);
    const [first] = specs;
    if (first === undefined) return [];
    return wordsOf[workload].load(specs, sharedRate(resultsOf(report, cellId(first)))) ?? [];
  });
  return parts.length === 0 ? "" : ` Under load: ${parts.join("; ")}.`;
}

const question = (report: Report): Inline =>
  line`${strong("Asked:")} which of ${whoWords(report)} should serve this market data?${loadWords(report)}`;

/** What the answer costs, beside the cheapest and the dearest of the others, and at whose prices. */
function cost(report: Report): Inline | null {
  const words = costWords(report);
  const prices = report.decision.policyUsed?.prices;
  if (words === null || prices === undefined) return null;
  const source = prices.source === undefined ? "" : ` (${prices.source})`;
  return line`${strong("What it costs:")} ${words} Prices: ${prices.vcpuHour} a vCPU-hour, ${prices.gibHour} a GiB-hour${source}.`;
}

/** `a billion deliveries of … take 0.120 USD … on bun/serve; from 0.108 on … to 0.158 on …`; null without prices. */
export function costWords({ decision, results }: Report): string | null {
  const [first] = decision.costs.filter((c) => c.candidate === decision.leader);
  const currency = decision.policyUsed?.prices.currency;
  if (first === undefined || currency === undefined) return null;
  const here = decision.costs
    .filter((c) => c.cell === first.cell)
    .toSorted((x, y) => x.perBillion - y.perBillion);
  const money = (c: (typeof here)[number]) =>
    `${digits3(c.perBillion)}${c.ciLow === null || c.ciHigh === null ? "" : ` (${digits3(c.ciLow)}–${digits3(c.ciHigh)})`}`;
  const on = (c: (typeof here)[number]) => `${money(c)} on ${c.candidate}`;
  const [least, most] = [here[0] ?? first, here.at(-1) ?? first];
  const range =
    here.length < 2
      ? ""
      : first === least
        ? `, the least, to ${on(most)}`
        : first === most
          ? `, the most; the least is ${on(least)}`
          : `; from ${on(least)} to ${on(most)}`;
  return `a billion deliveries of ${placeWords({ results }, first.cell)} take ${money(first)} ${currency} of CPU and memory on ${first.candidate}${range}.${monthWords(results, first, currency)}`;
}

/** As cloud prices count it, in s. */
const month = 730 * 3600;

/** What the rate that was measured costs a month. */
function monthWords(
  results: Report["results"],
  { candidate, cell, perBillion }: Report["decision"]["costs"][number],
  currency: string,
): string {
  const metrics = results.find((r) => r.candidate === candidate && r.cell === cell)?.metrics;
  const hz = (metrics?.deliveriesHz ?? metrics?.throughputHz)?.median;
  if (hz === undefined) return "";
  const cost = digits3((perBillion / 1e9) * hz * month);
  return ` At the measured ${formatMetric("deliveriesHz", hz)} that is ${cost} ${currency} a month on ${candidate}.`;
}

/** Changes listed beside the answer; the rest is behind a link. */
const nearestShown = 2;

/** The nearest changes that would give another answer. */
function nearest({ decision }: Report): Inline {
  const lead = strong("What would change it:");
  const changes = decisiveFirst(decision.reversals);
  if (changes.length === 0) {
    return line`${lead} none of the variations tried (weights, prices, limits, fan-out, codec).`;
  }
  const shown = changes.slice(0, nearestShown).map((r) => r.text);
  const rest = changes.length - shown.length;
  return line`${lead} ${shown.join(" ")}${rest === 0 ? "" : [" ", link("why", `${rest} more`)]}`;
}

/** What the figures cannot speak for. */
function limits(report: Report): Inline {
  const more =
    report.decision.notMeasured.length === 0 ? "" : [" ", link("what-was-not-measured", "All of it")];
  return line`${strong("Limits:")} ${limitsWords(report)}${more}`;
}

/** `one machine (…) over loopback, so no network; only these versions, rates and numbers of subscribers.` */
export function limitsWords({ host, target }: Report): string {
  const kind = host.virtualised === null ? "" : ", virtual";
  const machine = `(${host.cpu}, ${host.cores} cores${kind})`;
  const where =
    target === undefined
      ? `one machine ${machine} over loopback, so no network`
      : `coordinated from one machine ${machine}, ${wayToServers({ target })}, so that each latency has that network in it`;
  return `${where}; only these versions, rates and numbers of subscribers.`;
}

/** Candidates that are reported by name to be left out; the rest is counted. */
const namedOut = 2;

/** What a reader must know before the figures: who is not in the answer at all and by what, what failed, that the run was cut. */
export function alarms(report: Report): Block[] {
  const { excluded } = report.decision;
  const out = [...Map.groupBy(excluded, (e) => e.candidate)].flatMap(([, [first]]) => first ?? []);
  const rest = out.length - namedOut;
  const { length: failures } = report.failures;
  return [
    ...(report.run.interrupted
      ? [alarm(strong("The run was interrupted; this is what was measured until then."))]
      : []),
    ...out
      .slice(0, namedOut)
      .map((e) => alarm(line`${strong(`${e.candidate} is excluded`)}: it ${exclusionWords(e)}.`)),
    ...(rest > 0 ? [alarm(link("why", `${rest} more excluded`))] : []),
    ...(failures === 0 ? [] : [alarm(link("failures", formatCount(failures, "failed trial")))]),
    ...leaderFails(report),
  ];
}

/** A policy weighs figures, and not whether a server survives: who leads by it may be one that does not. */
function leaderFails({ decision: { leader }, open = [] }: Report): Block[] {
  const led = open.find(({ candidate, survives }) => candidate === leader && survives === "no");
  return led === undefined
    ? []
    : [alarm(line`${strong(`${led.candidate} does not survive the open`)}: ${decisive(led)}.`)];
}

/** What would decide the undecided comparison that is nearest to it. */
function easiest(undecided: readonly Comparison[]): string {
  const minutes = (c: Comparison) => c.minutesToDecide ?? Infinity;
  const [nearest] = undecided.toSorted((x, y) => minutes(x) - minutes(y));
  const words = nearest === undefined ? null : toDecideWords(nearest);
  return words === null ? "" : ` (${undecided.length === 1 ? "" : "for the nearest, "}${words})`;
}

/** How far the answer can be trusted, in the run's own evidence. */
function confidence(report: Report): Inline {
  const declared = report.comparisons.filter((c) => c.declared);
  const undecided = declared.filter((c) => c.verdict === "undecided");
  const are = (n: number) => (n === 1 ? "is" : "are");
  const of = (state: Comparison["verdict"]) => declared.filter((c) => c.verdict === state).length;
  const counts = [
    `${declared.filter(isDecided).length} show a difference`,
    ...(of("equal") === 0 ? [] : [`${of("equal")} ${are(of("equal"))} ${tieStates.equal}`]),
    ...(undecided.length === 0
      ? []
      : [`${undecided.length} ${are(undecided.length)} ${tieStates.undecided}${easiest(undecided)}`]),
    ...(of("withheld") === 0 ? [] : [`${of("withheld")} ${are(of("withheld"))} withheld`]),
  ];
  const verdicts =
    declared.length === 0
      ? "No comparison was declared, so there are no verdicts."
      : `Of ${declared.length} declared comparisons ${listed(counts)}.`;
  const rounds = `${formatCount(report.run.roundsRun, "round")} in random order`;
  const windows = report.results.map(({ params }) => params.windowMs);
  const [shortest, longest] = [Math.min(...windows), Math.max(...windows)];
  const lasting =
    windows.length === 0
      ? ""
      : `, each cell for ${shortest === longest ? "" : `${formatInteger(shortest)} to `}${formatInteger(longest)} ms`;
  return line`${strong("How sure:")} ${rounds}${lasting}; ${calibrationWords(report)}. ${verdicts} ${warningCounts(report)}${report.warnings.length === 0 ? "" : [" ", link("warnings", "All of them")]}`;
}

/** What a reader has to know of an answer, a line each: how sure it is, its cost, what would change it, its limits. */
export const keyFacts = (report: Report): Inline[] =>
  [confidence(report), cost(report), nearest(report), limits(report)].filter((of) => of !== null);

/** What matters more than the answer, where anything does. */
export function first(report: Report): Block[] {
  const words = writingFirst(report);
  return words === null ? [] : [paragraph(strong(words))];
}

/** The answer and what was asked, and what a reader must know of both. */
export const opening = (report: Report): Block[] => [
  ...first(report),
  paragraph(line`${strong("Answer:")} ${report.decision.answer}`),
  ...alarms(report),
  paragraph(question(report)),
];
