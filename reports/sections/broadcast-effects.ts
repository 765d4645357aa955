import type { Factor, WritingEffect, WritingSplit } from "../../schemas/broadcast-effects.ts";
import { metricKinds } from "../../schemas/metric.ts";
import type { Report } from "../../schemas/report.ts";
import { formatRatio, formatRatioInterval } from "../format.ts";
import { writingFirst, writingNames, writingReads } from "../wording.ts";
import {
  code,
  folded,
  type Inline,
  paragraph,
  type Section,
  section,
  small,
  stacked,
  table,
} from "./document.ts";
import { absent } from "./figure.ts";

/** Splits shown at once, the largest differences first. */
const shownSplits = 3;

const withInterval = (of: Factor | null): Inline => {
  if (of === null) return absent;
  const interval = formatRatioInterval(of.ciLow, of.ciHigh);
  return stacked(formatRatio(of.ratio), interval === null ? null : small(interval));
};

const effectRow = (effect: WritingEffect): Inline[] => [
  effect.candidate,
  stacked(metricKinds[effect.metric].label, code(effect.cells.to)),
  `${effect.to} ÷ ${effect.from}`,
  withInterval(effect),
  writingReads[effect.reads],
];

const splitRow = (split: WritingSplit): Inline[] => [
  stacked(metricKinds[split.metric].label, small(split.workload)),
  stacked(`${split.a}, ${split.to}`, `÷\u00a0${split.b}, ${split.from}`),
  withInterval(split.total),
  withInterval(split.writing),
  withInterval(split.runtime),
  withInterval(split.framework),
  withInterval(split.program),
];

const splitTable = (all: readonly WritingSplit[]) =>
  table(
    ["Measure", "Pair", "Ratio", "Writing", "Runtime", "Framework", "Runtime × framework"],
    "llrrrrr",
    all.map(splitRow),
  );

const size = ({ total }: WritingSplit): number => Math.abs(Math.log(total.ratio));

/** What the discipline of writing does to each candidate, and its part in a difference; null where one alone was measured. */
export function writing(report: Report): Section | null {
  const { effects, splits } = report.writing;
  if (effects.length === 0) return null;
  const first = writingFirst(report);
  const sorted = splits.toSorted((x, y) => size(y) - size(x));
  const rest = sorted.slice(shownSplits);
  return section(
    "How the gateway writes",
    first === null ? null : paragraph(first),
    paragraph(
      `The same program, writing in two ways: ${writingNames.send}, or all messages of one event-loop turn in one write to each subscriber. Rounds are paired; intervals are 95 %.`,
    ),
    table(["Candidate", "Measure", "Compared", "Ratio", "Reads"], "lllrl", effects.map(effectRow)),
    splits.length === 0
      ? null
      : [
          paragraph(
            "The difference between two gateways that write differently, split up: the ratio is writing × runtime × framework. If no third candidate shares its runtime with one and its framework with the other, the two cannot be separated.",
          ),
          splitTable(sorted.slice(0, shownSplits)),
          rest.length === 0 ? null : folded(`${rest.length} more`, splitTable(rest)),
        ],
  );
}
