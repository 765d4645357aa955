import { metricKinds } from "../../schemas/metric.ts";
import type { CandidateReport, Comparison, Report } from "../../schemas/report.ts";
import { isOpenLoop } from "../view.ts";
import { ratioWords, verdictWords } from "../wording.ts";
import {
  blocks,
  code,
  type Inline,
  type Part,
  paragraph,
  type Section,
  section,
  small,
  stacked,
  table,
} from "./document.ts";
import { absent } from "./figure.ts";

/** One newer version against the oldest, by a declared measure. */
function row(newer: CandidateReport, older: CandidateReport, c: Comparison): Inline[] {
  const { label, better } = metricKinds[c.metric];
  return [
    newer.program,
    `${older.runtime.name} ${older.runtime.version} → ${newer.runtime.version}`,
    stacked(code(c.cell), label, small(`${better} is better`)),
    ratioWords(c) ?? absent,
    verdictWords(c),
  ];
}

/** What a newer version of a runtime brings under the same program; null where each ran in one version. */
export function upgrade(report: Report): Section | null {
  const byId = new Map(report.candidates.map((c) => [c.id, c]));
  const pairs = report.comparisons.flatMap((comparison) => {
    const newer = byId.get(comparison.a);
    const older = byId.get(comparison.b);
    const isUpgrade = comparison.declared && newer !== undefined && newer.upgradeFrom === comparison.b;
    return isUpgrade && older !== undefined ? [{ comparison, newer, older }] : [];
  });
  const of = (open: boolean): Part => {
    const rows = pairs
      .filter(({ comparison }) => isOpenLoop(comparison.workload) === open)
      .map(({ newer, older, comparison }) => row(newer, older, comparison));
    if (rows.length === 0) return null;
    const heads = ["Program", "Runtime", "Measure", "New against old", "Reads"];
    return [paragraph(`${open ? "Open" : "Closed"} loop:`), table(heads, "lllrl", rows)];
  };
  const tables = blocks(of(true), of(false));
  return section(
    "What upgrading brings",
    tables.length === 0
      ? null
      : paragraph(
          "The same program on each newer version of its runtime, compared with the oldest one measured, paired by round. These comparisons were declared before the run.",
        ),
    tables,
  );
}
