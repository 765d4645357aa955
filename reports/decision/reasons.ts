import type { PolicyAxis } from "../../schemas/policy.ts";
import type { Interval } from "../../stats/interval.ts";
import { capitalised, digits3, formatBound, formatCount, formatDetectable, formatShare } from "../format.ts";
import { equalWords, exclusionWords } from "../wording.ts";
import { placeWords } from "../workloads/index.ts";
import type { Cost } from "./cost.ts";
import type { Item } from "./evidence.ts";
import { axisLabels } from "./labels.ts";
import { toPct } from "./outcome.ts";
import type { Difference } from "./pair.ts";
import { advantage, isAhead } from "./pairwise.ts";
import type { Solution } from "./solve.ts";
import { advantageText, type Findings, figuresText, named, namesMax, shownAlone } from "./words.ts";

/** The reasons, in figures: the leader against the runner-up by axis, then against the rest, then who was left out. */
export function reasons(findings: Findings): string[] {
  const { solution, excluded, runnerUp } = findings;
  const { leader } = solution.ranking;
  const out = excluded.map((e) => `${e.candidate} is excluded: it ${exclusionWords(e)}.`);
  if (leader === null) return out;
  const axes =
    runnerUp === null
      ? []
      : axesByGain(solution, leader, runnerUp).map((axis) => axisReason(findings, axis, leader, runnerUp));
  return [
    ...axes,
    ...restReason(findings, leader),
    ...costReason(findings, leader),
    ...failureReason(findings, leader),
    ...out,
  ];
}

/** What decided comes first: the axes with a shown difference by what each adds to the lead, then those that counted as equal by weight. */
function axesByGain({ pairwise, shares }: Solution, a: string, b: string): PolicyAxis[] {
  const gain = (axis: PolicyAxis) => shares[axis] * Math.abs(pairwise.edge(axis, a, b).shown.mean);
  const equal = (axis: PolicyAxis) => Number(!pairwise.edge(axis, a, b).differences.some((d) => d.shown));
  return pairwise.axes
    .filter((axis) => shares[axis] > 0)
    .sort((x, y) => equal(x) - equal(y) || gain(y) - gain(x) || shares[y] - shares[x]);
}

function axisReason(findings: Findings, axis: PolicyAxis, a: string, b: string): string {
  const { pairwise, shares } = findings.solution;
  const { shown, measured, bound, differences } = pairwise.edge(axis, a, b);
  const name = `${capitalised(axisLabels[axis])} (weight ${formatShare(shares[axis])})`;
  const ratio = ({ mean, low, high }: Interval) =>
    `${digits3(Math.exp(mean))} × (95 % interval ${digits3(Math.exp(low))}–${digits3(Math.exp(high))})`;
  const counted = differences.filter((d) => d.shown).length;
  if (counted === 0) {
    const few = differences.every((d) => d.why === "too-few-rounds");
    const as = few ? "" : `; as measured, ${a} is ${ratio(measured)} as good as ${b}`;
    return `${name}: ${whysText(findings, axis, differences)}, so it counts for neither${as}.`;
  }
  const part =
    counted < differences.length ? `, a difference shown in ${counted} of ${differences.length} figures` : "";
  return `${name}: ${a} is ${formatBound(bound)}${ratio(shown)} as good as ${b}${part}; ${figuresText(findings, axis, a, b)}.`;
}

/** Why none of an axis's figures counts: the one reason, or each with its number of figures. */
function whysText(findings: Findings, axis: PolicyAxis, differences: readonly Difference[]): string {
  const items = findings.solution.pairwise.items.filter((item) => item.axis === axis);
  const explained = differences.map((difference, i) => ({
    difference,
    hint: hintText(items[i], difference),
  }));
  const kinds = [...Map.groupBy(explained, ({ difference, hint }) => `${difference.why} ${hint}`).values()];
  const texts = kinds.map((of) => {
    const word = whyWord(of.map(({ difference }) => difference));
    const hint = of[0]?.hint ?? null;
    if (kinds.length > 1)
      return `${formatCount(of.length, "figure")} ${word}${hint === null ? "" : ` (${hint})`}`;
    return `${word}${hint === null ? "" : `: ${hint}`}`;
  });
  return named(texts);
}

const whyWords = {
  withheld: "withheld",
  "too-few-rounds": "measured in too few rounds",
  undecided: "not decided",
} as const satisfies Record<Exclude<NonNullable<Difference["why"]>, "equal">, string>;

/** The word for figures that do not count for the same reason; equal ones are so within the widest of their bounds. */
function whyWord(differences: readonly Difference[]): string {
  const why = differences[0]?.why ?? null;
  if (why !== null && why !== "equal") return whyWords[why];
  return equalWords(
    toPct(Math.max(...differences.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]))),
  );
}

/** An interval that leaves out 1 and yet is not decided has a reason that a reader cannot see in it; null for any other. */
function hintText(item: Item | undefined, { low, high, why }: Difference): string | null {
  if (why !== "undecided" || (low <= 0 && high >= 0)) return null;
  const margin = item?.margin ?? 0;
  if (low > margin || high < -margin) return "not significant after Holm's correction";
  return `the interval includes differences below the threshold of ${formatDetectable(toPct(margin))}`;
}

function restReason({ solution, runnerUp }: Findings, leader: string): string[] {
  const { pairwise, shares, worth } = solution;
  const rest = pairwise.candidates.filter((c) => c !== leader && c !== runnerUp);
  const behind = rest.filter((c) => isAhead(pairwise, shares, worth, leader, c));
  const level = rest.filter((c) => !behind.includes(c));
  const leads = behind
    .map((name) => ({ name, lead: advantage(pairwise, shares, leader, name) }))
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
    ...(level.length === 0 ? [] : [`${leader} is not shown to be ahead of ${named(level)}.`]),
  ];
}

/** What a billion deliveries cost on the leader, and on the others or, where those are many, on the cheapest and the dearest. */
function costReason({ report, costs, policy }: Findings, leader: string): string[] {
  const leaderCost = costs.find((c) => c.candidate === leader);
  if (leaderCost === undefined) return [];
  const money = ({ perBillion, ciLow, ciHigh }: Cost) =>
    `${digits3(perBillion)}${ciLow === null || ciHigh === null ? "" : ` (${digits3(ciLow)}–${digits3(ciHigh)})`}`;
  const others = costs
    .filter((c) => c.cell === leaderCost.cell && c.candidate !== leader)
    .sort((x, y) => x.perBillion - y.perBillion);
  const texts = others.map((c) => `${c.candidate} ${money(c)}`);
  const against = texts.length > namesMax ? `${texts[0]} to ${texts.at(-1)}` : texts.join(", ");
  return [
    `A billion deliveries of ${placeWords(report, leaderCost.cell)} cost ${money(leaderCost)} ${policy.prices.currency} on ${leader}${against === "" ? "" : `; ${against}`}.`,
  ];
}

function failureReason({ report }: Findings, leader: string): string[] {
  const failures = report.failures.filter((f) => f.candidate === leader && f.fault !== "generator");
  if (failures.length === 0) return [];
  const times = failures.length === 1 ? "once" : `${failures.length} times`;
  const phases = named([...new Set(failures.map((f) => f.phase))]);
  return [`Note: ${leader} failed ${times} (at ${phases}); failed trials are not repeated.`];
}
