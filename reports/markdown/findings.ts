import type { Report, RunWarning, Touched } from "../../schemas/report.ts";
import { warningCodes } from "../../schemas/report.ts";
import { formatInteger } from "../format.ts";
import { contenders } from "../view.ts";
import { block, blocks, bullets, code, folded, type Section, section, text } from "./element.ts";

/** More warnings of one code than this are folded under their count. */
const foldOver = 2;

/** The case of the contract suite that a server fails which encodes JSON anew. */
export const rewritingGap = "publish/passthrough-json-bytes";

/** Where what was observed is not what is declared; the contract suite is over messages of its own. */
function contradictions(report: Report): string[] {
  return contenders(report).flatMap((c) => {
    const declares = c.gaps.some((gap) => gap.case === rewritingGap);
    const observed = c.observed.includes("rewrites-json");
    const wasAsked = report.results.some(
      ({ candidate, codec, params }) =>
        candidate === c.id && codec === "json" && "mode" in params && params.mode === "passthrough",
    );
    if (observed && !declares)
      return [`**${text(c.id)}** rewrites JSON in this run, which it does not declare`];
    if (declares && !observed && wasAsked) {
      return [`**${text(c.id)}** declares that it rewrites JSON, and did not in this run`];
    }
    return [];
  });
}

/**
 * Where a framework leaves RFC 6455 or the wire contract, as declared and proven by the contract suite: one line for all
 * cases that a candidate fails for one reason.
 */
export function gaps(report: Report): Section | null {
  const lines = contenders(report).flatMap((c) =>
    [...Map.groupBy(c.gaps, (gap) => gap.reason)].map(
      ([reason, same]) =>
        `**${text(c.id)}**, ${same.map((gap) => code(gap.case)).join(", ")}: ${text(reason)}`,
    ),
  );
  const told = contradictions(report);
  return section(
    "Declared gaps",
    lines.length === 0 ? "No candidate declares a departure from RFC 6455 or the contract." : bullets(lines),
    told.length === 0 ? null : blocks("Observed otherwise than declared:", bullets(told)),
  );
}

/** Every failed trial with its phase, reason and last words. */
export function failures(report: Report): Section | null {
  return section(
    "Failures",
    ...report.failures.map(({ candidate, cell, round, phase, reason, stderr }) => {
      const where = cell === null ? "before any cell" : code(cell);
      const line = `**${text(candidate)}**, ${where}, round ${round}, phase ${phase}: ${text(reason)}`;
      return blocks(line, stderr.length === 0 ? null : block(stderr.join("\n"), "text"));
    }),
  );
}

const causeOf = ({ cell, cause }: RunWarning): string =>
  `${cell === undefined ? "" : `${code(cell)}: `}${text(cause)}`;

function group(warningCode: string, warnings: readonly RunWarning[]): string {
  const next = [...new Set(warnings.map((w) => text(w.nextStep)))].join("; ");
  const [only] = warnings;
  if (warnings.length === 1 && only !== undefined)
    return `**${warningCode}**: ${causeOf(only)} *Next:* ${next}`;
  const causes = bullets(warnings.map(causeOf));
  const head = `**${warningCode}**, ${warnings.length} times. *Next:* ${next}`;
  return blocks(head, warnings.length > foldOver ? folded("Where, and why", causes) : causes);
}

const ranks: readonly { readonly touches: Touched; readonly title: string }[] = [
  { touches: "answer", title: "Touches the answer" },
  { touches: "cells", title: "Touches other cells" },
  { touches: "machine", title: "This machine" },
];

/** Every warning with its cause and next step, grouped by code; what touches the answer lies open, the rest is folded. */
export function warnings(report: Report): Section | null {
  const parts = ranks.flatMap(({ touches, title }) => {
    const mine = report.warnings.filter((w) => w.touches === touches);
    const byCode = Map.groupBy(mine, (w) => w.code);
    const groups = warningCodes.flatMap((name) => {
      const found = byCode.get(name);
      return found === undefined ? [] : [group(name, found)];
    });
    if (groups.length === 0) return [];
    const counted = `${title} (${formatInteger(mine.length)})`;
    return touches === "answer"
      ? [blocks(`**${counted}**`, ...groups)]
      : [folded(counted, blocks(...groups))];
  });
  return section("Warnings", ...(parts.length === 0 ? ["None."] : parts));
}

/** What the run says nothing about. */
export function notMeasured(report: Report): Section | null {
  return section("What was not measured", bullets(report.decision.notMeasured.map(text)));
}
