import { join } from "node:path";
import { type Touched, warningCodes, warningKind } from "../schemas/warning.ts";

// `bun run docs/warnings.ts` writes docs/WARNINGS.md from the table of warnings.

const severities: Readonly<Record<Touched, string>> = {
  answer: "Every figure of the run, and so the answer",
  cells: "Figures of a candidate or cell, and the answer where it rests on them",
  machine: "The whole setting; no single figure",
};

/** The page of every warning that a report can hold. */
export function warningsPage(): string {
  const sections = (Object.keys(severities) as Touched[]).map((severity) => {
    const rows = warningCodes
      .map((code) => ({ code, ...warningKind(code) }))
      .filter((kind) => kind.severity === severity)
      .map(({ code, cause, nextStep }) => `| \`${code}\` | ${cause} | ${nextStep} |`);
    return [
      `## ${severities[severity]}`,
      "",
      "| Code | What it says | What to do |",
      "| --- | --- | --- |",
      ...rows,
    ];
  });
  return [
    "# Warnings",
    "",
    "What a report warns of, by what it weakens. `warnings[].code` of report.json names it, `warnings[].touches` whether it weakens the",
    "answer of that run (`answer`), other figures (`cells`) or its setting (`machine`); a run that knows a better next step gives its own.",
    "Terms are in the [glossary](GLOSSARY.md). This page is made from the table in `schemas/warning.ts`.",
    ...sections.flatMap((lines) => ["", ...lines]),
    "",
  ].join("\n");
}

if (import.meta.main) await Bun.write(join(import.meta.dir, "WARNINGS.md"), warningsPage());
