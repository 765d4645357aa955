import type { EventOf, RunEvent } from "../../schemas/event.ts";
import type { Plan } from "../../schemas/plan.ts";
import type { RunWarning } from "../../schemas/report.ts";
import { mayPass } from "../quality/trial-quality.ts";
import { lastAttempts } from "./collect.ts";

type Trial = EventOf<"trial-finished">;
type Code = NonNullable<Trial["doubt"]>["code"];

/** One warning for each cell and doubt. What a repeat has made good again is past: the last attempt of a round speaks. */
export function doubtWarnings(plan: Plan, events: readonly RunEvent[]): RunWarning[] {
  const last = [...lastAttempts(events).values()];
  const doubted = Map.groupBy(
    last.filter((trial) => trial.doubt !== null),
    (trial) => `${trial.candidate} ${trial.cell}\n${trial.doubt?.code}`,
  );
  return [...doubted.values()].flatMap((trials): RunWarning[] => {
    const [worst] = trials;
    if (worst?.doubt == null) return [];
    const { candidate, cell, doubt } = worst;
    const rounds = last.filter((t) => t.candidate === candidate && t.cell === cell).length;
    const share = `${trials.length} of ${rounds} rounds`;
    const kept = doubt.fatal
      ? `${share} withheld for it`
      : mayPass(doubt)
        ? `${share} counted all the same, since repeats were used up`
        : `so it was in ${share}, and the rate reads “at least”`;
    return [
      {
        code: doubt.code,
        cause: `${doubt.reason}; ${kept}`,
        nextStep: nextStepOf(doubt.code, plan, cell),
        cell: `${candidate} ${cell}`,
      },
    ];
  });
}

function nextStepOf(code: Code, plan: Plan, cell: string): string {
  switch (code) {
    case "generator-late": {
      const isFeed = plan.cells.find((c) => c.id === cell)?.spec.workload === "feed";
      return isFeed
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
