import { formatHeadroom, formatInteger } from "../../reports/format.ts";
import { feedOf, isOpenLoop, isRoundTrip } from "../../schemas/cell.ts";
import { corruptText, flawsIn, flawsText } from "../../schemas/delivery.ts";
import type { EarlyEnd } from "../../schemas/load.ts";
import { headroomMin, rateLimit } from "../../schemas/lower-bound.ts";
import type { Launch, Plan, PlannedCell } from "../../schemas/plan.ts";
import type { CellResult } from "../../schemas/report.ts";
import { type RunWarning, warning } from "../../schemas/warning.ts";
import type { Series } from "./collect.ts";

/** What is missing from a result, and where the generator was the limit. */
export function resultWarnings(
  plan: Plan,
  results: readonly CellResult[],
  series: readonly Series[],
): RunWarning[] {
  const launchOf = ({ candidate }: CellResult) =>
    plan.candidates.find((c) => c.name === candidate)?.launch.kind ?? "program";
  return [
    ...results.flatMap((result) => reach(result, launchOf(result), earlyEndOf(result, series))),
    ...results.flatMap(disorder),
    ...results.flatMap(warmUpLosses),
    ...results.flatMap(observations),
    ...results.flatMap(headroom),
    ...plan.cells.flatMap(roundTrip(results)),
  ];
}

function reach(result: CellResult, launch: Launch["kind"], ended: EarlyEnd | null): RunWarning[] {
  if (result.rounds === 0 || result.reach >= 1) return [];
  const { due, delivered, gaps, corrupt } = result.ledger;
  const how = corrupt === 0 ? "" : `: ${corruptText(result.ledger)}`;
  const end = ended === null ? "" : `; ${endText(ended)}`;
  return [
    warning(
      "reach-below-100",
      `${delivered} of ${due} deliveries were correct (${gaps} gaps, ${corrupt} corrupt${how})${end}`,
      {
        nextStep: `${reachStep(result, launch, ended)}; the cell is not ranked`,
        cell: whereOf(result),
      },
    ),
  ];
}

/** What came twice, out of order, or before it was sent: it weighs as a loss does. */
function disorder(result: CellResult): RunWarning[] {
  const { due, duplicates, reorders, corruptBy } = result.ledger;
  const found = [
    ["delivered-twice", duplicates, "arrived more than once"],
    ["delivered-out-of-order", reorders, "arrived after one with a higher sequence"],
    ["arrived-before-sent", corruptBy?.early ?? 0, "arrived before they were sent"],
  ] as const;
  return found.flatMap(([code, count, words]) =>
    count === 0 ? [] : [warning(code, `of ${due} deliveries ${count} ${words}`, { cell: whereOf(result) })],
  );
}

/** What went wrong before the windows: a server that loses there loses, whatever its windows say. */
function warmUpLosses(result: CellResult): RunWarning[] {
  const { warmUp } = result;
  if (warmUp === undefined || flawsIn(warmUp) === 0) return [];
  return [
    warning("warm-up-not-intact", `of ${warmUp.due} warm-up deliveries ${flawsText(warmUp)}`, {
      cell: whereOf(result),
    }),
  ];
}

/** What is no fault of a delivery, and yet a reader has to know. */
function observations(result: CellResult): RunWarning[] {
  const { unasked, ledger } = result;
  const cell = whereOf(result);
  const greeted: RunWarning[] =
    unasked === undefined
      ? []
      : [
          warning(
            "unasked-messages",
            `${unasked.messages} messages that nobody asked for were left out, the first: ${unasked.first}`,
            { cell },
          ),
        ];
  const rewritten: RunWarning[] =
    ledger.rewritten === undefined
      ? []
      : [
          warning(
            "json-rewritten",
            `${formatInteger(ledger.rewritten)} of ${formatInteger(ledger.delivered)} deliveries came back as re-encoded JSON, not byte for byte`,
            { cell },
          ),
        ];
  return [...greeted, ...rewritten];
}

/** Connections of a cell that ended in mid-trial, over all rounds, with how the first of them did; null where none did. */
function earlyEndOf({ candidate, cell }: CellResult, series: readonly Series[]): EarlyEnd | null {
  const ofCell = series.find((s) => s.candidate === candidate && s.cell === cell);
  const ends = ofCell?.windows.flatMap((w) => w.measurement.earlyEnd ?? []) ?? [];
  const [first] = ends;
  if (first === undefined) return null;
  return { ...first, connections: ends.reduce((sum, end) => sum + end.connections, 0) };
}

function endText({ connections, code, reason }: EarlyEnd): string {
  const how = `with code ${code}${reason === "" ? "" : ` (${reason})`}`;
  if (connections === 1) return `a connection ended during a trial, ${how}`;
  return `${connections} connections ended during a trial, the first ${how}`;
}

function reachStep(
  { workload, params, ledger }: CellResult,
  launch: Launch["kind"],
  ended: EarlyEnd | null,
): string {
  if (ledger.corrupt > 0) {
    // The suite runs over the tool's own candidates alone.
    return launch === "program"
      ? "run the contract suite (bun test tests/contract) to see which messages it changes"
      : "look for messages that the server changes or sends with another opcode; docs/CONTRACT.md says how each must arrive";
  }
  // No flag reaches a server that was running before.
  const policy =
    launch === "running"
      ? "let the server hold more for a slow subscriber"
      : "choose another policy with --slow-consumer";
  if (isOpenLoop(workload)) return feedOf(params) === null ? policy : `lower --feed-rate, or ${policy}`;
  // A closed loop offers no more than the server takes, so that nothing was too much for it.
  return ended === null
    ? "look for messages that the server accepts and never sends"
    : "find out why the server closes its connections";
}

function headroom(result: CellResult): RunWarning[] {
  if (isRoundTrip(result.params) || result.headroom === null || !isLimited(result)) return [];
  return [
    warning(
      "generator-was-the-limit",
      `headroom ${formatHeadroom(result.headroom)}: the generator's rate against a null server ÷ this rate must be at least ${formatHeadroom(headroomMin)}`,
      { cell: whereOf(result) },
    ),
  ];
}

/** With one message in flight it is so for every server, and one warning says so for all. */
function roundTrip(results: readonly CellResult[]) {
  return (cell: PlannedCell): RunWarning[] => {
    const limited = results.filter((r) => r.cell === cell.id && isLimited(r));
    if (!isRoundTrip(cell.spec) || limited.length === 0) return [];
    const least = formatHeadroom(Math.min(...limited.map((r) => r.headroom ?? headroomMin)));
    return [
      warning(
        "generator-was-the-limit",
        `with one message in flight, even a null server is only ${least} as fast as the fastest candidate: wake-ups take as long as the servers' own work`,
        {
          nextStep: "judge capacity by the pipelined echoes; this cell describes an idle server",
          cell: cell.id,
        },
      ),
    ];
  };
}

function isLimited(result: CellResult): boolean {
  return rateLimit("throughputHz", result) === "generator-limit";
}

function whereOf({ candidate, cell }: CellResult): string {
  return `${candidate} ${cell}`;
}
