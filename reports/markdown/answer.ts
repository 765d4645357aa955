import type { Report, Reversal } from "../../schemas/report.ts";
import type { ChartFile } from "../charts/file.ts";
import { shownReversals } from "../decision/labels.ts";
import { isOpenLoop } from "../view.ts";
import { profileWords } from "../wording.ts";
import { decisionDetails } from "./decision.ts";
import { blocks, bullets, folded, headed, picture, type Section, section, text } from "./element.ts";
import { glance } from "./glance.ts";
import { headlineTable } from "./headline.ts";

/** The chart of the first screen: latency of the feed, or the nearest thing to it. */
export function leadChart(charts: readonly ChartFile[]): ChartFile | undefined {
  const open = charts.filter((c) => c.workload !== null && isOpenLoop(c.workload));
  return open.find((c) => c.kind === "latency") ?? open[0] ?? charts[0];
}

/** What would change the answer; beyond the first few it is folded, since the nearest switch comes first. */
function changes(reversals: readonly Reversal[]): string | null {
  if (reversals.length === 0) return null;
  const lines = reversals.map((r) => text(r.text));
  const rest = lines.slice(shownReversals);
  return blocks(
    `**What would change the answer**\n\n${bullets(lines.slice(0, shownReversals))}`,
    rest.length === 0 ? null : folded(`${rest.length} more`, bullets(rest)),
  );
}

/** What the head of a column says in too few words, and what a reader may take from a row. */
export const headlineNote =
  "<sub>Medians over rounds, the 95 % interval below. Best first by the column compared; — is not served, not measured or failed; why a ratio is withheld stands under the ratios. 4 × 128 is four connections with 128 messages in flight each. “Equal within 7 %”: a larger difference is ruled out. “Not decided at 5 %”: neither is shown.</sub>";

/** Below latencies of a short profile: what they do not compare with. */
export function profileNote(report: Report): string | null {
  const words = profileWords(report);
  return words === null ? null : `<sub>${words}</sub>`;
}

/** The first screen: the report at a glance, the headline figures, one chart; then the reasons. */
export function answer(report: Report, charts: readonly ChartFile[]): string {
  const chart = leadChart(charts);
  const reasons = why(report);
  return blocks(
    "# Which server for this market data?",
    ...glance(report),
    headlineTable(report, true),
    profileNote(report),
    chart === undefined ? null : picture(chart),
    headlineTable(report, false),
    headlineNote,
    reasons === null ? null : headed(reasons),
  );
}

/** The reasons in figures, and everything that would change them. */
export function why(report: Report): Section | null {
  const { because, reversals, policy } = report.decision;
  return section(
    "Why",
    because.length === 0 ? null : `Under the ${text(policy)} policy:\n\n${bullets(because.map(text))}`,
    changes(reversals),
    decisionDetails(report),
  );
}
