import { type MetricName, metricKinds } from "../../schemas/metric.ts";
import { type Policy, type PolicyAxis, policyAxes } from "../../schemas/policy.ts";
import type {
  AxisReading,
  CellResult,
  Exclusion,
  Outcome,
  Report,
  Reversal,
  Tie,
  Undecided,
} from "../../schemas/report.ts";
import { warningKind } from "../../schemas/warning.ts";
import type { Interval } from "../../stats/interval.ts";
import {
  capitalised,
  figureBound,
  formatFigure,
  formatInteger,
  formatRatio,
  formatRatioInterval,
  formatShare,
  formatWithInterval,
  listedUpTo,
} from "../format.ts";
import { whollyDisturbed } from "../view.ts";
import {
  equalWords,
  exclusionWords,
  inverseBound,
  ratioWords,
  signedPct,
  tieStates,
  writingNames,
} from "../wording.ts";
import { placeWords } from "../workloads/index.ts";
import type { Cost } from "./cost.ts";
import { type Item, measuredResults } from "./evidence.ts";
import { axisLabels } from "./labels.ts";
import { readingOf, toPct } from "./outcome.ts";
import { boundOf } from "./pair.ts";
import { advantage, knownShare, knownShareMin } from "./pairwise.ts";
import { requirementText } from "./requirements.ts";
import type { Share } from "./sensitivity.ts";
import type { Solution } from "./solve.ts";

/** Everything a sentence of the decision may speak of. */
export interface Findings {
  readonly report: Undecided;
  readonly policy: Policy;
  readonly solution: Solution;
  readonly excluded: readonly Exclusion[];
  readonly runnerUp: string | null;
  readonly tied: readonly Tie[];
  readonly outcome: Outcome;
  readonly costs: readonly Cost[];
  readonly sensitivity: readonly Share[];
  readonly reversals: readonly Reversal[];
  readonly writing: Report["decision"]["writing"];
}

const pct = (log: number): string => signedPct(toPct(log));

/** What an advantage and its interval are of: a difference that is not shown adds neither to it nor to its width. */
export const shownAlone = "counting only differences that are shown";

/** `24 % (95 % interval 18 % to 31 %)`. */
export function advantageText({ mean, low, high }: Interval): string {
  return `${pct(mean)} (95 % interval ${pct(low)} to ${pct(high)})`;
}

/** How an answer begins where the run carries none. */
const noRecommendation = "No recommendation";

/** The decision in a few sentences. What would change it stands beside it, in the reversals. */
export function answerText(findings: Findings): string {
  const { policy, outcome } = findings;
  const { leader } = findings.solution.ranking;
  const under = `under the ${policy.name} policy`;
  if (leader === null) return nobodyLeft(findings);
  switch (outcome) {
    case "recommended":
      return recommendation(findings, leader);
    case "single-candidate":
      return `${noRecommendation}: ${leader} was measured alone, so there is no choice to make. Measure another candidate with it.`;
    case "nobody-qualifies":
      return nobodyLeft(findings);
    case "others-not-judged":
      return onlyOneJudged(findings, leader);
    case "others-did-not-run":
      return onlyOneRan(findings, leader);
    case "limit-not-shown": {
      const { unshown } = findings.solution;
      const limit = unshown === undefined ? "" : ` "${requirementText(unshown)}"`;
      return `${noRecommendation} ${under}: only ${leader} met${limit}, but in too few rounds to prove it. Run more rounds.`;
    }
    case "requirement-not-in-run":
    case "too-little-evidence":
      return `${noRecommendation} ${under}: ${evidenceLack(findings, leader)}.`;
    case "equal":
    case "undecided":
    case "trade-off":
      return `${tiesText(findings, leader, under)}${behindText(findings, leader)}`;
  }
}

function nobodyLeft({ excluded, policy, report }: Findings): string {
  const disturbance = whollyDisturbed(report);
  if (disturbance !== null) {
    const { cause, nextStep } = warningKind(disturbance);
    return `${noRecommendation}: no window could be counted. ${cause} Next: ${nextStep}.`;
  }
  const count = new Set(excluded.map((e) => e.candidate)).size;
  const first = excluded[0];
  const example =
    first === undefined ? "Nothing was measured." : `${first.candidate}, for one, ${exclusionWords(first)}.`;
  return `${noRecommendation}: ${count === 1 ? "the one candidate misses" : `none of the ${count} candidates meets`} the requirements of the ${policy.name} policy. ${example}`;
}

/** A sentence for each state that candidates stand to the leader in: three states, three phrases. */
function tiesText({ tied, policy }: Findings, leader: string, under: string): string {
  const of = (state: Tie["state"]) => tied.filter((t) => t.state === state);
  const [tradeOff, undecided, equal] = [of("trade-off"), of("undecided"), of("equal")];
  const names = (ties: readonly Tie[]) => named([leader, ...ties.map((t) => t.candidate)]);
  const worth = signedPct(policy.worthPct);
  const sentences = [
    tradeOff.length === 0
      ? []
      : [
          `No winner between ${names(tradeOff)} ${under}: ${tieStates["trade-off"]}. ${tradeOff
            .slice(0, maxTradeOffs)
            .map((t) => tradeOffWords(leader, t))
            .join("; ")}. Other weights would decide it.`,
        ],
    undecided.length === 0
      ? []
      : [
          `Not decided between ${names(undecided)} ${under}.${undecidedWords(leader, undecided[0])} A recommendation needs the whole interval beyond ${worth}; more rounds would narrow it (--profile thorough).`,
        ],
    equal.length === 0
      ? []
      : [
          `${names(equal)} are ${equalWords(Math.max(...equal.map((t) => t.withinPct)))} ${under}: choose by other criteria.`,
        ],
  ];
  return sentences.flat().join(" ");
}

/** Trade-offs that an answer spells out. */
const maxTradeOffs = 2;

function tradeOffWords(leader: string, { candidate, better, worse }: Tie): string {
  const axes = (list: readonly PolicyAxis[]) => named(list.map((axis) => axisLabels[axis]));
  return `Against ${candidate}, ${leader} is better on ${axes(better)} and worse on ${axes(worse)}`;
}

function undecidedWords(leader: string, tie: Tie | undefined): string {
  if (tie === undefined) return "";
  const { candidate, byPct, ciLowPct, ciHighPct, couldShowPct } = tie;
  const [ahead, behind] = byPct < 0 ? [candidate, leader] : [leader, candidate];
  const turned = (pct: number) => (byPct < 0 ? 100 * (1 / (1 + pct / 100) - 1) : pct);
  const [low, high] = [turned(ciLowPct), turned(ciHighPct)].sort((x, y) => x - y);
  return ` As measured, ${ahead} is ${signedPct(turned(byPct))} ahead of ${behind} (95 % interval ${signedPct(low ?? 0)} to ${signedPct(high ?? 0)}); this run could show no less than ${signedPct(couldShowPct)}.`;
}

/** Of several candidates one has evidence, and the others lack it by no fault of theirs: it has won against nobody. */
function onlyOneJudged({ policy, solution, report }: Findings, leader: string): string {
  const next = report.run.interrupted
    ? "resume it with --resume"
    : "run it again on a quiet machine, or longer (--profile thorough)";
  return `${noRecommendation} under the ${policy.name} policy: only ${leader} has enough evidence to be judged; ${named(solution.unjudged)} could not be compared with it, because the run ${report.run.interrupted ? "was cut short" : "withheld or did not measure what is weighed"}; ${next}.`;
}

/** Of several candidates one ran: none of the others was measured and missed anything, so that it has won against nobody. */
function onlyOneRan({ policy, excluded }: Findings, leader: string): string {
  const others = [...new Set(excluded.map((e) => e.candidate))];
  const [first] = excluded;
  const why = first === undefined ? "" : ` (${first.candidate}: ${first.figure})`;
  return `${noRecommendation} under the ${policy.name} policy: ${leader} is the only candidate left, because ${named(others)} failed to run${why}. Fix what failed and repeat.`;
}

/** Why the evidence carries no answer at all, and what to do about it. */
function evidenceLack(findings: Findings, leader: string): string {
  const { pairwise, shares, unmatched } = findings.solution;
  const [first] = unmatched;
  if (first !== undefined) return `${first.text}. Correct the requirement, or run the workload it names`;
  const other = findings.tied[0]?.candidate ?? pairwise.candidates.find((c) => c !== leader);
  if (other === undefined || pairwise.axes.length === 0) {
    return "this run has no usable evidence on anything the policy weighs. Run more rounds, or the workloads that it weighs";
  }
  const { covered } = findings.solution;
  if (covered < knownShareMin) {
    return `this run covers only ${formatShare(covered)} of what the policy weighs, and nothing about ${silentNames(silentAxes(findings))}. Run the workloads that it weighs, or change the weights`;
  }
  const known = knownShare(pairwise, shares, leader, other);
  return `only ${formatShare(known)} of what the policy weighs has usable evidence on ${leader} and ${other}${silentText(findings)}; the rest is withheld or has too few rounds. Run it again on a quiet machine, or longer (--profile thorough)`;
}

/** Those that the leader is ahead of, so that a tie of some does not read as a tie of all. */
function behindText({ solution, tied }: Findings, leader: string): string {
  const { pairwise, shares } = solution;
  const behind = pairwise.candidates.filter((c) => c !== leader && tied.every((t) => t.candidate !== c));
  if (behind.length === 0) return "";
  const leads = behind.map((c) => advantage(pairwise, shares, leader, c).mean).sort((x, y) => x - y);
  const [least, most] = [pct(leads[0] ?? 0), pct(leads.at(-1) ?? 0)];
  return ` ${leader} is ahead of ${named(behind)}, by ${least === most ? least : `${least} to ${most}`} on the weighted figures.`;
}

/** Names in an answer; the rest of many are counted. */
export const namesMax = 4;

/** The first names, and how many more there are. */
export const named = (names: readonly string[]): string => listedUpTo(names, namesMax);

function recommendation(findings: Findings, recommended: string): string {
  const { solution, policy, runnerUp, excluded } = findings;
  const { pairwise, shares } = solution;
  const opening = `${recommended}${withWriting(findings)} is recommended under the ${policy.name} policy`;
  if (runnerUp === null) {
    const out = new Set(excluded.map((e) => e.candidate)).size;
    return `${opening}: it is the only one that meets the requirements; ${out === 1 ? "the other does" : `the ${formatInteger(out)} others do`} not. It was not compared further.`;
  }
  const { mean, low, high } = advantage(pairwise, shares, recommended, runnerUp);
  const lead = `On the weighted figures it is ${pct(mean)} ahead of ${runnerUp}, the runner-up (95 % interval ${pct(low)} to ${pct(high)}, ${shownAlone}).`;
  return [
    `${opening}.`,
    lead,
    ...decidedBy(findings, recommended, runnerUp),
    winsText(findings, recommended),
    ...writingText(findings),
  ].join(" ");
}

/** ` with coalesced writes`, where a discipline is shown to be the better one. */
const withWriting = ({ writing }: Findings): string =>
  writing === null || writing.reads !== "better" ? "" : ` with ${writingNames[writing.broadcast]}`;

/** What the recommended discipline brings, or that none is shown to be the better one. */
function writingText({ writing }: Findings): string[] {
  if (writing === null) return [];
  const { reads, broadcast, against, metric, ratio, ciLow, ciHigh } = writing;
  const [named, other] = [writingNames[broadcast], writingNames[against]];
  const { label } = metricKinds[metric];
  if (reads !== "better") {
    return [`Between ${named} and ${other}, its ${label} is ${tieStates[reads]}.`];
  }
  const times = `${formatRatio(ratio)} (${formatRatioInterval(ciLow, ciHigh)})`;
  return [`With ${named} its ${label} is ${times} lower than with ${other}.`];
}

/** `Of all possible weights 71 % give the same answer, 20 % node/ws; under the rest no candidate is ahead.` */
function winsText({ sensitivity }: Findings, recommended: string): string {
  const won = sensitivity.filter((s) => s.sharePct > 0);
  const winnerPct = won.find((s) => s.candidate === recommended)?.sharePct ?? 0;
  const others = won.flatMap(({ candidate, sharePct }) =>
    candidate === null || candidate === recommended ? [] : [`${shareText(sharePct)} ${candidate}`],
  );
  const none = won.find((s) => s.candidate === null);
  if (others.length === 0 && none === undefined) return "All possible weights give the same answer.";
  const against = others.length === 0 ? "" : `, ${named(others)}`;
  const rest = none === undefined ? "" : "; under the rest no candidate is ahead";
  return `Of all possible weights ${shareText(winnerPct)} give the same answer${against}${rest}.`;
}

/** A share that is neither all nor nothing never reads as if it were. */
function shareText(sharePct: number): string {
  if (sharePct > 99 && sharePct < 100) return "more than 99 %";
  return sharePct < 1 ? "less than 1 %" : `${Math.round(sharePct)} %`;
}

/** `Throughput alone decides: 4.56 × faster (4.4–4.7) in …, 1.75 M/s against 384 k/s.`, then a sentence for each state of the other axes. */
function decidedBy(findings: Findings, a: string, b: string): string[] {
  const { pairwise, shares } = findings.solution;
  const gain = (axis: PolicyAxis) => shares[axis] * pairwise.edge(axis, a, b).shown.mean;
  const weighed = pairwise.axes.filter((axis) => shares[axis] > 0);
  const shown = weighed.filter((axis) => gain(axis) !== 0).sort((x, y) => gain(y) - gain(x));
  const [lead, ...also] = shown.filter((axis) => gain(axis) > 0);
  if (lead === undefined) return [];
  const worse = shown.filter((axis) => gain(axis) < 0).reverse();
  const reads = (reading: AxisReading) =>
    weighed.filter((axis) => !shown.includes(axis) && readingOf(pairwise.edge(axis, a, b)) === reading);
  const sentence = (axes: readonly PolicyAxis[], one: string, many: string) =>
    axes.length === 0 ? [] : [`${axisNames(axes)} ${axes.length === 1 ? one : many}.`];
  return [
    `${axisNames([lead])} ${shown.length === 1 ? "alone decides" : "decides most"}${leadFigure(findings, lead, a, b)}.`,
    ...sentence(also, "is better too", "are better too"),
    ...sentence(worse, "is worse", "are worse"),
    ...sentence(reads("equal"), "is equal", "are equal"),
    ...sentence(reads("undecided"), "is not decided", "are not decided"),
    ...sentence(reads("withheld"), "is withheld", "are withheld"),
    ...sentence(
      silentAxes(findings),
      "was not measured for all candidates",
      "were not measured for all candidates",
    ),
  ];
}

/** The names of axes at the beginning of a sentence. */
const axisNames = (axes: readonly PolicyAxis[]): string =>
  capitalised(named(axes.map((axis) => axisLabels[axis])));

/** Axes that the policy weighs and the run has no shared evidence on; their weight decided nothing. */
function silentText(findings: Findings): string {
  const silent = silentAxes(findings);
  return silent.length === 0 ? "" : ` (none on ${silentNames(silent)})`;
}

const silentAxes = ({ policy, solution }: Findings): PolicyAxis[] =>
  policyAxes.filter((axis) => policy.weights[axis] > 0 && !solution.pairwise.axes.includes(axis));

const silentNames = (axes: readonly PolicyAxis[]): string => axes.map((axis) => axisLabels[axis]).join(", ");

/** The metric that an axis is named after, whose figures need no name beside it. */
const axisMetric: Partial<Record<PolicyAxis, MetricName>> = {
  throughput: "throughputHz",
  startup: "startupNs",
};

/** The figure that speaks most for an axis, behind a colon: its ratio, where, and both medians. */
function leadFigure(findings: Findings, axis: PolicyAxis, a: string, b: string): string {
  const best = tellingFigure(findings, axis, a, b);
  if (best === null) return "";
  const { metric, cell } = best.item;
  const { median, ratio } = best;
  const name = metric === axisMetric[axis] ? "" : `${metricKinds[metric].label} `;
  const place = placeWords(findings.report, cell);
  return `: ${name}${ratio === null ? "" : `${ratio} `}in ${place}, ${median(a)} against ${median(b)}`;
}

/** `latency p99 1.20 ms (1.15–1.27) against 1.55 ms (1.49–1.61) in feed/…`: the figure that speaks most for an axis. */
export function figuresText(findings: Findings, axis: PolicyAxis, a: string, b: string): string | null {
  const best = tellingFigure(findings, axis, a, b);
  if (best === null) return null;
  const { metric, cell } = best.item;
  return `${metricKinds[metric].label} ${best.figure(a)} against ${best.figure(b)} in ${placeWords(findings.report, cell)}`;
}

/**
 * Of an axis's shown figures the one of the largest difference in the direction of the whole, so that what is quoted for an axis
 * never speaks against what is said of it; the first where none is shown.
 */
function tellingFigure({ report, solution }: Findings, axis: PolicyAxis, a: string, b: string) {
  const onAxis = solution.pairwise.items.filter((i) => i.axis === axis);
  const { differences, shown } = solution.pairwise.edge(axis, a, b);
  const along = Math.sign(shown.mean);
  const [best] = onAxis
    .flatMap((item, i) => {
      const difference = differences[i];
      return difference?.shown === true ? [{ item, difference }] : [];
    })
    .toSorted((x, y) => along * (y.difference.mean - x.difference.mean));
  const item = best?.item ?? onAxis[0];
  if (item === undefined) return null;
  const textOf = (candidate: string, withInterval: boolean): string => {
    const whole = resultOf(report, candidate, item.cell);
    const found = whole?.metrics[item.metric];
    if (whole === undefined || found === undefined) return "–";
    return withInterval
      ? formatWithInterval(item.metric, found, figureBound(item.metric, whole))
      : formatFigure(item.metric, whole, found);
  };
  return {
    item,
    figure: (candidate: string) => textOf(candidate, true),
    median: (candidate: string) => textOf(candidate, false),
    ratio: best === undefined ? null : ratioOf(best.item, best.difference, a, b),
  };
}

/** How much more or less of a figure the first has, from a difference that counts what is better as more. */
function ratioOf(item: Item, { mean, low, high }: Interval, a: string, b: string): string | null {
  const sign = metricKinds[item.metric].better === "higher" ? 1 : -1;
  const [one, other] = [Math.exp(sign * low), Math.exp(sign * high)];
  const bound = boundOf([item], [true], a, b);
  return ratioWords({
    metric: item.metric,
    ratio: Math.exp(sign * mean),
    bound: sign === 1 ? bound : inverseBound(bound),
    ciLow: Math.min(one, other),
    ciHigh: Math.max(one, other),
  });
}

function resultOf(report: Undecided, candidate: string, cell: string): CellResult | undefined {
  return measuredResults(report).find((r) => r.candidate === candidate && r.cell === cell);
}
