import type { Report } from "../../schemas/report.ts";
import { protocolSectionOf } from "../../schemas/verification.ts";
import type { RunWarning, Touched } from "../../schemas/warning.ts";
import { formatInteger } from "../format.ts";
import { comparedCandidates, warningsByCode } from "../view.ts";
import {
  code,
  em,
  folded,
  type Inline,
  joined,
  line,
  list,
  type Part,
  paragraph,
  pre,
  type Section,
  section,
  strong,
} from "./document.ts";

/** More warnings of one code than this are folded under their count. */
const foldOver = 2;

/** The case of the contract suite that a server fails which encodes JSON anew. */
export const rewritingGap = "publish/passthrough-json-bytes";

/** Where what was observed is not what is declared; the contract suite is over its own messages. */
function contradictions(report: Report): Inline[] {
  return comparedCandidates(report).flatMap((c) => {
    const declares = c.gaps.some((gap) => gap.case === rewritingGap);
    const observed = c.observed.includes("rewrites-json");
    const wasAsked = report.results.some(
      ({ candidate, codec, params }) =>
        candidate === c.id && codec === "json" && "mode" in params && params.mode === "passthrough",
    );
    if (observed && !declares)
      return [line`${strong(c.id)} rewrites JSON in this run, which it does not declare`];
    if (declares && !observed && wasAsked) {
      return [line`${strong(c.id)} declares that it rewrites JSON, and did not in this run`];
    }
    return [];
  });
}

/** A case of the contract suite, with the section where RFC 6455 itself asks for it. */
function caseText(name: string): Inline {
  const of = protocolSectionOf(name);
  return of === null ? code(name) : line`${code(name)} (RFC 6455 ${of})`;
}

/**
 * Where a framework leaves RFC 6455 or the wire contract, as declared and proven by the contract suite: one line for all
 * cases that a candidate fails for one reason.
 */
export function gaps(report: Report): Section | null {
  const lines = comparedCandidates(report).flatMap((c) =>
    [...Map.groupBy(c.gaps, (gap) => gap.reason)].map(
      ([reason, same]) =>
        line`${strong(c.id)}, ${joined(
          same.map((gap) => caseText(gap.case)),
          ", ",
        )}: ${reason}`,
    ),
  );
  const undeclared = contradictions(report);
  return section(
    "Declared gaps",
    list(lines) ?? paragraph("No candidate declares a deviation from RFC 6455 or the contract."),
    undeclared.length === 0 ? null : [paragraph("Observed, but not as declared:"), list(undeclared)],
  );
}

/** Every failed trial with its phase, reason and last words. */
export function failures(report: Report): Section | null {
  return section(
    "Failures",
    ...report.failures.map(({ candidate, cell, round, phase, reason, stderr }) => {
      const where = cell === null ? "before any cell" : code(cell);
      return [
        paragraph(line`${strong(candidate)}, ${where}, round ${round}, phase ${phase}: ${reason}`),
        stderr.length === 0 ? null : pre(stderr.join("\n"), "text"),
      ];
    }),
  );
}

const causeOf = ({ cell, cause }: RunWarning): Inline =>
  cell === undefined ? cause : line`${code(cell)}: ${cause}`;

const nextStepsOf = (warnings: readonly RunWarning[]): string =>
  [...new Set(warnings.map((w) => w.nextStep))].join("; ");

function group(warningCode: string, warnings: readonly RunWarning[]): Part {
  const next = line`${em("Next:")} ${nextStepsOf(warnings)}`;
  const [only] = warnings;
  if (warnings.length === 1 && only !== undefined)
    return paragraph(line`${strong(warningCode)}: ${causeOf(only)}. ${next}`);
  const causes = list(warnings.map(causeOf));
  const head = paragraph(line`${strong(warningCode)}, ${warnings.length} times. ${next}`);
  return [head, warnings.length > foldOver ? folded("Where, and why", causes) : causes];
}

const ranks: readonly { readonly touches: Touched; readonly title: string }[] = [
  { touches: "answer", title: "Affecting the answer" },
  { touches: "cells", title: "Affecting other cells" },
  { touches: "machine", title: "About this machine" },
];

/** Every warning with its cause and next step, grouped by code; those that affect the answer are open, the rest is folded. */
export function warnings(report: Report): Section | null {
  const parts = ranks.flatMap(({ touches, title }) => {
    const byCode = warningsByCode(report, touches);
    if (byCode.length === 0) return [];
    const groups = byCode.map(([name, found]) => group(name, found));
    const counted = `${title} (${formatInteger(byCode.flatMap(([, found]) => found).length)})`;
    return touches === "answer" ? [[paragraph(strong(counted)), ...groups]] : [folded(counted, ...groups)];
  });
  return section("Warnings", ...(parts.length === 0 ? [paragraph("None.")] : parts));
}

/** The warnings on the answer, a line a code with its first cause and the next step; none where there are none. */
export function warningsOnAnswer(report: Report): Section | null {
  const lines = warningsByCode(report, "answer").map(([name, [first, ...others]]) => {
    const more = others.length === 0 ? "" : `, and ${others.length} similar`;
    return line`${strong(name)}: ${causeOf(first)}${more}. ${em("Next:")} ${first.nextStep}`;
  });
  return section("Warnings that affect the answer", list(lines));
}

/** What the run says nothing about. */
export function notMeasured(report: Report): Section | null {
  return section("What was not measured", list(report.decision.notMeasured));
}
