import { formatNs, formatRatio } from "../../reports/format.ts";
import type { EventOf, RunEvent } from "../../schemas/event.ts";
import { type RunWarning, warning } from "../../schemas/warning.ts";

/** What a message costs the generator may move by this much over a run before it is reported. */
const driftMax = 0.1;

type Look = EventOf<"ceiling-measured"> & { readonly costNs: number };

/** Where the load generator itself became slower or faster while it measured, and where it was replaced for it. */
export function generatorWarnings(events: readonly RunEvent[]): RunWarning[] {
  return [...drifted(events), ...replaced(events)];
}

/** One for the run, by the cell that moved the most. */
function drifted(events: readonly RunEvent[]): RunWarning[] {
  const looks = events.filter((e): e is Look => e.type === "ceiling-measured" && e.costNs !== undefined);
  const cells = [...Map.groupBy(looks, ({ cell }) => cell)].map(([cell, [first, ...later]]) => {
    const moves = later.map((look) => ({ look, ratio: look.costNs / (first?.costNs ?? look.costNs) }));
    const [largest] = moves.toSorted((a, b) => Math.abs(Math.log(b.ratio)) - Math.abs(Math.log(a.ratio)));
    return { cell, first, most: largest };
  });
  const moved = cells
    .filter(({ most }) => most !== undefined && Math.abs(most.ratio - 1) > driftMax)
    .toSorted((a, b) => Math.abs(Math.log(b.most?.ratio ?? 1)) - Math.abs(Math.log(a.most?.ratio ?? 1)));
  const [worst] = moved;
  if (worst?.first === undefined || worst.most === undefined) return [];
  const { look, ratio } = worst.most;
  const others =
    moved.length === 1 ? "" : `; ${moved.length} of ${cells.length} cells changed by more than 10 %`;
  return [
    warning(
      "generator-drifted",
      `a message of ${worst.cell} cost the load generator ${formatNs(worst.first.costNs)} of CPU time in round ${worst.first.round + 1} and ${formatNs(look.costNs)} in round ${look.round + 1}, ${formatRatio(ratio)}${others}`,
      { cell: worst.cell },
    ),
  ];
}

function replaced(events: readonly RunEvent[]): RunWarning[] {
  return events.flatMap((event): RunWarning[] =>
    event.type !== "generator-replaced"
      ? []
      : [
          warning(
            "generator-replaced",
            `in round ${event.round + 1} a message cost the load generator ${formatRatio(event.slowdown)} what it did at first, so its process was replaced`,
          ),
        ],
  );
}
