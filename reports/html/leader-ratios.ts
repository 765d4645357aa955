import { type PolicyAxis, policyAxes } from "../../schemas/policy.ts";
import type { Report } from "../../schemas/report.ts";
import { axisLabels } from "../decision/labels.ts";
import { formatRatio } from "../format.ts";
import { tieStates } from "../wording.ts";
import { intervalMark, scaleOf } from "./interval.ts";
import { type Markup, markup } from "./markup.ts";

type Decision = Report["decision"];
type AxisRatio = Decision["scores"][number]["axes"][number];

const isShown = ({ reads }: AxisRatio): boolean => reads === "better" || reads === "worse";

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
export function leaderRatios({ scores, leader }: Decision): Markup {
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
    return markup`<td class="${isShown(ratio) ? ratio.reads : "unshown"}">${intervalMark(ratio, at)}<span>${words(ratio)}</span></td>`;
  };
  const rows = others.map(
    (score) =>
      markup`<tr><th scope="row">${score.candidate}</th>${axes.map((axis) => cell(score, axis))}</tr>\n`,
  );
  // Outside of the table, which scrolls on a phone: its explanation should not.
  return markup`<p class="note" id="leader-ratios-note">How many times as good ${leader} is as each other candidate. Right of the line it is better; grey: no difference shown. An axis is the geometric mean of its figures, so a single figure that the answer names may lie further out.</p>
<div class="scroll leader-ratios" role="region" aria-label="${leader} against each other candidate" aria-describedby="leader-ratios-note" tabindex="0"><table>
<thead><tr><th scope="col">against</th>${axes.map((axis) => markup`<th scope="col">${axisLabels[axis]}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
