import { join } from "node:path";
import { decided } from "../../reports/decision/decided.ts";
import { type Assertion, speaksOf } from "../../reports/gates/assertion.ts";
import { confirm, type Gates, type Judgement, judge, suspectsOf } from "../../reports/gates/judge.ts";
import type { Regression } from "../../reports/gates/regression.ts";
import { ReportFormatError, reportJson } from "../../reports/json.ts";
import { readStored } from "../../reports/read-report.ts";
import { factsOf } from "../../schemas/cell.ts";
import { matchesGlobs, splitGlobs } from "../../schemas/glob.ts";
import type { Plan } from "../../schemas/plan.ts";
import type { Policy } from "../../schemas/policy.ts";
import type { Report } from "../../schemas/report.ts";
import type { Options } from "../cli/args.ts";
import { hint, UsageError } from "../cli/usage-error.ts";
import { serves } from "../plan/schedule.ts";
import { writeInto } from "../record/run-directory.ts";
import { type RunOutcome, run } from "../run.ts";

/** Fewer rounds give a median no interval, and a gate without one could never fail. */
const roundsMin = 3;

/**
 * Reads what the run is held to, and refuses before the first measurement what could never be judged. Null where the run is
 * held to nothing. Throws UsageError.
 */
export async function readGates(options: Options, plan: Plan): Promise<Gates | null> {
  const { assertions, regression } = options.gates;
  if (assertions.length === 0 && regression === null) return null;
  const flag = regression === null ? "--assert" : "--fail-on";
  if (plan.rounds < roundsMin) {
    throw new UsageError(
      `${flag}: needs at least ${roundsMin} rounds for an interval, got ${plan.rounds}; use --rounds ${roundsMin}, or --profile quick, standard or thorough`,
    );
  }
  for (const assertion of assertions) checkSubject(assertion, plan);
  const planned = plannedOf(plan);
  if (regression === null) return { assertions, regression, planned };
  const baseline = await readBaseline(regression.baseline);
  const figures = figuresOf(plan);
  const common = baseline.results.some(
    (r) => plan.candidates.some((c) => c.name === r.candidate) && figures.some((f) => f.cell === r.cell),
  );
  if (!common) {
    throw new UsageError(
      `--baseline: ${regression.baseline}: must have measured a candidate and a cell of this run, it has ${baseline.candidates.map((c) => c.id).join(", ")}; see --candidates and --workloads`,
    );
  }
  return { assertions, regression: { baseline, limitPct: regression.limitPct, figures }, planned };
}

/** Who is to be measured in which cell. */
export function plannedOf({ candidates, cells }: Plan): Gates["planned"] {
  return candidates
    .filter((c) => c.replicateOf === null)
    .flatMap((c) =>
      cells
        .filter((cell) => serves(c, cell))
        .map(({ id, spec }) => ({ candidate: c.name, cell: id, workload: spec.workload })),
    );
}

/** The headline figures of a plan; of a plan over exploratory cells alone, those that such workloads are judged by. */
export function figuresOf({ cells }: Plan): Regression["figures"] {
  const declared = cells.some((cell) => cell.headline.length > 0);
  return cells.flatMap(({ id, spec, headline }) =>
    (declared ? headline : factsOf(spec.workload).headline).map((metric) => ({ cell: id, metric })),
  );
}

/** Refuses a budget that speaks of nothing in the run. Throws UsageError. */
function checkSubject(assertion: Assertion, { candidates, cells }: Plan): void {
  const { source, candidate, where } = assertion;
  const usageError = (rule: string) => new UsageError(`--assert: ${JSON.stringify(source)}: ${rule}`);
  const known = candidates.filter((c) => c.replicateOf === null);
  const spokenOf = (name: string) =>
    cells.filter((cell) => speaksOf(assertion, name, { workload: cell.spec.workload, cell: cell.id }));
  const named = known.filter((c) => matchesGlobs(c.name, splitGlobs(candidate)));
  if (named.length === 0) {
    throw usageError(`no candidate of this run matches "${candidate}"${hint(candidate, namesOf(known))}`);
  }
  if (named.every((c) => spokenOf(c.name).length === 0)) {
    const workloads = [...new Set(cells.map((cell) => cell.spec.workload))];
    throw usageError(
      `no workload or cell of this run matches "${where}"${hint(where, workloads)}; see the cells that plan prints`,
    );
  }
  if (named.every((c) => spokenOf(c.name).every((cell) => !serves(c, cell)))) {
    throw usageError(`${namesOf(named).join(", ")} does not serve ${where}; see the cells that plan prints`);
  }
}

const namesOf = (candidates: readonly { readonly name: string }[]): string[] => candidates.map((c) => c.name);

async function readBaseline(path: string): Promise<Report> {
  try {
    return await readStored(path);
  } catch (error) {
    if (error instanceof ReportFormatError) throw new UsageError(`--baseline: ${error.message}`);
    throw error;
  }
}

/**
 * Holds a run to its gates. Whatever looks broken is measured again by `repeat`, in fresh rounds of these candidates and
 * cells alone, and fails where that agrees. `repeat` gives null where it was cut: then nothing is confirmed.
 */
export async function evaluateGates(
  gates: Gates,
  report: Report,
  plan: Plan,
  repeat: (plan: Plan) => Promise<Report | null>,
): Promise<Judgement> {
  const first = judge(report, gates);
  const suspects = suspectsOf(first);
  if (suspects.length === 0) return first;
  const again = await repeat(repeatPlan(plan, suspects, report.run.roundsRun));
  return again === null ? first : confirm(first, report, again, gates);
}

/**
 * The plan of a repeat: only the candidates and cells in question, as many rounds as were run, in another order. It
 * needs no A/A pair, since the run's own calibration applies.
 */
export function repeatPlan(
  plan: Plan,
  suspects: readonly { candidate: string; cell: string }[],
  rounds: number,
): Plan {
  const candidates = plan.candidates.filter((c) => suspects.some((s) => s.candidate === c.name));
  const cells = plan.cells.filter((c) => suspects.some((s) => s.cell === c.id));
  const reference = candidates.find((c) => c.name === plan.reference)?.name ?? candidates[0]?.name;
  return {
    ...plan,
    rounds,
    seed: (plan.seed + 1) >>> 0,
    candidates: candidates.map((c) => ({ ...c, upgradeFrom: null })),
    cells,
    reference: reference ?? plan.reference,
    allocated: false,
  };
}

/** Measures a repeat in its own folder inside the run's, `gate/<run id>`, with its record and report. */
export function repeatIn(
  outcome: RunOutcome,
  policy: Policy,
  options: Options,
  argv: readonly string[],
): (plan: Plan) => Promise<Report | null> {
  return async (plan) => {
    if (!options.quiet) process.stderr.write(`gates: measuring ${wordsOf(plan)}\n`);
    // A machine that has become busy meanwhile is reported in the repeat's report; it must not cost the verdict.
    const repeatOptions = { ...options, out: join(outcome.folder, "gate"), resume: null, force: true };
    const { evidence, folder, interrupted } = await run(repeatOptions, plan, argv);
    const report = decided(evidence, policy);
    writeInto(folder, "report.json", reportJson(report, options));
    return interrupted ? null : report;
  };
}

function wordsOf({ candidates, cells }: Plan): string {
  return `${namesOf(candidates).join(", ")} in ${cells.map((c) => c.id).join(", ")}`;
}
