import type { RunEvent } from "../../schemas/event.ts";
import type { Plan } from "../../schemas/plan.ts";
import type { Tail3, WhyRecord, WhyResult } from "../../schemas/why.ts";

/** What the trials that look for causes say, in the order of the plan. */
export function whyOf({ candidates }: Plan, events: readonly RunEvent[]): WhyResult[] {
  return candidates.flatMap(({ name }) =>
    events.flatMap((event) =>
      event.type === "extra-finished" && event.candidate === name && event.outcome.kind === "why"
        ? [resultOf(name, event.cell, event.outcome.why)]
        : [],
    ),
  );
}

function resultOf(candidate: string, cell: string, record: WhyRecord): WhyResult {
  const { model: _, heldOut: _heldOut, ...recorded } = record;
  return { candidate, cell, ...recorded, explained: explainedOf(record) };
}

/**
 * The residual of the cell's own rate, point by point of the distribution, is taken to stay at every other rate: what the kernel and
 * the wire add does not grow with the queue.
 */
function explainedOf({ measured, heldOut, model }: WhyRecord): WhyResult["explained"] {
  const [atRate, ...faster] = model;
  if (atRate === undefined || measured === null) return null;
  const residual = each((at) => measured[at] - atRate.queue[at]);
  return {
    utilisation: atRate.utilisation,
    queue: atRate.queue,
    residual,
    predictions: faster.map(({ times, utilisation, queue }) => {
      // A residual below 0 leaves no less than nothing.
      const predicted = each((at) => Math.max(0, queue[at] + residual[at]));
      const found = times === heldOut.times ? heldOut.measured : null;
      const errorPct =
        found === null ? null : each((at) => (found[at] === 0 ? 0 : 100 * (predicted[at] / found[at] - 1)));
      return { times, utilisation, predicted, measured: found, errorPct };
    }),
  };
}

const each = (of: (at: keyof Tail3) => number): Tail3 => ({ p50: of("p50"), p90: of("p90"), p99: of("p99") });
