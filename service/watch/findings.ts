import { ratioWords, verdictWords } from "../../reports/wording.ts";
import { type Report, readings } from "../../schemas/report.ts";
import type { WatchAnswer } from "../api/watch.ts";

type Finding = WatchAnswer["checks"][number]["findings"][number];

/** Every declared comparison of a program's newer version with its older one, in one sitting. */
export function upgradeFindings(report: Report): Finding[] {
  const byId = new Map(report.candidates.map((candidate) => [candidate.id, candidate]));
  return report.comparisons.flatMap((comparison) => {
    const newer = byId.get(comparison.a);
    if (!comparison.declared || newer === undefined || newer.upgradeFrom !== comparison.b) return [];
    const { cell, metric, ratio, ciLow, ciHigh, verdict } = comparison;
    const words = [ratioWords(comparison), verdictWords(comparison)]
      .filter((part) => part !== null)
      .join("; ");
    return [
      { candidate: newer.program, cell, metric, ratio, ciLow, ciHigh, reading: readings[verdict], words },
    ];
  });
}
