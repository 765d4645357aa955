import type { RunEvent } from "../../schemas/event.ts";
import type { Report } from "../../schemas/report.ts";
import { type RunWarning, warning } from "../../schemas/warning.ts";
import type { RunStarted } from "../record/event-log.ts";

type Part = Report["run"]["parts"][number];

/** A run that was gone on with, in its parts: which rounds each measured, and on what. Parts that measured nothing are none. */
export function partsOf(started: RunStarted, events: readonly RunEvent[]): Part[] {
  const parts: { part: Omit<Part, "fromRound" | "toRound">; rounds: number[] }[] = [];
  let setting = { toolVersion: started.toolVersion, kernel: started.host.kernel };
  for (const event of events) {
    if (event.type === "run-resumed") {
      // A record of an older tool does not say on what it was gone on with.
      const { toolVersion, host } = event;
      setting = { toolVersion: toolVersion ?? "unknown", kernel: host?.kernel ?? "unknown" };
    }
    if (event.type === "run-started" || event.type === "run-resumed") {
      parts.push({ part: { startedAt: event.at, ...setting }, rounds: [] });
    }
    if (event.type === "trial-finished") parts.at(-1)?.rounds.push(event.round);
  }
  return parts
    .filter(({ rounds }) => rounds.length > 0)
    .map(({ part, rounds }) => {
      const [fromRound = 0] = rounds;
      return {
        ...part,
        fromRound,
        toRound: rounds.reduce((most, round) => Math.max(most, round), fromRound),
      };
    });
}

/** A run whose parts were measured by another patch of the tool or the kernel. */
export function partWarnings(parts: readonly Part[]): RunWarning[] {
  const kinds = new Set(parts.map(({ toolVersion, kernel }) => `${toolVersion} ${kernel}`));
  if (kinds.size < 2) return [];
  return [
    warning(
      "resumed-elsewhere",
      `the run was resumed under another version: ${parts.map(partText).join("; ")}`,
    ),
  ];
}

/** `rounds 1 to 3 by tickbench 0.4.1 on kernel 6.1.7`. */
function partText({ fromRound, toRound, toolVersion, kernel }: Part): string {
  const rounds =
    fromRound === toRound ? `round ${fromRound + 1}` : `rounds ${fromRound + 1} to ${toRound + 1}`;
  return `${rounds} by tickbench ${toolVersion} on kernel ${kernel}`;
}
