import { formatMetric } from "../../reports/format.ts";
import type { RunEvent } from "../../schemas/event.ts";
import { type MetricName, metricKinds } from "../../schemas/metric.ts";
import { type RunWarning, warning } from "../../schemas/warning.ts";
import { impossibleIn } from "../quality/impossible.ts";
import { validRecord } from "./valid-record.ts";

/** Figures that cannot be, and servers whose use of the machine is not known: neither stands in a result. */
export function attributionWarnings(recorded: readonly RunEvent[]): RunWarning[] {
  return [...unattributedWarnings(recorded), ...impossibleWarnings(recorded), ...startupWarnings(recorded)];
}

/** Start-ups that were looked for too seldom to be figures. */
function startupWarnings(recorded: readonly RunEvent[]): RunWarning[] {
  const bounds = recorded.flatMap((event) =>
    event.type === "server-started" && event.startupBound !== undefined && event.startupNs !== null
      ? [{ candidate: event.candidate, startupNs: event.startupNs }]
      : [],
  );
  return [...Map.groupBy(bounds, ({ candidate }) => candidate)].map(([cell, of]) => {
    const longest = formatMetric("startupNs", Math.max(...of.map(({ startupNs }) => startupNs)));
    const cause = `start-up was at most ${longest} in ${of.length === 1 ? "one start" : `${of.length} starts`}: the tool was delayed while it waited, so these are upper bounds`;
    return warning("startup-at-most", cause, { cell, metric: "startupNs" });
  });
}

/** One warning a candidate and cause, with the number of trials that it concerns. */
function unattributedWarnings(recorded: readonly RunEvent[]): RunWarning[] {
  const trials = countedWindows(validRecord(recorded));
  const of = Map.groupBy(trials, ({ candidate, measurement }) =>
    measurement.unattributed === undefined ? "" : `${candidate}\n${measurement.unattributed.code}`,
  );
  return [...of].flatMap(([key, concerned]): RunWarning[] => {
    const [first] = concerned;
    if (key === "" || first?.measurement.unattributed === undefined) return [];
    const all = trials.filter(({ candidate }) => candidate === first.candidate).length;
    const cause = `${first.measurement.unattributed.reason}: in ${concerned.length} of ${all} windows CPU time, memory and cost are not known and not used`;
    return [warning("not-attributed", cause, { cell: first.candidate })];
  });
}

function impossibleWarnings(recorded: readonly RunEvent[]): RunWarning[] {
  const found = countedWindows(recorded).flatMap(({ candidate, cell, measurement }) =>
    impossibleIn(cell, measurement).map((impossible) => ({ where: `${candidate} ${cell}`, ...impossible })),
  );
  const alike = Map.groupBy(found, ({ where, metrics }) => `${where}\n${metrics.join()}`);
  return [...alike.values()].flatMap((of): RunWarning[] => {
    const [first] = of;
    if (first === undefined) return [];
    const cause = `${first.reason}; ${labelsOf(first.metrics)} left out in ${of.length === 1 ? "one window" : `${of.length} windows`}`;
    return [warning("impossible-figure", cause, { cell: first.where })];
  });
}

function labelsOf(metrics: readonly MetricName[]): string {
  const labels = metrics.slice(0, 2).map((metric) => metricKinds[metric].label);
  return `${labels.join(", ")}${metrics.length > 2 ? " and related figures are" : metrics.length === 1 ? " is" : " are"}`;
}

function countedWindows(events: readonly RunEvent[]) {
  return events.flatMap((event) => (event.type === "window-finished" && event.counted ? [event] : []));
}
