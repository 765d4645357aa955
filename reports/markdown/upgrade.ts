import { metricKinds } from "../../schemas/metric.ts";
import type { CandidateReport, Comparison, Report } from "../../schemas/report.ts";
import { formatRatio, formatRatioInterval } from "../format.ts";
import { isOpenLoop } from "../view.ts";
import { verdictWords } from "../wording.ts";
import { blocks, code, type Section, section, table, text } from "./element.ts";
import { absent } from "./figure.ts";

/** One newer version against the oldest, by a declared measure. */
function row(newer: CandidateReport, older: CandidateReport, c: Comparison): string[] {
  const { label, better } = metricKinds[c.metric];
  const interval = formatRatioInterval(c.ciLow, c.ciHigh);
  const ratio =
    c.ratio === null
      ? absent
      : `${formatRatio(c.ratio, c.bound)}${interval === null ? "" : `<br><sub>${interval}</sub>`}`;
  return [
    text(newer.program),
    `${text(older.runtime.name)} ${text(older.runtime.version)} → ${text(newer.runtime.version)}`,
    `${code(c.cell)}<br>${label}<br><sub>${better} is better</sub>`,
    ratio,
    text(verdictWords(c)),
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
  const of = (open: boolean) => {
    const rows = pairs
      .filter(({ comparison }) => isOpenLoop(comparison.workload) === open)
      .map(({ newer, older, comparison }) => row(newer, older, comparison));
    if (rows.length === 0) return null;
    const heads = ["Program", "Runtime", "Measure", "New ÷ old", "Reads"];
    return `${open ? "Open" : "Closed"} loop:\n\n${table(heads, "lllrl", rows)}`;
  };
  const tables = blocks(of(true), of(false));
  return section(
    "What upgrading brings",
    tables === ""
      ? null
      : "The same program on a newer version of its runtime ÷ on the oldest that took part, paired by round. These pairs belong to the family declared before the run.",
    tables,
  );
}
