import type { Bound, Report } from "../../schemas/report.ts";
import { axisLabels, shownReversals } from "../decision/labels.ts";
import { digits3, formatRatio } from "../format.ts";
import { exclusionWords, tieStates } from "../wording.ts";
import { html } from "./escape.ts";

type Decision = Report["decision"];

/** A decision as HTML: who stands where, who wins how many weightings, what would change it. The page draws it anew as sliders move. */
export function verdict(decision: Decision): string {
  return [standings(decision), weightings(decision), changes(decision), excluded(decision)]
    .filter((part) => part !== "")
    .join("\n");
}

/** The bound of a ratio that is told the other way round. */
const inverse = (bound: Bound | undefined): Bound | null =>
  bound === undefined ? null : bound === "at-least" ? "at-most" : "at-least";

const bar = (part: number): string =>
  `<span class="bar" aria-hidden="true"><i style="width:${(100 * Math.min(Math.max(part, 0), 1)).toFixed(1)}%"></i></span>`;

function standings({ scores, leader, tied, costs, policyUsed }: Decision): string {
  if (scores.length === 0) return "";
  const currency = policyUsed?.prices.currency ?? "";
  const most = Math.max(...scores.map((s) => s.score));
  const rows = scores
    .toSorted((x, y) => y.score - x.score || Number(y.candidate === leader) - Number(x.candidate === leader))
    .map(({ candidate, score, axes }) => {
      const cost = costs.find((c) => c.candidate === candidate);
      const differs = axes
        .filter((a) => a.reads === "better" || a.reads === "worse")
        .map((a) => `${axisLabels[a.axis]} ${formatRatio(1 / a.ratio, inverse(a.bound))}`);
      const tie = tied.find((t) => t.candidate === candidate);
      const state = tie === undefined ? "" : tieStates[tie.state];
      const detail = candidate === leader ? "best placed" : differs.join(", ") || state;
      return `<tr><th scope="row">${html(candidate)}</th><td class="wide">${bar(score / most)}<small>${html(detail)}</small></td><td>${score.toFixed(2)}</td><td>${cost === undefined ? "—" : digits3(cost.perBillion)}</td></tr>`;
    });
  return `<div class="scroll" role="region" aria-label="Standing" tabindex="0"><table><caption>Standing, counting shown differences alone</caption>
<thead><tr><th scope="col">Candidate</th><th scope="col">As good as ${html(leader ?? "the best placed")}, by axis</th><th scope="col">Score</th><th scope="col">${html(currency)} per billion</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table></div>`;
}

function weightings({ sensitivity }: Decision): string {
  const rows = sensitivity
    .filter((s) => s.sharePct > 0)
    .map(
      ({ candidate, sharePct }) =>
        `<li><span>${html(candidate ?? "nobody ahead")}</span>${bar(sharePct / 100)}<b>${sharePct} %</b></li>`,
    );
  return rows.length === 0
    ? ""
    : `<h3>Share of all weightings won</h3><ul class="shares">${rows.join("")}</ul>`;
}

function changes({ reversals }: Decision): string {
  const lines = reversals.map((r) => r.text);
  const item = (text: string): string => `<li>${html(text)}</li>`;
  const first = lines.slice(0, shownReversals).map(item).join("");
  const more = lines.slice(shownReversals).map(item).join("");
  const nothing =
    "<p>Nothing that was varied: every weight from 0 to 100 %, prices a thousandfold either way, limits, fan-out and codec.</p>";
  const rest =
    more === ""
      ? ""
      : `<details><summary>${lines.length - shownReversals} more</summary><ul>${more}</ul></details>`;
  return `<h3>What would change it</h3>${first === "" ? nothing : `<ul>${first}</ul>${rest}`}`;
}

function excluded({ excluded: out }: Decision): string {
  if (out.length === 0) return "";
  const lines = out.map((e) => `<li><b>${html(e.candidate)}</b> ${html(exclusionWords(e))}.</li>`);
  return `<h3>Left out</h3><ul>${lines.join("")}</ul>`;
}
