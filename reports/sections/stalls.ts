import { type CellSpec, cellId } from "../../schemas/cell.ts";
import type { Stalls } from "../../schemas/load.ts";
import type { CellResult, Report } from "../../schemas/report.ts";
import { digits3, formatInteger, formatNs, formatSeconds } from "../format.ts";
import { resultsOf } from "../view.ts";
import { stallWords } from "../wording.ts";
import { cellTitle } from "../workloads/index.ts";
import {
  type Block,
  folded,
  type Inline,
  paragraph,
  type Section,
  section,
  small,
  stacked,
  strong,
  table,
} from "./document.ts";
import { absent } from "./figure.ts";

const heads = ["", "Watched", "Stalls per second", "Typical", "Longest", "Left out", "Beside the others"];

type Stalling = CellResult & { readonly stalls: Stalls };

const isWatched = (result: CellResult): result is Stalling => result.stalls !== null;

const length = (ns: number | null): string => (ns === null ? absent : formatNs(ns));

function row({ candidate, stalls }: Stalling): Inline[] {
  const { events, watchedS, typicalNs, longestNs, explained, recurs } = stalls;
  return [
    `${recurs ? "⚠ " : ""}${candidate}`,
    formatSeconds(watchedS),
    stacked(digits3(watchedS === 0 ? 0 : events / watchedS), small(`${formatInteger(events)} in all`)),
    length(typicalNs),
    length(longestNs),
    formatInteger(explained),
    stallWords(stalls),
  ];
}

const rate = ({ stalls: { events, watchedS } }: Stalling): number => (watchedS === 0 ? 0 : events / watchedS);

function cell(report: Report, spec: CellSpec): { title: string; rows: Block } | null {
  const results = resultsOf(report, cellId(spec)).filter(isWatched);
  if (results.length === 0) return null;
  const sorted = results.toSorted((a, b) => rate(a) - rate(b));
  return { title: cellTitle(spec), rows: table(heads, "lrrrrrl", sorted.map(row)) };
}

/** Stalls of each candidate, and how far the generator or other processes explain them: the cell with the longest watch lies open. */
export function stalls(report: Report): Section | null {
  const watched = new Map(report.results.filter(isWatched).map((r) => [r.cell, r.params]));
  const parts = [...watched.values()].map((spec) => cell(report, spec)).filter((part) => part !== null);
  const [first, ...others] = parts;
  if (first === undefined) return null;
  return section(
    "Stalls",
    paragraph(
      "A stall delays deliveries by more than three times a candidate's usual p99, and by at least 5 ms. All windows of an open loop are searched. Stalls that the load generator, other processes or the hypervisor may have caused are left out. ⚠ marks a candidate whose stalls recur in most rounds, which is not chance.",
    ),
    paragraph(strong(first.title)),
    first.rows,
    folded(
      "The other cells",
      others.map(({ title, rows }) => [paragraph(strong(title)), rows]),
    ),
  );
}
