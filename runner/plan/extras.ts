import { factsOf } from "../../schemas/cell.ts";
import type { RunEvent } from "../../schemas/event.ts";
import type { ExtraKind } from "../../schemas/extra.ts";
import { extraKinds } from "../../schemas/names.ts";
import type { Plan, PlannedCandidate, PlannedCell } from "../../schemas/plan.ts";
import { serves } from "./schedule.ts";

/** A trial beside the rounds: one candidate in one cell, on a server of its own. */
export interface ExtraTask {
  readonly kind: ExtraKind;
  readonly candidate: PlannedCandidate;
  readonly cell: PlannedCell;
}

/** The cell of the extra trials: the one that decides, else the first that a server can be held under; null where there is none. */
export function extraCell({ cells }: { readonly cells: readonly PlannedCell[] }): PlannedCell | null {
  const fitting = cells.filter(({ spec }) => factsOf(spec.workload).atRate !== undefined);
  return fitting.find(({ headline }) => headline.includes("latencyNsP99")) ?? fitting[0] ?? null;
}

/** The extra trials that `done` has not recorded, in order. An A/A replicate has none: nothing of them is compared. */
export function extraTasks(
  plan: Plan,
  done: readonly RunEvent[],
  unavailable: ReadonlySet<string>,
): ExtraTask[] {
  const cell = extraCell(plan);
  if (cell === null) return [];
  const finished = new Set(
    done.flatMap((e) =>
      e.type === "extra-finished" || e.type === "extra-failed" ? [`${e.kind}\n${e.candidate}`] : [],
    ),
  );
  const taking = plan.candidates.filter(
    (c) => c.replicateOf === null && !unavailable.has(c.name) && serves(c, cell),
  );
  const kinds = extraKinds.filter((kind) =>
    kind === "why" ? plan.extras?.why === true : plan.extras?.soakMs != null,
  );
  return kinds.flatMap((kind) =>
    taking
      .filter(({ name }) => !finished.has(`${kind}\n${name}`))
      .map((candidate) => ({ kind, candidate, cell })),
  );
}

/** Start, warm-up and end of a server, and what is spent between its windows, in ms. */
const overheadMs = 1_000;

/** Expected length of one extra trial, in ms. */
export function extraMs(
  plan: Pick<Plan, "extras">,
  { kind, cell }: Pick<ExtraTask, "kind" | "cell">,
): number {
  switch (kind) {
    case "why":
      return whyServers * overheadMs + whyWindows * whyWindowMs(cell);
    case "soak": {
      const { count, ms } = soakWindows(plan.extras?.soakMs ?? 0);
      return overheadMs + count * (ms + betweenMs);
    }
  }
}

/** Length of each window of a trial that looks for causes, in ms: one long window in place of a visit's short ones. */
export const whyWindowMs = ({ spec }: PlannedCell): number => 20 * spec.windowMs;
/** Servers of one such trial, and its windows, those about included that warm the servers. */
const whyServers = 2;
const whyWindows = 8;
/** Multiples of the rate that the queue is computed at, and the one of them that is measured, which the model has not seen. */
export const modelledTimes = [1, 2, 4] as const;
export const heldOutTimes = 2;

/** From the end of a window to the next, in ms: its drain, its account and the lead of the next. */
const betweenMs = 30;
/** Windows that a trend is sought in, at least, and the longest of them, in ms: what is due in one is held in memory. */
const soakWindowsMin = 30;
const soakWindowMsMax = 10_000;

/** The windows of a soak, one after the other. */
export function soakWindows(soakMs: number): { readonly count: number; readonly ms: number } {
  const ms = Math.max(1, Math.min(soakWindowMsMax, Math.floor(soakMs / soakWindowsMin)));
  return { count: Math.floor(soakMs / ms), ms };
}
