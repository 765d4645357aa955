import { formatDuration } from "../../reports/format.ts";
import { table, wrapped } from "../../reports/text-table.ts";
import type { CandidateListing, ListedCandidate, PlanListing } from "../../schemas/listing.ts";
import { metricKinds } from "../../schemas/metric.ts";
import { codecs } from "../../schemas/names.ts";
import type { Plan, PlannedCandidate, PlannedCell } from "../../schemas/plan.ts";
import { candidateSets } from "../../servers/manifest.ts";
import { serves } from "../plan/schedule.ts";
import { Notes } from "./footnotes.ts";

/** The candidates as a table for a terminal of that many columns; what takes a sentence is a numbered note below it. */
export function candidateTable({ candidates }: CandidateListing, columns: number): string {
  const notes = new Notes();
  const rows = candidates.map((c) => [
    c.id,
    named(c.runtime),
    named(c.framework),
    served(c),
    c.available ? "yes" : `no (${notes.number(`${c.reason}; ${c.nextStep}`)})`,
    gapNotes(c)
      .map((text) => notes.number(text))
      .join(", ") || "none",
  ]);
  const head = ["id", "runtime", "framework", "serves", "available", "gaps"];
  const sets = Object.entries(candidateSets).map(([name, ids]) => {
    return wrapped(`${name}: ${ids.length === candidates.length ? "every one" : ids.join(", ")}`, columns, 2);
  });
  const words = [
    "gaps: contract cases that it is declared to fail",
    "+native: can also broadcast by the runtime's own publish",
  ].map((line) => wrapped(line, columns, 2));
  const below = [...notes.lines(columns), "", ...words, "", "Sets, for --candidates:", ...sets];
  return `${table(head, rows, columns)}\n${below.join("\n")}\n`;
}

/** The plan as a table of cells, with the expected length. */
export function planTable({ plan, expectedMs }: PlanListing, columns: number): string {
  const notes = new Notes();
  const rows = plan.cells.map((cell) => [
    cell.id,
    cell.everyRounds === 1 ? "every" : `1 in ${cell.everyRounds}`,
    windowsText(cell),
    cell.headline.map((metric) => metricKinds[metric].label).join(", ") || "exploratory",
    servedBy(plan, cell, notes),
  ]);
  const [replicates, others] = [
    plan.candidates.filter(isReplicate),
    plan.candidates.filter((c) => !isReplicate(c)),
  ];
  const again = replicates
    .map((c) => `; ${c.name} is ${c.replicateOf} again, in the cells of every round`)
    .join("");
  const facts = [
    `profile ${plan.profile}, ${plan.rounds} rounds, seed ${plan.seed}, reference ${plan.reference}, about ${formatDuration(expectedMs)}`,
    `candidates: ${others.map((c) => c.name).join(", ")}${again}`,
  ];
  const noteLines = notes.lines(columns);
  const below = noteLines.length === 0 ? "" : `\n${noteLines.join("\n")}\n`;
  const head = ["cell", "rounds", "warm-up + windows", "declared metrics", "candidates"];
  return `${facts.map((line) => wrapped(line, columns, 2)).join("\n")}\n\n${table(head, rows, columns)}${below}`;
}

/** `50 + 5 × 150 + 600 ms`: the warm-up, the typical windows and the long one. */
function windowsText({ spec, windows, longWindowMs }: PlannedCell): string {
  const long = longWindowMs === null ? "" : ` + ${longWindowMs}`;
  return `${spec.warmupMs} + ${windows} × ${spec.windowMs}${long} ms`;
}

/** The reasons of a candidate's gaps, each with the cases of the contract that it is about. */
function gapNotes({ gaps }: ListedCandidate): string[] {
  return [...Map.groupBy(gaps, (gap) => gap.reason)].map(
    ([reason, of]) => `${reason} (${of.map((gap) => gap.case).join(", ")})`,
  );
}

const named = ({ name, version }: ListedCandidate["runtime"]): string =>
  version === null ? name : `${name} ${version}`;

/** Codecs, and whether it broadcasts natively, as they are served by every workload. */
function served({ serves }: ListedCandidate): string {
  if (serves === null) return "checked when a run begins";
  const of = new Set(serves.map((service) => service.split("/")[1]));
  const native = serves.some((service) => service.endsWith("/native")) ? ["+native"] : [];
  return [...codecs.filter((codec) => of.has(codec)), ...native].join(" ");
}

const isReplicate = ({ replicateOf }: PlannedCandidate): boolean => replicateOf !== null;

/** `all`, or the shorter list of those that take part and those that do not; an A/A replicate is no separate candidate. */
function servedBy({ candidates }: Plan, cell: PlannedCell, notes: Notes): string {
  const names = (taking: boolean) =>
    candidates.filter((c) => !isReplicate(c) && serves(c, cell) === taking).map((c) => c.name);
  const [part, rest] = [names(true), names(false)];
  if (rest.length === 0) return "all";
  if (part.length === 0) return "none";
  return rest.length < part.length
    ? `all but (${notes.number(rest.join(", "))})`
    : `(${notes.number(part.join(", "))}) alone`;
}
