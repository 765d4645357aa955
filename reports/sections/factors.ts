import type { FactorEffect, FactorName } from "../../schemas/factor.ts";
import { type MetricFamily, metricFamilies, metricKinds } from "../../schemas/metric.ts";
import type { Report } from "../../schemas/report.ts";
import { formatInteger, formatRatio, formatRatioInterval } from "../format.ts";
import { writingReads } from "../wording.ts";
import { placeWords } from "../workloads/index.ts";
import {
  code,
  folded,
  type Inline,
  joined,
  line,
  list,
  paragraph,
  type Section,
  section,
  small,
  stacked,
  strong,
  table,
} from "./document.ts";
import { absent } from "./figure.ts";

const labels: Readonly<Record<FactorName, string>> = {
  tls: "TLS",
  deflate: "permessage-deflate",
  cores: "Server cores",
  payload: "Payload",
  subscribers: "Subscribers",
};

const levelText = (level: FactorEffect["from"] | FactorEffect["to"]): string =>
  typeof level === "number" ? formatInteger(level) : level;

/** `TLS`, or `Payload 64 → 1,024 B`. */
function factorText({ factor, from, to }: FactorEffect): string {
  if (from === "off") return labels[factor];
  const unit = factor === "payload" ? " B" : "";
  return `${labels[factor]} ${levelText(from)} → ${levelText(to)}${unit}`;
}

function ratioText({ ratio, low, high }: FactorEffect): string | null {
  const interval = formatRatioInterval(low, high);
  return ratio === null ? null : `${formatRatio(ratio)}${interval === null ? "" : ` (${interval})`}`;
}

/** One figure of each family, the first that has a ratio: enough to say what a factor costs. */
function summarized(effects: readonly FactorEffect[]): FactorEffect[] {
  const firstOf = (family: MetricFamily) =>
    effects.find(({ metric, ratio }) => metricKinds[metric].family === family && ratio !== null);
  return metricFamilies.flatMap((family) => firstOf(family) ?? []);
}

/** `TLS on bun/elysia: throughput in the echo of … 0.61 × (0.58–0.64), worse; …`: one line a factor and candidate. */
function lines(report: Report): Inline[] {
  const groups = Map.groupBy(report.factors, (effect) => `${factorText(effect)}\n${effect.candidate}`);
  return [...groups.values()].flatMap((effects): Inline[] => {
    const [first] = effects;
    if (first === undefined) return [];
    const effectTexts = summarized(effects).map(
      (effect) =>
        line`${metricKinds[effect.metric].label} in ${placeWords(report, effect.cell)} ${ratioText(effect) ?? ""}, ${writingReads[effect.verdict]}`,
    );
    const figures = effectTexts.length === 0 ? "no figure at both levels" : joined(effectTexts, "; ");
    return [line`${strong(`${factorText(first)} on ${first.candidate}`)}: ${figures}`];
  });
}

const heading = "What each feature costs";
const explained = paragraph(
  "Each candidate against itself, with one feature or load parameter changed. Rounds are paired; intervals are 95 %.",
);

/** A line a factor and candidate, for the page that a chooser reads; null where every factor had one level. */
export function factorLines(report: Report): Section | null {
  const items = lines(report);
  return items.length === 0 ? null : section(heading, explained, list(items));
}

const row = (effect: FactorEffect): Inline[] => {
  const interval = formatRatioInterval(effect.low, effect.high);
  return [
    effect.candidate,
    factorText(effect),
    stacked(metricKinds[effect.metric].label, code(effect.cell)),
    effect.ratio === null
      ? absent
      : stacked(formatRatio(effect.ratio), interval === null ? null : small(interval)),
    writingReads[effect.verdict],
  ];
};

/** The same with every figure. */
export function factors(report: Report): Section | null {
  const items = lines(report);
  if (items.length === 0) return null;
  return section(
    heading,
    explained,
    list(items),
    folded(
      `Every figure (${formatInteger(report.factors.length)})`,
      table(["Candidate", "Factor", "Measure", "With ÷ without", "Reads"], "lllrl", report.factors.map(row)),
    ),
  );
}
