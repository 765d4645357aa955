import { type PolicyAxis, policyAxes } from "../../schemas/policy.ts";
import type { Report } from "../../schemas/report.ts";
import { axisLabels } from "../decision/labels.ts";
import { formatRatio } from "../format.ts";
import { tieStates } from "../wording.ts";
import { type Markup, markup } from "./markup.ts";

type Decision = Report["decision"];
type AxisRatio = Decision["scores"][number]["axes"][number];

const width = 120;
const height = 20;
const margin = 6;

/** Ends of an axis's scale on logs, the same for all of its candidates and never narrower than half to double. */
function scaleOf(ratios: readonly AxisRatio[]): (ratio: number) => number {
  const ends = ratios.flatMap(({ ciLow, ciHigh }) => [ciLow, ciHigh]).filter((x) => x > 0);
  const [low, high] = [Math.min(0.5, ...ends), Math.max(2, ...ends)].map(Math.log) as [number, number];
  const of = (ratio: number) => (Math.log(ratio) - low) / (high - low);
  return (ratio) => margin + Math.min(Math.max(of(ratio), 0), 1) * (width - 2 * margin);
}

const isShown = ({ reads }: AxisRatio): boolean => reads === "better" || reads === "worse";

/** The interval about its mark, and the line of equality that it must not touch. */
function mark(ratio: AxisRatio, at: (ratio: number) => number): Markup {
  const y = height / 2;
  const x = (value: number) => at(value).toFixed(1);
  return markup`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-hidden="true"><line class="one" x1="${x(1)}" x2="${x(1)}" y1="0" y2="${height}"/><line x1="${x(ratio.ciLow)}" x2="${x(ratio.ciHigh)}" y1="${y}" y2="${y}"/><circle cx="${x(ratio.ratio)}" cy="${y}" r="4.5"/></svg>`;
}

/** What the leader is to a candidate on one axis, in words. */
function words(ratio: AxisRatio): string {
  const interval = `${formatRatio(ratio.ciLow).replace(" ×", "")}–${formatRatio(ratio.ciHigh).replace(" ×", "")}`;
  switch (ratio.reads) {
    case "better":
    case "worse":
      return `${formatRatio(ratio.ratio, ratio.bound)} (${interval})`;
    case "equal":
      return tieStates.equal;
    case "undecided":
      return tieStates.undecided;
    case "withheld":
      return "withheld";
  }
}

/**
 * The picture of the answer: the best placed candidate against each other over the axes that the policy weighs, with
 * intervals, grey where nothing is shown. Right of the line it is the better one.
 */
export function standing({ scores, leader }: Decision): Markup {
  const others = scores.filter((s) => s.candidate !== leader).toSorted((x, y) => y.score - x.score);
  const axes = policyAxes.filter((axis) => others.some((s) => s.axes.some((a) => a.axis === axis)));
  if (leader === null || others.length === 0 || axes.length === 0) return markup``;
  const ratioOf = (score: (typeof others)[number], axis: PolicyAxis) =>
    score.axes.find((a) => a.axis === axis);
  const scales = new Map(
    axes.map((axis) => [axis, scaleOf(others.flatMap((s) => ratioOf(s, axis) ?? []))] as const),
  );
  const cell = (score: (typeof others)[number], axis: PolicyAxis): Markup => {
    const ratio = ratioOf(score, axis);
    const at = scales.get(axis);
    if (ratio === undefined || at === undefined) return markup`<td class="unshown">—</td>`;
    return markup`<td class="${isShown(ratio) ? ratio.reads : "unshown"}">${mark(ratio, at)}<span>${words(ratio)}</span></td>`;
  };
  const rows = others.map(
    (score) =>
      markup`<tr><th scope="row">${score.candidate}</th>${axes.map((axis) => cell(score, axis))}</tr>\n`,
  );
  // Outside of the table, which scrolls on a phone: its explanation should not.
  return markup`<p class="note" id="standing-note">How many times as good ${leader} is as each other, by what the policy weighs; right of the line ${leader} is the better one; grey: no difference shown</p>
<div class="scroll standing" role="region" aria-label="${leader} against each other candidate" aria-describedby="standing-note" tabindex="0"><table>
<thead><tr><th scope="col">against</th>${axes.map((axis) => markup`<th scope="col">${axisLabels[axis]}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
