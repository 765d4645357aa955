import type { MarketOpen, OpenFinding } from "../../schemas/market-open.ts";
import { metricKinds } from "../../schemas/metric.ts";
import type { Report } from "../../schemas/report.ts";
import { formatMetric } from "../format.ts";
import { openCriterionWords, openReasonWords, survivalWords, survivors } from "../wording.ts";
import { placeWords } from "../workloads/index.ts";
import {
  type Inline,
  line,
  list,
  note,
  paragraph,
  type Section,
  section,
  small,
  stacked,
  strong,
  table,
} from "./document.ts";

function findingCell({ survives, reason, price }: OpenFinding): Inline {
  return stacked(
    reason === "held" ? survivalWords(survives) : openReasonWords(reason),
    ...price.map(({ metric, value }) => small(`${metricKinds[metric].label} ${formatMetric(metric, value)}`)),
  );
}

const row = ({ candidate, survives, findings }: MarketOpen[number]): Inline[] => [
  candidate,
  strong(survivalWords(survives)),
  ...findings.map(findingCell),
];

/** Which candidates come through the market's open, and at what price. */
export function marketOpen(report: Report): Section | null {
  const { open } = report;
  if (open === undefined) return null;
  const asked = (open[0]?.findings ?? []).map(({ criterion }) => openCriterionWords(criterion));
  const undisturbed = open.flatMap(({ findings }) => findings.filter(({ reason }) => reason !== "disturbed"));
  const cells = [...new Set(undisturbed.flatMap(({ cell }) => cell ?? []))];
  return section(
    "Does it survive the open?",
    list(survivors(open).map(({ answer, candidates }) => line`${strong(answer)}: ${candidates.join(", ")}`)),
    paragraph(
      "“Yes” means: all clients that reconnect at once are served, and memory is freed when they leave; every message of the bursts arrives once and in order; the declared policy is applied to subscribers that stop reading, without disturbing the others; a publisher that sends too much is held back, and nothing is lost; and, where it was measured, every client that was cut off has a correct order book again, and some rate is served within the service level. Below each answer is its cost in the worst cell.",
    ),
    table(["", "Survives", ...asked], `ll${"l".repeat(asked.length)}`, open.map(row)),
    note(`Based on ${cells.map((cell) => placeWords(report, cell)).join("; ")}.`),
  );
}
