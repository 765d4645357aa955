import type { Report } from "../../schemas/report.ts";
import { differenceWords } from "../diff/environment.ts";
import { formatCount } from "../format.ts";
import { markdownOf } from "../markdown/render.ts";
import {
  type Block,
  blocks,
  code,
  folded,
  type Inline,
  line,
  list,
  paragraph,
  stacked,
  strong,
  table,
} from "../sections/document.ts";
import { wholeAnswer } from "../wording.ts";
import type { Finding } from "./finding.ts";
import { hasFailed, type Judgement } from "./judge.ts";
import { outcomeOrder, outcomeWords, tally } from "./text.ts";

const row = (f: Finding): Inline[] => [
  strong(outcomeWords[f.outcome]),
  f.candidate === null || f.cell === null ? "" : stacked(f.candidate, code(f.cell)),
  f.text,
  code(f.gate),
];

const rows = (findings: readonly Finding[]): Block =>
  table(["Gate", "Where", "Found", "Asked"], "llll", findings.map(row));

/** The gates in Markdown, for a step's summary: the verdict, what did not hold, the answer of the run, what held. */
export function gatesSummary(report: Report, judgement: Judgement): string {
  const { findings, differences } = judgement;
  const notPassed = outcomeOrder
    .filter((outcome) => outcome !== "pass")
    .flatMap((outcome) => findings.filter((f) => f.outcome === outcome));
  const held = findings.filter((f) => f.outcome === "pass");
  const body = blocks(
    paragraph(
      line`${tally(findings)}. Run ${code(report.run.id)}, ${formatCount(report.run.roundsRun, "round")}.`,
    ),
    notPassed.length === 0 ? null : rows(notPassed),
    differences.length === 0
      ? null
      : [
          paragraph(strong("The baseline ran in another environment")),
          list(differences.map(differenceWords)),
        ],
    held.length === 0 ? null : folded(`${held.length} held`, rows(held)),
    paragraph(line`${strong("The run's answer:")} ${wholeAnswer(report.decision)}`),
  );
  const title = `## tickbench: gates ${hasFailed(judgement) ? "failed" : "held"}`;
  return `${title}\n\n${markdownOf(body, (id) => `#${id}`)}\n`;
}
