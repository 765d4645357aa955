import { metricKinds } from "../../schemas/metric.ts";
import { differenceInShort } from "../diff/environment.ts";
import type { Finding, Outcome } from "./finding.ts";
import type { Judgement } from "./judge.ts";
import { placeOf } from "./text.ts";

const levels = {
  failed: "error",
  "not-repeated": "warning",
  suspect: "warning",
  withheld: "warning",
  unclear: "notice",
  pass: null,
} as const satisfies Record<Outcome, string | null>;

/** At most this many of one level: GitHub shows ten a step and drops the rest. */
const perLevelMax = 10;

/**
 * Lines that GitHub Actions shows as annotations, errors first; a gate that held gets none.
 * Escapes are those of its runner: `%`, CR and LF in data, and `:` and `,` in properties too.
 */
export function annotations({ findings, differences }: Judgement): string[] {
  const of = (level: string) => findings.filter((f) => levels[f.outcome] === level);
  const lines = (["error", "warning", "notice"] as const).flatMap((level) =>
    kept(of(level)).map((f) => line(level, titleOf(f), `${placeOf(f)}: ${f.text}`)),
  );
  if (differences.length === 0) return lines;
  const summary = differences.map(differenceInShort).join("; ");
  return [...lines, line("warning", "The baseline ran in another environment", summary)];
}

function titleOf({ kind, gate, metric }: Finding): string {
  return metric === null || kind === "assertion" ? gate : `${gate}, ${metricKinds[metric].label}`;
}

/** The last of too many says how many there were. */
function kept(findings: readonly Finding[]): Finding[] {
  if (findings.length <= perLevelMax) return [...findings];
  const shown = findings.slice(0, perLevelMax);
  const last = shown.at(-1);
  const more = ` (and ${findings.length - perLevelMax} more, see the step's summary)`;
  return last === undefined ? [] : [...shown.slice(0, -1), { ...last, text: `${last.text}${more}` }];
}

function line(level: string, title: string, message: string): string {
  return `::${level} title=${property(title)}::${data(message)}`;
}

const data = (text: string): string => text.replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
const property = (text: string): string => data(text).replace(/:/g, "%3A").replace(/,/g, "%2C");
