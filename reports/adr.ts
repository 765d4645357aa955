import { policyAxes } from "../schemas/policy.ts";
import { unknownVersion } from "../schemas/ready.ts";
import type { Report } from "../schemas/report.ts";
import { axisLabels } from "./decision/labels.ts";
import { requirementText } from "./decision/requirements.ts";
import { capitalised, digits3, formatDuration, formatRatio, listed } from "./format.ts";
import { repeatCommand } from "./sections/repeat.ts";
import { calibrationWords, comparedCandidates, leadComparisons } from "./view.ts";
import { exclusionWords, statement, subjectWords } from "./wording.ts";
import { placeWords } from "./workloads/index.ts";

/**
 * Text of adr.md: an architecture decision record under the headings of MADR (adr.github.io/madr), proposed and not yet
 * accepted, since a tool does not decide for a team.
 */
export function renderAdr(report: Report): string {
  const { decision } = report;
  const title =
    decision.recommended === null
      ? "Choose the WebSocket server of our market data"
      : `Serve our market data with ${decision.recommended}`;
  const sections: [string, string[]][] = [
    ["Context and problem statement", [context(report)]],
    ["Decision drivers", drivers(report)],
    ["Considered options", options(report)],
    ["Decision outcome", [outcome(report), ...bullets(decision.because)]],
    ["Consequences", consequences(report)],
    ["What would reverse it", reversals(report)],
    ["What was not measured", bullets(decision.notMeasured)],
    ["Evidence", evidence(report)],
  ];
  const front = ["---", "status: proposed", `date: ${report.run.startedAt.slice(0, 10)}`, "---"];
  const body = sections.map(([heading, lines]) => `## ${heading}\n\n${lines.join("\n")}`);
  return `${[front.join("\n"), `# ${title}`, ...body].join("\n\n")}\n`;
}

/** One line each, with what Markdown would read as markup in a cell id (`feed/*`) taken literally. */
const bullets = (lines: readonly string[]): string[] => lines.map((line) => `- ${literal(line)}`);
const literal = (text: string): string => text.replace(/([\\*_<>|`])/g, "\\$1");

function context({ run, host }: Report): string {
  return `Market data must reach many subscribers over WebSockets; the runtime and framework determine its latency and cost. The options below served the same contract on one machine (${literal(host.cpu)}, ${host.cores} cores) in ${run.rounds} interleaved rounds (${formatDuration(run.durationMs)}, profile ${run.profile}, seed ${run.seed}).`;
}

function drivers({ decision }: Report): string[] {
  const used = decision.policyUsed;
  if (used === null) return [`- The ${literal(decision.policy)} policy.`];
  const total = policyAxes.reduce((sum, axis) => sum + used.weights[axis], 0);
  const weights = policyAxes
    .filter((axis) => used.weights[axis] > 0)
    .map((axis) => `${axisLabels[axis]} ${Math.round((100 * used.weights[axis]) / total)} %`);
  const { currency, vcpuHour, gibHour, source } = used.prices;
  return bullets([
    `Policy ${used.name}: ${used.purpose}`,
    `Weights: ${weights.join(", ")}.`,
    `Prices: ${vcpuHour} ${currency} a vCPU-hour, ${gibHour} ${currency} a GiB-hour${source === undefined ? "" : ` (${source})`}.`,
    ...used.require.map((r) => `Required: ${requirementText(r)}.`),
  ]);
}

function options(report: Report): string[] {
  return bullets(
    comparedCandidates(report).map(({ id, runtime, framework }) => {
      const out = report.decision.excluded.filter((e) => e.candidate === id);
      const why = listed(out.map(exclusionWords));
      const versions = [framework, runtime]
        .filter((part) => part.version !== unknownVersion)
        .map((part) => `${part.name} ${part.version}`);
      return `${id}${versions.length === 0 ? "" : ` (${versions.join(" on ")})`}${why === "" ? "" : `: excluded, it ${why}`}`;
    }),
  );
}

function outcome({ decision }: Report): string {
  const chosen =
    decision.recommended === null
      ? "The evidence supports no option."
      : `Chosen option: **${decision.recommended}**.`;
  return `${chosen} ${literal(decision.answer)}\n`;
}

function consequences({ decision, results }: Report): string[] {
  const { outcome, leader, tied, scores, costs, policyUsed } = decision;
  const among = leader === null ? "" : ` among ${listed([leader, ...tied.map((t) => t.candidate)])}`;
  switch (outcome) {
    case "recommended":
      break;
    case "equal":
      return bullets([
        `The choice${among} does not depend on these figures: let skills, ecosystem and support decide it.`,
      ]);
    case "trade-off":
      return bullets([
        `The choice${among} depends on the weights: each is shown to be better at something. Set the weights for your use before accepting this record.`,
      ]);
    case "undecided":
      return bullets([
        `The choice${among} is not decided by this run: repeat it with more rounds before accepting this record.`,
      ]);
    default:
      return bullets(["Nothing is decided: repeat the run before accepting this record."]);
  }
  const losing = scores.flatMap(({ candidate, axes }) =>
    axes
      .filter((a) => a.reads === "worse")
      .map(
        (a) =>
          `Worse than ${candidate} on ${axisLabels[a.axis]}: ${formatRatio(a.ratio, a.bound)} as good (${digits3(a.ciLow)}–${digits3(a.ciHigh)}).`,
      ),
  );
  const money = costs
    .filter((c) => c.candidate === leader)
    .map(
      (c) =>
        `A billion deliveries cost about ${digits3(c.perBillion)} ${policyUsed?.prices.currency ?? ""} for ${placeWords({ results }, c.cell)}.`,
    );
  const none = losing.length === 0 ? ["No weighted figure is shown to be worse than another option's."] : [];
  return bullets([...losing, ...none, ...money]);
}

function reversals({ decision }: Report): string[] {
  if (decision.reversals.length > 0) return bullets(decision.reversals.map((r) => r.text));
  return bullets([
    "None of the variations tried (each weight from 0 to 100 %, prices, limits, fan-out, codec) changes the answer.",
  ]);
}

function evidence(report: Report): string[] {
  const { run, decision } = report;
  const shares = decision.sensitivity
    .filter((s) => s.sharePct > 0)
    .map((s) => `${s.candidate ?? "none ahead"} ${s.sharePct} %`);
  return bullets([
    `Run ${run.id} of ${run.startedAt}, tickbench ${run.toolVersion}; report.json holds every figure, report.md and report.html show them.`,
    `${capitalised(calibrationWords(report))}.`,
    ...leadComparisons(report).map((c) => `${subjectWords(report, c)}: ${statement(c)}.`),
    ...(shares.length === 0 ? [] : [`Share of all possible weights that each wins: ${shares.join(", ")}.`]),
    `To repeat: ${repeatCommand(report)}`,
  ]);
}
