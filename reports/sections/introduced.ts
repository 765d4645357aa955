import { type CellSpec, workloads } from "../../schemas/cell.ts";
import type { Report } from "../../schemas/report.ts";
import { cellsOf } from "../view.ts";
import { wordsOf } from "../workloads/index.ts";
import { type Part, paragraph } from "./document.ts";

/** The part of each workload that has words of this kind: its introduction, then its cells; none where no cell has anything. */
export function introduced(
  report: Report,
  introOf: (words: (typeof wordsOf)[keyof typeof wordsOf]) => string | undefined,
  cell: (spec: CellSpec) => Part,
): Part[] {
  return workloads.flatMap((workload) => {
    const intro = introOf(wordsOf[workload]);
    const cells = cellsOf(report, workload).map(cell);
    return intro === undefined || cells.every((part) => part === null) ? [] : [paragraph(intro), ...cells];
  });
}
