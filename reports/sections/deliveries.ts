import { correctShare, flawsIn } from "../../schemas/delivery.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import { formatInteger, formatReach } from "../format.ts";
import { comparedCandidates, isOpenLoop } from "../view.ts";
import {
  code,
  folded,
  type Inline,
  type Part,
  paragraph,
  type Section,
  section,
  stacked,
  strong,
  table,
} from "./document.ts";

const isClean = (result: CellResult): boolean => correctShare(result) === 1;

/** What went wrong before the windows; nothing where all went well. */
function warmUpText(warmUp: CellResult["warmUp"]): string | null {
  if (warmUp === undefined || flawsIn(warmUp) === 0) return null;
  return `⚠ ${formatInteger(flawsIn(warmUp))} of ${formatInteger(warmUp.due)} warm-up messages lost or changed`;
}

const row = ({ candidate, cell, reach, ledger, warmUp }: CellResult): Inline[] => [
  stacked(candidate, code(cell), warmUpText(warmUp)),
  formatInteger(ledger.due),
  reach < 1 ? ["⚠ ", strong(formatReach(reach))] : formatReach(reach),
  formatInteger(ledger.gaps),
  formatInteger(ledger.duplicates),
  formatInteger(ledger.reorders),
  formatInteger(ledger.corrupt),
];

const heads = ["", "Due", "Reach", "Gaps", "Duplicates", "Reorders", "Corrupt"];

const accounts = (results: readonly CellResult[]): Part =>
  [true, false].map((open) => {
    const rows = results.filter((r) => isOpenLoop(r.workload) === open).map(row);
    return rows.length === 0
      ? null
      : [paragraph(open ? "Open loop:" : "Closed loop:"), table(heads, "lrrrrrr", rows)];
  });

/** What became of every message due. A cell that lost some is never ranked as fast. */
export function deliveries(report: Report): Section | null {
  const names = new Set(comparedCandidates(report).map(({ id }) => id));
  const results = report.results.filter((r) => names.has(r.candidate));
  if (results.length === 0) return null;
  const flawed = results.filter((r) => !isClean(r));
  const clean = results.length - flawed.length;
  const words =
    flawed.length === 0
      ? `In all ${clean} cells every message arrived once, in order and unchanged.`
      : `In ${clean} of ${results.length} cells every message arrived once, in order and unchanged. In these it did not, so they are not ranked:`;
  return section(
    "Deliveries",
    paragraph(words),
    flawed.length === 0 ? null : accounts(flawed),
    folded("Deliveries in the other cells", accounts(results.filter(isClean))),
  );
}
