import { metricKinds } from "../../schemas/metric.ts";
import type { Report } from "../../schemas/report.ts";
import { formatCount } from "../format.ts";
import {
  alarm,
  type Block,
  blocks,
  code,
  folded,
  type Inline,
  list,
  paragraph,
  type Row,
  type Section,
  section,
  stacked,
  strong,
  table,
} from "../sections/document.ts";
import { type Difference, differenceWords } from "./environment.ts";
import type { Change, Reading, RunComparison } from "./runs.ts";
import { changeText, changeWords, valueText } from "./text.ts";

/** A comparison of two runs before it has a form. */
export interface DiffDocument {
  readonly title: string;
  /** What a reader must know first: that these are two sittings, and what differs between them. */
  readonly first: readonly Block[];
  readonly sections: readonly Section[];
}

/**
 * Two runs, by what differs: figures that are shown to have changed, the worse ones first, with their intervals; what is equal, not
 * decided or withheld is folded away.
 */
export function diffDocument(a: Report, b: Report, comparison: RunComparison): DiffDocument {
  const { candidates, unmatched } = comparison;
  const changes = candidates.flatMap(({ candidate, changes }) =>
    changes.map((change) => ({ candidate, change })),
  );
  const of = (...readings: readonly Reading[]) =>
    changes.filter(({ change }) => readings.includes(change.reading));
  const shown = [...of("worse"), ...of("better")];
  const differences = [
    ...comparison.differences.map((d) => ["", d] as const),
    ...comparison.cellDifferences.map((d) => ["", d] as const),
    ...candidates.flatMap(({ candidate, differences }) => differences.map((d) => [candidate, d] as const)),
  ];
  const counts = (["worse", "better", "equal", "undecided", "withheld"] as const).flatMap((reading) => {
    const { length } = of(reading);
    return length === 0 ? [] : [`${length} ${readingNames[reading]}`];
  });
  return {
    title: "What changed between two runs",
    first: blocks(
      paragraph([
        strong(`${formatCount(changes.length, "figure")}: ${counts.join(", ") || "none in both"}.`),
        ` First: ${a.run.id}, ${a.run.startedAt.slice(0, 16).replace("T", " ")}. Second: ${b.run.id}, ${b.run.startedAt.slice(0, 16).replace("T", " ")}. A ratio is second ÷ first.`,
      ]),
      a.run.id === b.run.id
        ? alarm("This is one run, compared with itself.")
        : alarm(
            "The runs were made at different times: any change of the machine in between is part of every ratio. To compare two versions, measure both in one run.",
          ),
      environment(differences),
    ),
    sections: [
      section(
        "Shown to have changed",
        shown.length === 0
          ? paragraph("No figure is shown to differ by more than its margin.")
          : changeTable(shown),
      ),
      section("Unchanged, or not known", [
        foldedChanges("Equal within the margin", of("equal")),
        foldedChanges("Not decided", of("undecided")),
        foldedChanges("Withheld", of("withheld")),
        folded(`Not compared: ${unmatched.length} in only one run`, list(unmatched)),
      ]),
    ].filter((part) => part !== null),
  };
}

const readingNames = {
  worse: "worse",
  better: "better",
  equal: "equal",
  undecided: "not decided",
  withheld: "withheld",
} as const satisfies Record<Reading, string>;

function environment(differences: readonly (readonly [of: string, difference: Difference])[]): Block {
  if (differences.length === 0)
    return paragraph("The reports show no difference between the two environments.");
  const lines = differences.map(([of, difference]): Inline => {
    const words = differenceWords(difference);
    return of === "" ? words : `${of}: ${words}`;
  });
  const body = list(lines);
  return {
    kind: "folded",
    summary: `Caution: the runs differ in ${formatCount(differences.length, "respect")}`,
    of: body === null ? [] : [body],
  };
}

interface Found {
  readonly candidate: string;
  readonly change: Change;
}

const foldedChanges = (title: string, found: readonly Found[]): Block | null =>
  found.length === 0 ? null : folded(`${title}: ${found.length}`, changeTable(found));

function changeTable(found: readonly Found[]): Block {
  const rows = [...Map.groupBy(found, ({ candidate }) => candidate)].flatMap(([candidate, of]): Row[] => [
    { head: candidate },
    ...of.map(({ change }) => row(change)),
  ]);
  return table(["Figure", "First", "Second", "Ratio", "Reads"], "lrrll", rows);
}

function row(change: Change): Inline[] {
  const { cell, metric, a, b, aBound, bBound, ratio, ciLow, ciHigh, reading } = change;
  const drawn: Inline =
    ratio === null
      ? ""
      : {
          kind: "interval",
          ratio,
          ciLow,
          ciHigh,
          tone: reading === "better" || reading === "worse" ? reading : "unshown",
        };
  return [
    stacked(metricKinds[metric].label, code(cell)),
    valueText(metric, a, aBound !== null),
    valueText(metric, b, bBound !== null),
    [drawn, changeText(change)],
    changeWords(change),
  ];
}
