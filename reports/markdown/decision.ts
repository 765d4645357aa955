import { cellId } from "../../schemas/cell.ts";
import type { Report } from "../../schemas/report.ts";
import { digits3 } from "../format.ts";
import { cellTitle } from "../workloads/index.ts";
import { blocks, code, folded, table, text } from "./element.ts";
import { absent } from "./figure.ts";

/** Money for a billion deliveries, cheapest first, a table for each open-loop cell. */
function costs({ decision, results }: Report): string[] {
  const currency = decision.policyUsed?.prices.currency;
  if (currency === undefined) return [];
  const byCell = Map.groupBy(decision.costs, (cost) => cost.cell);
  return [...byCell].map(([cell, entries]) => {
    const spec = results.find((r) => cellId(r.params) === cell)?.params;
    const rows = entries
      .toSorted((a, b) => a.perBillion - b.perBillion)
      .map(({ candidate, perBillion, ciLow, ciHigh }) => [
        text(candidate),
        digits3(perBillion),
        ciLow === null || ciHigh === null ? absent : `${digits3(ciLow)}–${digits3(ciHigh)}`,
      ]);
    const heads = ["", `${text(currency)} per billion deliveries`, "95 % interval"];
    return `${spec === undefined ? code(cell) : cellTitle(spec)}\n\n${table(heads, "lrr", rows)}`;
  });
}

function sensitivity({ decision }: Report): string | null {
  if (decision.sensitivity.length === 0) return null;
  const winners = decision.sensitivity.filter(({ sharePct }) => sharePct > 0);
  const shares = winners.map(
    ({ candidate, sharePct }) => `${candidate === null ? "nobody ahead" : text(candidate)} ${sharePct} %`,
  );
  const rest = winners.length < decision.sensitivity.length ? "; the candidates not named win none" : "";
  return `**Share of all weightings won** (latency, throughput, cost, memory and start-up from 0 to 100 %): ${shares.join(", ")}${rest}.`;
}

/** What the decision costs and how far it holds, for who wants to check it. */
export function decisionDetails(report: Report): string {
  const money = costs(report);
  return blocks(
    sensitivity(report),
    money.length === 0 ? null : folded("What each costs, in every cell", blocks(...money)),
  );
}
