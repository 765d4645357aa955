import type { EventOf, RunEvent } from "../../schemas/event.ts";
import type { Measurement, Unattributed } from "../../schemas/load.ts";
import { attributedMetrics, type MetricName } from "../../schemas/metric.ts";
import { withoutImpossible } from "../quality/impossible.ts";

/**
 * A run's record as far as it can be believed: what cannot be is left out of every measurement, and what came to light at the
 * end of a server's visit is held against all that it measured. The record itself keeps everything.
 */
export function validRecord(events: readonly RunEvent[]): readonly RunEvent[] {
  const visits = visitsOf(events);
  const doubts = Map.groupBy(
    events.flatMap((event, i) => (event.type === "visit-doubted" ? [{ event, visit: visits[i] }] : [])),
    ({ visit }) => visit,
  );
  return events.map((event, i) => {
    if (event.type !== "window-finished") return event;
    const trial = { ...event, measurement: withoutImpossible(event.cell, event.measurement) };
    return (doubts.get(visits[i]) ?? []).reduce((kept, doubt) => held(kept, doubt.event), trial);
  });
}

/** Names the visit of each event: its candidate, and how often that had been started by then. */
function visitsOf(events: readonly RunEvent[]): (string | undefined)[] {
  const starts = new Map<string, number>();
  return events.map((event) => {
    if (!("candidate" in event)) return undefined;
    const { candidate } = event;
    if (event.type === "server-started") starts.set(candidate, (starts.get(candidate) ?? 0) + 1);
    return `${candidate}\n${starts.get(candidate) ?? 0}`;
  });
}

type Doubt = EventOf<"visit-doubted">;

function held(trial: EventOf<"window-finished">, { code, reason }: Doubt): EventOf<"window-finished"> {
  switch (code) {
    case "listener-moved":
      return { ...trial, measurement: withoutUse(trial.measurement, { code, reason }) };
    case "left-its-core":
      return { ...trial, counted: false, doubt: { code, reason } };
  }
}

/** A measurement without what the server's processes used. */
function withoutUse(measurement: Measurement, unattributed: Unattributed): Measurement {
  const kept = Object.entries(measurement.metrics).filter(
    ([name]) => !attributedMetrics.includes(name as MetricName),
  );
  return { ...measurement, server: null, unattributed, metrics: Object.fromEntries(kept) };
}
