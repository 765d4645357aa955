import type { Policy } from "../../schemas/policy.ts";
import type { Report, Undecided } from "../../schemas/report.ts";
import { type RunWarning, type Touched, warningKind } from "../../schemas/warning.ts";
import { type Decision, decide } from "./decide.ts";
import { namesOf } from "./evidence.ts";
import { marketOpenOf } from "./market-open.ts";
import { solve } from "./solve.ts";

/** The report with its decision under a policy, and with what each warning weakens of that decision. */
export function decided(evidence: Undecided, policy: Policy): Report {
  const decision = decide(evidence, policy);
  const weighed = weighedFigures(evidence, policy);
  const warnings = evidence.warnings.map((warning) => {
    const { axis } = warningKind(warning.code);
    const touches =
      axis !== undefined && policy.weights[axis] === 0
        ? "cells"
        : touchedBy(warning, evidence, decision, weighed);
    return { ...warning, touches };
  });
  const open = marketOpenOf(evidence);
  return { ...evidence, warnings, decision, ...(open === undefined ? {} : { open }) };
}

/** The metrics that the decision weighs, by cell. */
function weighedFigures(report: Undecided, policy: Policy): ReadonlyMap<string, ReadonlySet<string>> {
  const { pairwise, shares } = solve(report, policy);
  const items = pairwise.items.filter((item) => shares[item.axis] > 0);
  return new Map(
    [...Map.groupBy(items, (item) => item.cell)].map(([cell, all]) => [
      cell,
      new Set(all.map((i) => i.metric)),
    ]),
  );
}

/**
 * A warning touches the answer where it is of a figure that was weighed, and of a candidate that the answer sets apart: the
 * leader, its runner-up, whoever it is not ahead of, and whoever is left out.
 */
function touchedBy(
  { code, cell, metric }: RunWarning,
  report: Undecided,
  { leader, runnerUp, tied, excluded }: Decision,
  weighed: ReadonlyMap<string, ReadonlySet<string>>,
): Touched {
  const { severity } = warningKind(code);
  if (severity !== "cells") return severity;
  // What a single figure can have, the whole run had here: a limit that was in force before it began.
  if (cell === undefined) return "machine";
  if (excluded.some((e) => cell === e.candidate || isOf(cell, e.candidate, weighed))) return "answer";
  const contenders = [leader, runnerUp?.candidate, ...tied.map((t) => t.candidate)];
  const place = [...weighed.keys()].find(
    (id) =>
      cell === id || namesOf(report).some((name) => contenders.includes(name) && cell === `${name} ${id}`),
  );
  if (place === undefined) return "cells";
  return metric === undefined || weighed.get(place)?.has(metric) === true ? "answer" : "cells";
}

/** Whether a warning's subject is a candidate in one of the weighed cells. */
const isOf = (subject: string, candidate: string, weighed: ReadonlyMap<string, unknown>): boolean =>
  [...weighed.keys()].some((id) => subject === `${candidate} ${id}`);
