import type { Report } from "../../schemas/report.ts";
import type { NotMeasuredCode, Tail3, WhyResult } from "../../schemas/why.ts";
import { digits3, formatInteger, formatNs, formatPct, formatRatio } from "../format.ts";
import { signedPct } from "../wording.ts";
import { cellTitle } from "../workloads/index.ts";
import {
  folded,
  folding,
  type Inline,
  list,
  note,
  type Part,
  paragraph,
  type Section,
  section,
  small,
  stacked,
  strong,
  table,
} from "./document.ts";
import { absent } from "./figure.ts";
import { failedExtras } from "./soak.ts";

const notMeasuredWords: Readonly<Record<NotMeasuredCode, string>> = {
  "no-strace": "strace not found",
  "not-permitted": "strace not permitted",
  "process-unknown": "process not known",
  "nothing-delivered": "nothing delivered",
  "runtime-tells-nothing": "not reported by this runtime",
  "own-server": "not measured on your own servers",
  "no-answer": "no answer from the runtime",
};

type Calls = Extract<WhyResult["systemCalls"], { calls: number }>;
type Inside = Extract<WhyResult["inside"], { elapsedMs: number }>;

const callsOf = ({ systemCalls }: WhyResult): Calls | null =>
  "notMeasured" in systemCalls ? null : systemCalls;
const insideOf = ({ inside }: WhyResult): Inside | null => ("notMeasured" in inside ? null : inside);

const signedNs = (ns: number): string => `${ns < 0 ? "−" : ""}${formatNs(Math.abs(ns))}`;

const longer = (ns: number): string => `${formatNs(Math.abs(ns))} ${ns < 0 ? "shorter" : "longer"}`;

const costHeads = [
  "",
  "CPU",
  "System calls",
  "Writes",
  "Bytes written",
  "Context switches",
  "GC",
  "Event loop late",
];

function costRow(result: WhyResult): Inline[] {
  const { candidate, cost, systemCalls, inside } = result;
  const calls = callsOf(result);
  const each = (count: (of: Calls) => number): Inline =>
    calls === null ? absent : digits3(count(calls) / calls.deliveries);
  const within = insideOf(result);
  return [
    candidate,
    cost === null ? "not known" : formatNs(cost.cpuNs),
    "notMeasured" in systemCalls ? notMeasuredWords[systemCalls.notMeasured] : each((of) => of.calls),
    each((of) => of.writes),
    each((of) => of.bytes),
    cost === null ? absent : digits3(cost.voluntarySwitches + cost.involuntarySwitches),
    "notMeasured" in inside ? notMeasuredWords[inside.notMeasured] : gcText(inside),
    within === null
      ? absent
      : stacked(
          `p99 ${formatNs(within.loop.lateMsP99 * 1e6)}`,
          small(`longest ${formatNs(within.loop.lateMsMax * 1e6)}`),
        ),
  ];
}

function gcText({ gc, elapsedMs }: Inside): Inline {
  if (gc === null) return notMeasuredWords["runtime-tells-nothing"];
  if (gc.pauses === 0) return "no pause";
  return stacked(
    `${formatPct((100 * gc.totalMs) / elapsedMs)} of the time`,
    small(`${formatInteger(gc.pauses)} pauses, longest ${formatNs(gc.longestMs * 1e6)}`),
  );
}

const points = ["p50", "p90", "p99"] as const;
const three = (of: Tail3 | null): Inline =>
  of === null ? absent : points.map((at) => formatNs(of[at])).join(" / ");

/** A name with what casts doubt on its figures: a queue whose service is that of a disturbed window shows the disturbance too. */
const doubted = (name: string, { disturbed }: WhyResult): Inline =>
  stacked(name, disturbed === 0 ? null : small("⚠ a window was disturbed"));

function timeRow(result: WhyResult): Inline[] {
  const { candidate, measured, explained } = result;
  return [
    doubted(candidate, result),
    three(measured),
    three(explained?.queue ?? null),
    explained === null ? absent : points.map((at) => signedNs(explained.residual[at])).join(" / "),
    explained === null ? absent : formatPct(100 * explained.utilisation),
  ];
}

function predictionRows(result: WhyResult): Inline[][] {
  const { candidate, explained } = result;
  return (explained?.predictions ?? []).map(({ times, utilisation, predicted, measured, errorPct }) => [
    doubted(`${candidate}, ${times} ×`, result),
    utilisation >= 1 ? "cannot keep up" : three(predicted),
    three(measured),
    errorPct === null || utilisation >= 1 ? absent : points.map((at) => signedPct(errorPct[at])).join(" / "),
    formatPct(100 * utilisation),
  ]);
}

/** What sets each candidate apart from the one that leads, as far as the trials show. */
function differences(report: Report): Part {
  const byTail = report.why.toSorted((a, b) => (a.measured?.p99 ?? Infinity) - (b.measured?.p99 ?? Infinity));
  const lead = byTail.find(({ candidate }) => candidate === report.decision.leader) ?? byTail[0];
  if (lead === undefined) return null;
  return list(byTail.filter((other) => other !== lead).map((other) => differenceOf(other, lead)));
}

function differenceOf(other: WhyResult, lead: WhyResult): string {
  const [calls, leadCalls] = [callsOf(other), callsOf(lead)];
  const ratio = (a: number | undefined, b: number | undefined, what: string): string[] =>
    a === undefined || b === undefined || b === 0 ? [] : [`${formatRatio(a / b)} the ${what}`];
  const perDelivery = (of: Calls | null, count: (calls: Calls) => number) =>
    of === null ? undefined : count(of) / of.deliveries;
  const costs = [
    ...ratio(other.cost?.cpuNs, lead.cost?.cpuNs, "CPU time a delivery"),
    ...ratio(
      perDelivery(calls, (of) => of.calls),
      perDelivery(leadCalls, (of) => of.calls),
      "system calls",
    ),
    ...ratio(
      perDelivery(calls, (of) => of.writes),
      perDelivery(leadCalls, (of) => of.writes),
      "writes",
    ),
  ];
  const tails =
    other.measured === null || lead.measured === null || other.explained === null || lead.explained === null
      ? []
      : [
          `its p99 is ${longer(other.measured.p99 - lead.measured.p99)} (queue ${signedNs(other.explained.queue.p99 - lead.explained.queue.p99)}, residual ${signedNs(other.explained.residual.p99 - lead.explained.residual.p99)})`,
        ];
  const doubts = other.disturbed + lead.disturbed === 0 ? [] : ["⚠ a window was disturbed"];
  const parts = [costs.join(", "), ...tails].filter((part) => part !== "");
  return `${other.candidate} beside ${lead.candidate}: ${[...parts, ...doubts].join("; ")}`;
}

function hotspots(result: WhyResult): Part {
  const calls = callsOf(result);
  const profile = insideOf(result)?.profile ?? null;
  const frames =
    profile === null || profile.frames.length === 0
      ? null
      : table(
          ["Function", "Where", "Share of busy time"],
          "llr",
          profile.frames.map(({ name, where, share }) => [
            name,
            where === "" ? "the runtime" : where,
            formatPct(100 * share),
          ]),
        );
  const kernel =
    calls === null
      ? null
      : table(
          ["System call", "a delivery"],
          "lr",
          calls.top.map(({ name, calls: count }) => [name, digits3(count / calls.deliveries)]),
        );
  return frames === null && kernel === null ? null : [paragraph(strong(result.candidate)), frames, kernel];
}

/** Why candidates differ where the decision is made; null where it was not looked into. */
export function why(report: Report): Section | null {
  const failed = failedExtras(report, "why");
  const [first] = report.why;
  if (first === undefined && failed === null) return null;
  const spec = report.results.find(({ cell }) => cell === first?.cell)?.params;
  const where = spec === undefined ? "" : ` Measured in ${cellTitle(spec)}.`;
  const predictions = report.why.flatMap(predictionRows);
  return folding(
    section(
      "What explains the difference",
      paragraph(
        `What sets candidates apart, from one extra trial each after the rounds. These figures are of single windows: none is compared, and none decides.${where}`,
      ),
      differences(report),
      report.why.length === 0
        ? null
        : [
            paragraph(strong("What a delivery costs")),
            table(costHeads, "lrrrrrrr", report.why.map(costRow)),
            note(
              "CPU and context switches come from a window without instruments. System calls, writes and bytes were counted under strace, which slows a server down so that it wakes up less often than it would. Collector, event loop (how late a timer of 5 ms came) and profile come from a window of a server that watched itself.",
            ),
          ],
      report.why.every(({ explained }) => explained === null)
        ? null
        : [
            paragraph(strong("Why it takes as long: p50 / p90 / p99")),
            table(["", "Measured", "Queue", "Residual", "Busy"], "lrrrr", report.why.map(timeRow)),
            note(
              "Queue: the very schedule of the window through a single server that takes the measured CPU time for each delivery (Lindley's recursion). Residual: what is measured beyond that, such as wake-ups, the kernel, the wire and stalls; below 0 where a delivery costs less in a burst than on average, or work is done behind it.",
            ),
          ],
      predictions.length === 0
        ? null
        : [
            paragraph(strong("What to expect at higher rates: p50 / p90 / p99")),
            table(["", "Expected", "Measured", "Error", "Busy"], "lrrrr", predictions),
            note(
              "Expected is the queue at that rate and the residual of the cell's own. The measured rate was not used for it: the error there, expected against measured in one window, tells how far to trust the rate that was not measured, which lies further away.",
            ),
          ],
      folded("Functions and system calls", report.why.map(hotspots)),
      failed,
    ),
  );
}
