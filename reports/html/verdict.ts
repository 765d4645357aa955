import type { Report } from "../../schemas/report.ts";
import { decisiveFirst, shownReversals } from "../decision/labels.ts";
import { digits3 } from "../format.ts";
import { exclusionWords, tieStates } from "../wording.ts";
import { type Markup, markup } from "./markup.ts";

type Decision = Report["decision"];

/** A decision as HTML: who stands where, who wins how many weightings, what would change it. The page draws it anew as sliders move. */
export function verdict(decision: Decision): Markup {
  return markup`${[scoreTable(decision), weightings(decision), changes(decision), excluded(decision)]}`;
}

const bar = (part: number): Markup =>
  markup`<span class="bar" aria-hidden="true"><i style="width:${(100 * Math.min(Math.max(part, 0), 1)).toFixed(1)}%"></i></span>`;

function scoreTable({ scores, leader, tied, costs, policyUsed }: Decision): Markup | null {
  if (scores.length === 0) return null;
  const currency = policyUsed?.prices.currency ?? "";
  const highest = Math.max(...scores.map((s) => s.score));
  const rows = scores
    .toSorted((x, y) => y.score - x.score || Number(y.candidate === leader) - Number(x.candidate === leader))
    .map(({ candidate, score }) => {
      const cost = costs.find((c) => c.candidate === candidate);
      const tie = tied.find((t) => t.candidate === candidate);
      const state = candidate === leader ? "best placed" : tie === undefined ? "" : tieStates[tie.state];
      return markup`<tr><th scope="row">${candidate}</th><td class="wide">${bar(score / highest)}<small>${state}</small></td><td class="num">${score.toFixed(2)}</td><td class="num">${cost === undefined ? "—" : digits3(cost.perBillion)}</td></tr>\n`;
    });
  return markup`<div class="scroll" role="region" aria-label="Ranking" tabindex="0"><table><caption>Ranking, counting only differences that are shown</caption>
<thead><tr><th scope="col">Candidate</th><th scope="col">Weighted score, ${leader ?? "the leader"} is 1</th><th scope="col" class="num">Score</th><th scope="col" class="num">${currency} per billion</th></tr></thead>
<tbody>${rows}</tbody></table></div>
`;
}

function weightings({ sensitivity }: Decision): Markup | null {
  const rows = sensitivity
    .filter((s) => s.sharePct > 0)
    .map(
      ({ candidate, sharePct }) =>
        markup`<li><span>${candidate ?? "none ahead"}</span>${bar(sharePct / 100)}<b>${sharePct} %</b></li>`,
    );
  return rows.length === 0
    ? null
    : markup`<h3>Share of all possible weights that each wins</h3><ul class="shares">${rows}</ul>
`;
}

function changes({ reversals }: Decision): Markup {
  const items = decisiveFirst(reversals).map((r) => markup`<li>${r.text}</li>`);
  const [first, more] = [items.slice(0, shownReversals), items.slice(shownReversals)];
  const nothing = markup`<p>None of the variations tried: every weight from 0 to 100 %, prices up to a thousand times lower or higher, limits, fan-out and codec.</p>`;
  const rest =
    more.length === 0
      ? ""
      : markup`<details><summary>${more.length} more</summary><ul>${more}</ul></details>`;
  return markup`<h3>What would change it</h3>${first.length === 0 ? nothing : markup`<ul>${first}</ul>${rest}`}
`;
}

function excluded({ excluded: out }: Decision): Markup | null {
  if (out.length === 0) return null;
  const lines = out.map((e) => markup`<li><b>${e.candidate}</b> ${exclusionWords(e)}.</li>`);
  return markup`<h3>Left out</h3><ul>${lines}</ul>`;
}
