import { metricKinds } from "../../schemas/metric.ts";
import { type Policy, type PolicyAxis, policyAxes } from "../../schemas/policy.ts";
import type { CellResult, Exclusion, Reversal } from "../../schemas/report.ts";
import { placeWords } from "../cell-words.ts";
import { digits3, formatBound, formatInteger, formatInterval, formatMetric } from "../format.ts";
import type { Cost } from "./cost.ts";
import { measuredResults, type Undecided } from "./evidence.ts";
import type { Interval } from "./interval.ts";
import { axisLabels, noRecommendation } from "./labels.ts";
import { requirementText } from "./requirements.ts";
import type { Share } from "./sensitivity.ts";
import type { Solution } from "./solve.ts";
import { advantage, isAhead, knownShare, knownShareMin } from "./standing.ts";

/** Everything a sentence of the decision may speak of. */
export interface Findings {
  readonly report: Undecided;
  readonly policy: Policy;
  readonly solution: Solution;
  readonly excluded: readonly Exclusion[];
  readonly runnerUp: string | null;
  readonly tied: readonly string[];
  readonly costs: readonly Cost[];
  readonly sensitivity: readonly Share[];
  readonly reversals: readonly Reversal[];
}

/** A log advantage as percent: 0.182 is 20. */
export const toPct = (log: number): number => 100 * Math.expm1(log);
/** Percent with a true minus and the digits that matter: `−1.6 %`, `24 %`, `1,480 %`. */
export function signedPct(value: number): string {
  const size = Math.abs(value) < 10 ? Math.abs(value).toFixed(1) : formatInteger(Math.abs(value));
  return `${value < 0 && Number(size) !== 0 ? "−" : ""}${size} %`;
}
const pct = (log: number): string => signedPct(toPct(log));
const share = (x: number): string => `${Math.round(100 * x)} %`;

/** What an advantage and its interval are of: a difference that is not shown adds neither to it nor to its width. */
const shownAlone = "counting shown differences alone";

/** `24 % (95 % interval 18 % to 31 %)`, or with a note: `24 % (95 % interval 18 % to 31 %, counting …)`. */
export function advantageText({ mean, low, high }: Interval, note?: string): string {
  return `${pct(mean)} (95 % interval ${pct(low)} to ${pct(high)}${note === undefined ? "" : `, ${note}`})`;
}

/** The decision in two sentences. */
export function answerText(findings: Findings): string {
  const { solution, report } = findings;
  const { recommended, leader } = solution.ranking;
  if (leader === null) return nobodyLeft(findings);
  if (report.candidates.filter((c) => c.twinOf === null).length < 2) {
    return `${noRecommendation}: ${leader} was measured alone, so there is nothing to choose between. Measure it beside another candidate.`;
  }
  return recommended === null ? noDifference(findings, leader) : recommendation(findings, recommended);
}

function nobodyLeft({ excluded, policy }: Findings): string {
  const count = new Set(excluded.map((e) => e.candidate)).size;
  const first = excluded[0];
  const example =
    first === undefined
      ? "Nothing was measured."
      : `${first.candidate}, for one, misses "${first.requirement}": ${first.figure}.`;
  return `${noRecommendation}: ${count === 1 ? "the one candidate misses" : `none of the ${count} candidates meets`} the requirements of the ${policy.name} policy. ${example}`;
}

/** First what was found, then who is out of the question, then why and what would tell more. */
function noDifference(findings: Findings, leader: string): string {
  const { policy, tied } = findings;
  const { standing, unjudged, unshown } = findings.solution;
  if (standing.candidates.length === 1 && unjudged.length > 0) return onlyOneJudged(findings, leader);
  if (unshown !== undefined) {
    return `${noRecommendation} under the ${policy.name} policy: ${leader} alone kept "${requirementText(unshown)}", but in too few rounds to show that it does. Run more rounds.`;
  }
  const lack = evidenceLack(findings, leader);
  if (lack !== null) return `${noRecommendation} under the ${policy.name} policy: ${lack}.`;
  const found = `No difference shown between ${listed([leader, ...tied])} under the ${policy.name} policy: choose on other grounds.`;
  return `${found}${behindText(findings, leader)} ${lackText(findings, leader, tied[0] ?? leader)}.`;
}

/** Of several candidates one has evidence, and the others lack it by no fault of theirs: it has won against nobody. */
function onlyOneJudged({ policy, solution, report }: Findings, leader: string): string {
  const next = report.run.interrupted
    ? "go on with --resume"
    : "run it again on a quiet machine, or longer (--profile thorough)";
  return `${noRecommendation} under the ${policy.name} policy: ${leader} alone has enough counted evidence to be judged, and ${listed(solution.unjudged)} had no chance to be compared with it, since the run ${report.run.interrupted ? "was cut" : "withheld or lacks what is weighed"}; ${next}.`;
}

/** Why the evidence carries no answer at all, and what to do about it; null where it does. */
function evidenceLack(findings: Findings, leader: string): string | null {
  const { standing, shares, unmatched } = findings.solution;
  const [first] = unmatched;
  if (first !== undefined) return `${first.text}. Correct the requirement, or run what it is about`;
  const [other] = [...findings.tied, ...standing.candidates.filter((c) => c !== leader)];
  if (other === undefined || standing.axes.length === 0) {
    return "this run has no counted evidence on anything that it weighs. Run more rounds, or the workloads that it weighs";
  }
  const { covered } = findings.solution;
  if (covered < knownShareMin) {
    return `this run tells of ${share(covered)} of what it weighs alone, and nothing of ${silentAxes(findings)}. Run the workloads that it weighs, or weigh what was run`;
  }
  const known = knownShare(standing, shares, leader, other);
  if (known >= knownShareMin) return null;
  return `only ${share(known)} of what it weighs has usable evidence on ${leader} and ${other}${silentText(findings)}, the rest is withheld or of too few rounds. Run it again on a quiet machine, or longer (--profile thorough)`;
}

/** Those that the leader is ahead of, so that a tie of some does not read as a tie of all. */
function behindText({ solution, tied }: Findings, leader: string): string {
  const { standing, shares } = solution;
  const behind = standing.candidates.filter((c) => c !== leader && !tied.includes(c));
  if (behind.length === 0) return "";
  const leads = behind.map((c) => advantage(standing, shares, leader, c).mean).sort((x, y) => x - y);
  const [least, most] = [pct(leads[0] ?? 0), pct(leads.at(-1) ?? 0)];
  return ` ${leader} is ahead of ${listed(behind)}, by ${least === most ? least : `${least} to ${most}`} on the weighted figures.`;
}

/** Names in an answer; the rest of many are counted. */
const namesMax = 4;

function listed(names: readonly string[]): string {
  const shown = names.length > namesMax ? names.slice(0, namesMax - 1) : names.slice(0, -1);
  const last = names.length > namesMax ? `${names.length - shown.length} more` : (names.at(-1) ?? "");
  return shown.length === 0 ? last : `${shown.join(", ")} and ${last}`;
}

/** What keeps the leader from being ahead of another, and what to do about it. */
function lackText(findings: Findings, leader: string, other: string): string {
  const { policy, solution } = findings;
  const silent = silentText(findings);
  const lead = advantage(solution.standing, solution.shares, leader, other);
  if (lead.low === 0 && lead.high === 0) {
    return `Every weighed figure${silent} of ${leader} and ${other} is within the noise of this run or withheld; --profile thorough, on a quiet machine, would show smaller differences`;
  }
  const told = `${leader} is better than ${other} by ${advantageText(lead, shownAlone)} on the weighted figures${silent}`;
  const measured = advantage(solution.standing, solution.shares, leader, other, "usable").mean;
  if (lead.low > solution.worth && measured <= 0) {
    const all = measured === 0 ? "the two are level" : `${other} is better by ${pct(-measured)}`;
    return `${told}, yet ${all} where those that are not shown count as measured; --profile thorough, on a quiet machine, would tell which holds`;
  }
  return `${told}, and to choose by it the whole interval must lie beyond ${signedPct(policy.worthPct)}; more rounds would narrow it, and other weights may decide`;
}

function recommendation(findings: Findings, recommended: string): string {
  const { report, solution, policy, runnerUp, excluded, sensitivity, costs, reversals } = findings;
  const { standing, shares } = solution;
  const wins = sensitivity.find((s) => s.candidate === recommended)?.sharePct;
  const cost = costs.find((c) => c.candidate === recommended);
  const money =
    cost === undefined
      ? ""
      : `, costs ${digits3(cost.perBillion)} ${policy.prices.currency} per billion deliveries (${placeWords(report, cost.cell)})`;
  const nearest = reversals[0] ?? null;
  const limit =
    nearest === null
      ? "nothing that was varied would change the answer"
      : `the nearest switch is: ${lowerFirst(nearest.text)}`;
  if (runnerUp === null) {
    const out = new Set(excluded.map((e) => e.candidate)).size;
    return `${recommended} is recommended under the ${policy.name} policy: it alone meets the requirements, and ${out === 1 ? "the other does" : `the ${formatInteger(out)} others do`} not. It was not compared further${money}; ${withoutStop(limit)}.`;
  }
  const lead = advantageText(advantage(standing, shares, recommended, runnerUp), shownAlone);
  const figure = headlineFigure(findings, recommended, runnerUp);
  return `${recommended} is recommended under the ${policy.name} policy: it is ahead of ${runnerUp}, the runner-up, by ${lead} on the weighted figures${silentText(findings)}${figure}. It wins ${wins ?? 0} % of all weightings${money}; ${withoutStop(limit)}.`;
}

/** Axes that the policy weighs and the run has no shared evidence on; their weight decided nothing. */
function silentText(findings: Findings): string {
  const silent = silentAxes(findings);
  return silent === "" ? "" : ` (which tell nothing of ${silent})`;
}

function silentAxes({ policy, solution }: Findings): string {
  return policyAxes
    .filter((axis) => policy.weights[axis] > 0 && !solution.standing.axes.includes(axis))
    .map((axis) => axisLabels[axis])
    .join(", ");
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
const withoutStop = (text: string): string => text.replace(/\.$/, "");

/** The heaviest axis on which the two are shown to differ, by its first figure. */
function headlineFigure(findings: Findings, a: string, b: string): string {
  const { standing, shares } = findings.solution;
  const axes = [...standing.axes].sort((x, y) => shares[y] - shares[x]);
  const axis = axes.find((k) => shares[k] > 0 && standing.edge(k, a, b).shown.mean !== 0);
  const text = axis === undefined ? null : figuresText(findings, axis, a, b);
  return text === null ? "" : `, with ${text}`;
}

/** `latency p99 1.20 ms (1.15–1.27) against 1.55 ms (1.49–1.61) in feed/…`: the axis's first shown figure of both. */
function figuresText({ report, solution }: Findings, axis: PolicyAxis, a: string, b: string): string | null {
  const { items } = solution.standing;
  const mine = items.filter((i) => i.axis === axis);
  const { differences } = solution.standing.edge(axis, a, b);
  const item = mine.find((_, i) => differences[i]?.shown) ?? mine[0];
  if (item === undefined) return null;
  const figure = (candidate: string): string | null => {
    const result = resultOf(report, candidate, item.cell)?.metrics[item.metric];
    if (result === undefined) return null;
    const interval = formatInterval(item.metric, result);
    const least = item.limited.has(candidate) ? "at least " : "";
    return `${least}${formatMetric(item.metric, result.median)}${interval === null ? "" : ` (${interval})`}`;
  };
  return `${metricKinds[item.metric].label} ${figure(a) ?? "–"} against ${figure(b) ?? "–"} in ${placeWords(report, item.cell)}`;
}

function resultOf(report: Undecided, candidate: string, cell: string): CellResult | undefined {
  return measuredResults(report).find((r) => r.candidate === candidate && r.cell === cell);
}

/** The reasons, in figures: the leader against the runner-up by axis, then against the rest, then who was left out. */
export function reasons(findings: Findings): string[] {
  const { solution, excluded, runnerUp } = findings;
  const { leader } = solution.ranking;
  const out = excluded.map((e) => `${e.candidate} is left out by "${e.requirement}": ${e.figure}.`);
  if (leader === null) return out;
  const axes =
    runnerUp === null
      ? []
      : axesByWeight(solution, leader, runnerUp).map((axis) => axisReason(findings, axis, leader, runnerUp));
  return [
    ...axes,
    ...restReason(findings, leader),
    ...costReason(findings, leader),
    ...failureReason(findings, leader),
    ...out,
  ];
}

/** What decided comes first: the axes with a shown difference, then those that counted as equal; the heaviest of each first. */
function axesByWeight({ standing, shares }: Solution, a: string, b: string): PolicyAxis[] {
  const equal = (axis: PolicyAxis) => Number(!standing.edge(axis, a, b).differences.some((d) => d.shown));
  return standing.axes
    .filter((axis) => shares[axis] > 0)
    .sort((x, y) => equal(x) - equal(y) || shares[y] - shares[x]);
}

function axisReason(findings: Findings, axis: PolicyAxis, a: string, b: string): string {
  const { standing, shares } = findings.solution;
  const { shown, measured, bound, differences } = standing.edge(axis, a, b);
  const name = `${axisLabels[axis].charAt(0).toUpperCase()}${axisLabels[axis].slice(1)} (weight ${share(shares[axis])})`;
  const ratio = ({ mean, low, high }: Interval) =>
    `${digits3(Math.exp(mean))} × (95 % interval ${digits3(Math.exp(low))}–${digits3(Math.exp(high))})`;
  const counted = differences.filter((d) => d.shown).length;
  if (counted === 0) {
    const why = differences.find((d) => d.why !== null)?.why ?? "no difference shown";
    const as = why === "too few rounds" ? "" : `; as measured, ${a} is ${ratio(measured)} as good as ${b}`;
    return `${name}: ${why}, so it counts as equal${as}.`;
  }
  const part = counted < differences.length ? `, ${counted} of ${differences.length} figures shown` : "";
  return `${name}: ${a} is ${formatBound(bound)}${ratio(shown)} as good as ${b}${part}; ${figuresText(findings, axis, a, b)}.`;
}

function restReason({ solution, runnerUp }: Findings, leader: string): string[] {
  const { standing, shares, worth } = solution;
  const rest = standing.candidates.filter((c) => c !== leader && c !== runnerUp);
  const behind = rest.filter((c) => isAhead(standing, shares, worth, leader, c));
  const level = rest.filter((c) => !behind.includes(c));
  const leads = behind
    .map((name) => ({ name, lead: advantage(standing, shares, leader, name) }))
    .sort((x, y) => x.lead.mean - y.lead.mean);
  const texts = leads.map(({ name, lead }) => `${name} by ${advantageText(lead)}`);
  const ahead =
    texts.length > namesMax
      ? `${leads.length} others, from ${texts[0]} to ${texts.at(-1)}`
      : texts.join(", of ");
  return [
    ...(leads.length === 0
      ? []
      : [`${leader} is ahead of ${ahead}, on the weighted figures, ${shownAlone}.`]),
    ...(level.length === 0 ? [] : [`${leader} is not shown to be ahead of ${listed(level)}.`]),
  ];
}

/** What a billion deliveries cost on the leader, and on the others or, where those are many, on the cheapest and the dearest. */
function costReason({ report, costs, policy }: Findings, leader: string): string[] {
  const mine = costs.find((c) => c.candidate === leader);
  if (mine === undefined) return [];
  const money = ({ perBillion, ciLow, ciHigh }: Cost) =>
    `${digits3(perBillion)}${ciLow === null || ciHigh === null ? "" : ` (${digits3(ciLow)}–${digits3(ciHigh)})`}`;
  const others = costs
    .filter((c) => c.cell === mine.cell && c.candidate !== leader)
    .sort((x, y) => x.perBillion - y.perBillion);
  const texts = others.map((c) => `${c.candidate} ${money(c)}`);
  const against = texts.length > namesMax ? `${texts[0]} to ${texts.at(-1)}` : texts.join(", ");
  return [
    `A billion deliveries of ${placeWords(report, mine.cell)} cost ${money(mine)} ${policy.prices.currency} on ${leader}${against === "" ? "" : `; ${against}`}.`,
  ];
}

function failureReason({ report }: Findings, leader: string): string[] {
  const failures = report.failures.filter((f) => f.candidate === leader && f.fault !== "generator");
  if (failures.length === 0) return [];
  const times = failures.length === 1 ? "once" : `${failures.length} times`;
  const phases = listed([...new Set(failures.map((f) => f.phase))]);
  return [`Beware: ${leader} failed ${times} (at ${phases}); no failed trial is measured again.`];
}
