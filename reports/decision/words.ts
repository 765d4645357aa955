import { metricKinds } from "../../schemas/metric.ts";
import { type Policy, type PolicyAxis, policyAxes } from "../../schemas/policy.ts";
import type { CellResult, Exclusion, Reversal } from "../../schemas/report.ts";
import { placeWords } from "../cell-words.ts";
import { formatBounded, formatInteger, formatInterval, listedUpTo } from "../format.ts";
import type { Cost } from "./cost.ts";
import { measuredResults, type Undecided } from "./evidence.ts";
import type { Interval } from "./interval.ts";
import { axisLabels, noRecommendation } from "./labels.ts";
import { requirementText } from "./requirements.ts";
import type { Share } from "./sensitivity.ts";
import type { Solution } from "./solve.ts";
import { advantage, knownShare, knownShareMin } from "./standing.ts";

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
export const share = (x: number): string => `${Math.round(100 * x)} %`;

/** What an advantage and its interval are of: a difference that is not shown adds neither to it nor to its width. */
export const shownAlone = "shown differences alone";

/** `24 % (95 % interval 18 % to 31 %)`, or with a note: `24 % (95 % interval 18 % to 31 %, counting …)`. */
export function advantageText({ mean, low, high }: Interval, note?: string): string {
  return `${pct(mean)} (95 % interval ${pct(low)} to ${pct(high)}${note === undefined ? "" : `, ${note}`})`;
}

/** The decision in a few sentences; that of a recommendation ends with the nearest change of it. */
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
  if (standing.candidates.length === 1) return onlyOneRan(findings, leader);
  const lack = evidenceLack(findings, leader);
  if (lack !== null) return `${noRecommendation} under the ${policy.name} policy: ${lack}.`;
  const found = `No difference shown between ${named([leader, ...tied])} under the ${policy.name} policy: choose on other grounds.`;
  return `${found}${behindText(findings, leader)} ${lackText(findings, leader, tied[0] ?? leader)}.`;
}

/** Of several candidates one has evidence, and the others lack it by no fault of theirs: it has won against nobody. */
function onlyOneJudged({ policy, solution, report }: Findings, leader: string): string {
  const next = report.run.interrupted
    ? "go on with --resume"
    : "run it again on a quiet machine, or longer (--profile thorough)";
  return `${noRecommendation} under the ${policy.name} policy: ${leader} alone has enough counted evidence to be judged, and ${named(solution.unjudged)} had no chance to be compared with it, since the run ${report.run.interrupted ? "was cut" : "withheld or lacks what is weighed"}; ${next}.`;
}

/** Of several candidates one ran: none of the others was measured and missed anything, so that it has won against nobody. */
function onlyOneRan({ policy, excluded }: Findings, leader: string): string {
  const others = [...new Set(excluded.map((e) => e.candidate))];
  const [first] = excluded;
  const why = first === undefined ? "" : ` (${first.candidate}: ${first.figure})`;
  return `${noRecommendation} under the ${policy.name} policy: ${leader} is the only candidate left, since ${named(others)} did not run as asked${why}. Mend what failed and repeat, so that there is something to choose between.`;
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
    return `this run tells of ${share(covered)} of what it weighs alone, and nothing of ${silentNames(silentAxes(findings))}. Run the workloads that it weighs, or weigh what was run`;
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
  return ` ${leader} is ahead of ${named(behind)}, by ${least === most ? least : `${least} to ${most}`} on the weighted figures.`;
}

/** Names in an answer; the rest of many are counted. */
export const namesMax = 4;

/** The first names, and how many more there are. */
export const named = (names: readonly string[]): string => listedUpTo(names, namesMax);

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
  const { solution, policy, runnerUp, excluded, reversals } = findings;
  const { standing, shares } = solution;
  const nearest = reversals[0]?.text ?? nothingChanges;
  const opening = `${recommended} is recommended under the ${policy.name} policy: it`;
  if (runnerUp === null) {
    const out = new Set(excluded.map((e) => e.candidate)).size;
    return `${opening} alone meets the requirements, and ${out === 1 ? "the other does" : `the ${formatInteger(out)} others do`} not. It was not compared further. ${nearest}`;
  }
  const { mean, low, high } = advantage(standing, shares, recommended, runnerUp);
  const lead = `scores ${pct(mean)} better than ${runnerUp}, the runner-up (95 % interval ${pct(low).replace(" %", "")}–${pct(high)}, ${shownAlone})`;
  return `${opening} ${lead}, ${decidedBy(findings, recommended, runnerUp)}. ${winsText(findings, recommended)} ${nearest}`;
}

/** The last sentence of an answer that nothing which was varied would change. */
export const nothingChanges = "Nothing that was varied would change the answer.";

/** `It wins 71 % of all weightings; under the rest no difference shows.` */
function winsText({ sensitivity }: Findings, recommended: string): string {
  const won = sensitivity.filter((s) => s.sharePct > 0);
  const mine = won.find((s) => s.candidate === recommended)?.sharePct ?? 0;
  const others = won.flatMap(({ candidate, sharePct }) =>
    candidate === null || candidate === recommended ? [] : [`${candidate} ${shareText(sharePct)}`],
  );
  const none = won.find((s) => s.candidate === null);
  if (others.length === 0 && none === undefined) return "It wins under all weightings.";
  const against = others.length === 0 ? "" : `, ${named(others)}`;
  const rest = none === undefined ? "" : "; under the rest no difference shows";
  return `It wins ${shareText(mine)} of all weightings${against}${rest}.`;
}

/** A share that is neither all nor nothing never reads as if it were. */
function shareText(sharePct: number): string {
  if (sharePct > 99 && sharePct < 100) return "over 99 %";
  return sharePct < 1 ? "under 1 %" : `${Math.round(sharePct)} %`;
}

/** `by throughput alone: 1.75 M/s against 384 k/s in …; latency tail and memory show no difference`: what each weighed axis says. */
function decidedBy(findings: Findings, a: string, b: string): string {
  const { standing, shares } = findings.solution;
  const gain = (axis: PolicyAxis) => shares[axis] * standing.edge(axis, a, b).shown.mean;
  const weighed = standing.axes.filter((axis) => shares[axis] > 0);
  const shown = weighed.filter((axis) => gain(axis) !== 0).sort((x, y) => gain(y) - gain(x));
  const [lead, ...also] = shown.filter((axis) => gain(axis) > 0);
  if (lead === undefined) return "on the weighted figures";
  const worse = shown.filter((axis) => gain(axis) < 0).reverse();
  const equal = weighed.filter((axis) => !shown.includes(axis));
  const told = equal.filter((axis) => standing.edge(axis, a, b).known > 0);
  const untold = equal.filter((axis) => !told.includes(axis));
  const names = (axes: readonly PolicyAxis[]) => named(axes.map((axis) => axisLabels[axis]));
  const verb = (axes: readonly PolicyAxis[], one: string, many: string) =>
    `${names(axes)} ${axes.length === 1 ? one : many}`;
  const silent = silentAxes(findings);
  const parts = [
    `by ${names([lead])}${shown.length === 1 ? " alone" : " first"}${leadFigure(findings, lead, a, b)}`,
    also.length === 0 ? "" : verb(also, "is better too", "are better too"),
    worse.length === 0 ? "" : verb(worse, "is worse", "are worse"),
    told.length === 0 ? "" : verb(told, "shows no difference", "show no difference"),
    untold.length === 0 ? "" : verb(untold, "is withheld or too uncertain", "are withheld or too uncertain"),
    silent.length === 0 ? "" : verb(silent, "was not measured for all", "were not measured for all"),
  ];
  return parts.filter((part) => part !== "").join("; ");
}

/** Axes that the policy weighs and the run has no shared evidence on; their weight decided nothing. */
function silentText(findings: Findings): string {
  const silent = silentAxes(findings);
  return silent.length === 0 ? "" : ` (which tell nothing of ${silentNames(silent)})`;
}

const silentAxes = ({ policy, solution }: Findings): PolicyAxis[] =>
  policyAxes.filter((axis) => policy.weights[axis] > 0 && !solution.standing.axes.includes(axis));

const silentNames = (axes: readonly PolicyAxis[]): string => axes.map((axis) => axisLabels[axis]).join(", ");

/** The figures of an axis behind a colon, without their name where that is the axis's own. */
function leadFigure(findings: Findings, axis: PolicyAxis, a: string, b: string): string {
  const text = figuresText(findings, axis, a, b);
  if (text === null) return "";
  const own = `${axisLabels[axis]} `;
  return `: ${text.startsWith(own) ? text.slice(own.length) : text}`;
}

/** `latency p99 1.20 ms (1.15–1.27) against 1.55 ms (1.49–1.61) in feed/…`: the axis's first shown figure of both. */
export function figuresText(
  { report, solution }: Findings,
  axis: PolicyAxis,
  a: string,
  b: string,
): string | null {
  const { items } = solution.standing;
  const mine = items.filter((i) => i.axis === axis);
  const { differences } = solution.standing.edge(axis, a, b);
  const item = mine.find((_, i) => differences[i]?.shown) ?? mine[0];
  if (item === undefined) return null;
  const figure = (candidate: string): string | null => {
    const result = resultOf(report, candidate, item.cell)?.metrics[item.metric];
    if (result === undefined) return null;
    const interval = formatInterval(item.metric, result);
    return `${formatBounded(item.metric, result.median, item.limited.has(candidate))}${interval === null ? "" : ` (${interval})`}`;
  };
  return `${metricKinds[item.metric].label} ${figure(a) ?? "–"} against ${figure(b) ?? "–"} in ${placeWords(report, item.cell)}`;
}

function resultOf(report: Undecided, candidate: string, cell: string): CellResult | undefined {
  return measuredResults(report).find((r) => r.candidate === candidate && r.cell === cell);
}
