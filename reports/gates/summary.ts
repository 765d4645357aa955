import type { Report } from "../../schemas/report.ts";
import { differenceWords } from "../diff/environment.ts";
import { formatCount } from "../format.ts";
import { blocks, bullets, code, folded, table, text } from "../markdown/element.ts";
import { wholeAnswer } from "../wording.ts";
import type { Finding } from "./finding.ts";
import { hasFailed, type Judgement } from "./judge.ts";
import { outcomeOrder, outcomeWords, tally } from "./text.ts";

const row = (f: Finding): string[] => [
  `**${outcomeWords[f.outcome]}**`,
  f.candidate === null || f.cell === null ? "" : `${text(f.candidate)}<br>${code(f.cell)}`,
  text(f.text),
  code(f.gate),
];

const rows = (findings: readonly Finding[]): string =>
  table(["Gate", "Where", "Found", "Asked"], "llll", findings.map(row));

/** The gates in Markdown, for a step's summary: the verdict, what did not hold, the answer of the run, what held. */
export function gatesSummary(report: Report, judgement: Judgement): string {
  const { findings, differences } = judgement;
  const told = outcomeOrder
    .filter((outcome) => outcome !== "pass")
    .flatMap((outcome) => findings.filter((f) => f.outcome === outcome));
  const held = findings.filter((f) => f.outcome === "pass");
  const lines = differences.map((d) => text(differenceWords(d)));
  const body = blocks(
    `## tickbench: gates ${hasFailed(judgement) ? "failed" : "held"}`,
    `${tally(findings)}. Run ${code(report.run.id)}, ${formatCount(report.run.roundsRun, "round")}.`,
    told.length === 0 ? null : rows(told),
    lines.length === 0 ? null : `**The baseline ran in another environment**\n\n${bullets(lines)}`,
    held.length === 0 ? null : folded(`${held.length} held`, rows(held)),
    `**The run's answer:** ${text(wholeAnswer(report.decision))}`,
  );
  return `${body}\n`;
}
