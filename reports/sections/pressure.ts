import { type CellSpec, cellId } from "../../schemas/cell.ts";
import type { Flooded, PolicyKept } from "../../schemas/pressure.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import { digits3, formatBytes, formatInteger, formatNs, formatPct } from "../format.ts";
import { resultsOf } from "../view.ts";
import { backPressureWords, deviationWords, policyVerdictWords } from "../wording.ts";
import { cellTitle } from "../workloads/index.ts";
import { type Inline, paragraph, type Section, section, small, stacked, strong, table } from "./document.ts";
import { absent, figure } from "./figure.ts";

type Stopped = CellResult & { readonly policyKept: PolicyKept };
type UnderFlood = CellResult & { readonly flooded: Flooded };

const hasStopped = (result: CellResult): result is Stopped => result.policyKept !== undefined;
const isFlooded = (result: CellResult): result is UnderFlood => result.flooded !== undefined;

function policyRow(result: Stopped): Inline[] {
  const { policyKept: kept } = result;
  const { queuedBytes: queued, calmNsP99 } = kept;
  const seen = kept.deviations.map(
    ({ kind, windows }) => `${deviationWords(kind)} (${windows} of ${kept.windows} windows)`,
  );
  return [
    `${kept.verdict === "deviates" ? "⚠ " : ""}${result.candidate}`,
    stacked(
      policyVerdictWords(kept.verdict),
      ...seen.map((text) => small(text)),
      small(`struck ${formatInteger(kept.struck)} of ${formatInteger(kept.stopped)}`),
    ),
    queued === null
      ? absent
      : stacked(
          formatBytes(queued.median),
          small(`${formatBytes(queued.min)} to ${formatBytes(queued.max)}`),
        ),
    figure(result, "latencyNsP50"),
    figure(result, "latencyNsP99"),
    calmNsP99 === null ? absent : formatNs(calmNsP99),
    figure(result, "rssBytesPeak"),
  ];
}

/** What servers do with subscribers that stop reading, and what the others notice. */
export function slowSubscribers(report: Report): Section | null {
  const found = report.results.filter(hasStopped);
  const [first] = found;
  if (first === undefined) return null;
  const { policy, limitBytes } = first.policyKept.declared;
  return section(
    "Slow subscribers",
    paragraph(
      `Some subscribers stop reading while the stream continues. The declared policy is ${policy} at ${formatBytes(limitBytes)} of unsent bytes. “Held” is what the server had queued for such a subscriber when it applied the policy: sent, but neither read nor in the kernel's queues of either end. Latencies are those of the subscribers that keep reading; “p99 before” is theirs before the others stop.`,
    ),
    specsOf(found).map((spec) => [
      paragraph(strong(cellTitle(spec))),
      table(
        ["", "Policy", "Held", "p50", "p99", "p99 before", "RSS peak"],
        "llrrrrr",
        resultsOf(report, cellId(spec)).filter(hasStopped).map(policyRow),
      ),
    ]),
  );
}

function floodRow(result: UnderFlood): Inline[] {
  const { flooded } = result;
  const { rssGrowthBytesHz: growth } = flooded;
  return [
    `${flooded.backPressure === "reaches" ? "" : "⚠ "}${result.candidate}`,
    backPressureWords(flooded.backPressure),
    stacked(
      `${digits3(flooded.capacityHz / 1e3)} k/s`,
      small(`offered ${digits3(flooded.offeredHz / 1e3)} k/s`),
    ),
    formatPct(100 * flooded.acceptedShare),
    formatPct(100 * flooded.blockedShare),
    stacked(formatInteger(flooded.lost), small(`of ${formatInteger(result.ledger.due)}`)),
    formatBytes(flooded.backlogBytesMax),
    stacked(
      figure(result, "rssBytesPeak"),
      growth === null ? null : small(`${growth < 0 ? "−" : "+"}${formatBytes(Math.abs(growth))}/s`),
    ),
  ];
}

/** What becomes of more than a server can take. */
export function floods(report: Report): Section | null {
  const found = report.results.filter(isFlooded);
  if (found.length === 0) return null;
  return section(
    "Floods",
    paragraph(
      "A publisher offers many times what the server can pass on. A server that reads no faster than it can send holds the publisher back: its connection blocks. A server that keeps reading buffers the messages in memory, or loses them. “Waiting” is the most that was accepted and not yet delivered, kernel buffers included.",
    ),
    specsOf(found).map((spec) => [
      paragraph(strong(cellTitle(spec))),
      table(
        ["", "Back-pressure", "Takes in", "Accepted", "Blocked", "Lost", "Waiting", "RSS peak"],
        "llrrrrrr",
        resultsOf(report, cellId(spec)).filter(isFlooded).map(floodRow),
      ),
    ]),
  );
}

/** The cells of some results, each once. */
function specsOf(results: readonly CellResult[]): CellSpec[] {
  return [...new Map(results.map((r) => [r.cell, r.params])).values()];
}
