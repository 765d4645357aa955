import { cellId } from "../../schemas/cell.ts";
import type { Report } from "../../schemas/report.ts";
import { digits3 } from "../format.ts";
import { cellTitle } from "../workloads/index.ts";
import { code, folded, line, type Part, paragraph, strong, table } from "./document.ts";
import { absent } from "./figure.ts";

/** Money for a billion deliveries, cheapest first, a table for each open-loop cell. */
function costs({ decision, results }: Report): Part[] {
  const currency = decision.policyUsed?.prices.currency;
  if (currency === undefined) return [];
  const byCell = Map.groupBy(decision.costs, (cost) => cost.cell);
  return [...byCell].map(([cell, entries]) => {
    const spec = results.find((r) => cellId(r.params) === cell)?.params;
    const rows = entries
      .toSorted((a, b) => a.perBillion - b.perBillion)
      .map(({ candidate, perBillion, ciLow, ciHigh }) => [
        candidate,
        digits3(perBillion),
        ciLow === null || ciHigh === null ? absent : `${digits3(ciLow)}–${digits3(ciHigh)}`,
      ]);
    const heads = ["", `${currency} per billion deliveries`, "95 % interval"];
    return [paragraph(spec === undefined ? code(cell) : cellTitle(spec)), table(heads, "lrr", rows)];
  });
}

/** How often each candidate wins if the weights are not known. */
export function sensitivity({ decision }: Report): Part {
  if (decision.sensitivity.length === 0) return null;
  const winners = decision.sensitivity.filter(({ sharePct }) => sharePct > 0);
  const shares = winners.map(({ candidate, sharePct }) => `${candidate ?? "none ahead"} ${sharePct} %`);
  const named = winners.filter(({ candidate }) => candidate !== null).length;
  const others = named === 0 ? "no candidate wins any" : "the other candidates win none";
  const rest = winners.length < decision.sensitivity.length ? `; ${others}` : "";
  const lead = strong("Share of all possible weights that each wins");
  return paragraph(
    line`${lead} (latency, throughput, cost, memory and start-up from 0 to 100 %): ${shares.join(", ")}${rest}.`,
  );
}

/** What each candidate costs, in every cell that has prices. */
export const costTables = (report: Report): Part =>
  folded("Cost of each candidate, in every cell", ...costs(report));
