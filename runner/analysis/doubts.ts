import { feedOf } from "../../schemas/cell.ts";
import type { QualityCode } from "../../schemas/load.ts";
import type { Plan } from "../../schemas/plan.ts";
import type { RunWarning } from "../../schemas/report.ts";
import { mayPass } from "../quality/trial-quality.ts";
import { type Series, windowCounts } from "./collect.ts";

/**
 * One warning for each cell of a candidate that has windows which could not be had clean. One that a repeat has made good is
 * counted in the report, and is no reason to worry.
 */
export function qualityWarnings(plan: Plan, series: readonly Series[]): RunWarning[] {
  return [...series.flatMap((one) => disturbed(plan, one)), ...series.flatMap((one) => saturated(plan, one))];
}

function disturbed(plan: Plan, one: Series): RunWarning[] {
  const { clean, kept, missing } = windowCounts([one]);
  if (missing + kept === 0) return [];
  const doubted = one.windows.filter(({ doubt }) => doubt !== null && mayPass(doubt));
  const [ofCode] = [...Map.groupBy(doubted, ({ doubt }) => doubt?.code).values()].toSorted(
    (a, b) => b.length - a.length,
  );
  const worst = ofCode?.at(-1)?.doubt;
  if (worst == null) return [];
  const all = clean + kept + missing;
  const how =
    kept > 0
      ? `${kept} of ${all} windows were disturbed and counted all the same`
      : `${missing} of ${all} windows could not be had clean and are left out`;
  const rounds = one.perRound.filter((visit) => visit !== null).length;
  return [
    {
      code: worst.code,
      cause: `${worst.reason}; ${how}, and ${rounds} of ${rounds + one.voids.length} rounds have a figure`,
      nextStep: nextStepOf(worst.code, plan, one.cell),
      cell: `${one.candidate} ${one.cell}`,
    },
  ];
}

/** Windows in which the generator was the limit: they count, and their rate is a bound. */
function saturated(plan: Plan, { candidate, cell, windows }: Series): RunWarning[] {
  const found = windows.flatMap(({ doubt }) => (doubt !== null && !mayPass(doubt) ? [doubt] : []));
  const [worst] = found;
  if (worst === undefined) return [];
  return [
    {
      code: worst.code,
      cause: `${worst.reason}; so it was in ${found.length} of ${windows.length} windows, and the rate reads “at least”`,
      nextStep: nextStepOf(worst.code, plan, cell),
      cell: `${candidate} ${cell}`,
    },
  ];
}

function nextStepOf(code: QualityCode, plan: Plan, cell: string): string {
  switch (code) {
    case "generator-late": {
      const spec = plan.cells.find((c) => c.id === cell)?.spec;
      return spec !== undefined && feedOf(spec) !== null
        ? "lower --feed-rate, or free the load's core"
        : "free the load's core; --rounds adds rounds for those that were withheld";
    }
    case "generator-saturated":
      return "read the rate as a lower bound; the CPU time per message is the server's own, and compares";
    case "nothing-delivered":
      return "repeat on a quieter machine, or with --profile thorough, whose windows are longer; see that the server is not stuck";
    case "throttled":
      return "raise the CPU quota (docker run --cpus, resources.limits.cpu, CPUQuota=) to what the run's cores can use, then repeat";
    case "memory-limit":
      return "raise the memory limit of the container or the service, then repeat";
    case "foreign-cpu":
      return "end other programs, then repeat";
    case "left-its-core":
      return "leave the server's affinity alone: --profile and all candidates share one core for a reason; or measure it by its address, where it stays where you bind it";
    case "steal":
      return "repeat on a quieter host";
  }
}
