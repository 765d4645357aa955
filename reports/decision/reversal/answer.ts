import type { Reversal } from "../../../schemas/report.ts";

/** The answer of a switch, as words: who would be recommended, or why nobody would be. */
export function becomesText({ becomes, lacking }: Change): string {
  if (becomes !== null) return `${becomes} is recommended`;
  return lacking === true ? "too little evidence is left" : "no candidate is ahead";
}

export type Change = Pick<Reversal, "at" | "becomes"> & {
  /** Whether nobody is recommended for want of evidence, which is not the same as nobody being ahead. */
  readonly lacking?: boolean;
};

/**
 * The changes of answer met on the way from `current` along `path`, nearest first: each entry is where a stretch begins and
 * the answer within it. It ends with the first other candidate, since what lies behind that is another decision.
 */
export function changesAlong(current: string | null, path: readonly Change[]): Change[] {
  const met: Change[] = [];
  let before = current;
  for (const step of path) {
    if (step.becomes === before) continue;
    before = step.becomes;
    if (step.becomes !== current) met.push(step);
    if (step.becomes !== null && step.becomes !== current) break;
  }
  return met;
}
