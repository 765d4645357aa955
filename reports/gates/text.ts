import { differenceWords } from "../diff/environment.ts";
import type { Finding, Outcome } from "./finding.ts";
import { hasFailed, type Judgement } from "./judge.ts";

/** Outcomes in the order they are reported, and in words. */
export const outcomeWords = {
  failed: "failed",
  "not-repeated": "failed at first, not confirmed by the repeat",
  suspect: "looks broken",
  withheld: "withheld",
  unclear: "unclear",
  pass: "held",
} as const satisfies Record<Outcome, string>;

export const outcomeOrder = Object.keys(outcomeWords) as Outcome[];

/** `bun/elysia feed/json/passthrough/send/s10`, or the gate itself where nothing was judged. */
export const placeOf = ({ candidate, cell, gate }: Finding): string =>
  candidate === null || cell === null ? gate : `${candidate} ${cell}`;

/** `1 failed, 2 unclear, 14 held`. */
export function tally(findings: readonly Finding[]): string {
  return outcomeOrder
    .flatMap((outcome) => {
      const count = findings.filter((f) => f.outcome === outcome).length;
      return count === 0 ? [] : [`${count} ${outcomeWords[outcome]}`];
    })
    .join(", ");
}

/** One sentence over all gates. */
export function verdictLine(judgement: Judgement): string {
  return `Gates ${hasFailed(judgement) ? "failed" : "held"}: ${tally(judgement.findings)}.`;
}

/** The gates for a terminal: what did not simply hold, and how many did. */
export function gatesText(judgement: Judgement): string {
  const { findings, differences } = judgement;
  const notPassed = outcomeOrder
    .filter((outcome) => outcome !== "pass")
    .flatMap((outcome) => findings.filter((f) => f.outcome === outcome))
    .map((f) => `  ${outcomeWords[f.outcome]}: ${placeOf(f)}: ${f.text} [${f.gate}]`);
  const differs = differences.map((d) => `  baseline differs: ${differenceWords(d)}`);
  return `${[verdictLine(judgement), ...notPassed, ...differs].join("\n")}\n`;
}
