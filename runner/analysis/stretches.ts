import type { EventOf } from "../../schemas/event.ts";
import type { Measurement } from "../../schemas/load.ts";
import { type MetricName, metricNames } from "../../schemas/metric.ts";
import { rowFigures } from "../../stats/median-polish.ts";

type Window = EventOf<"window-finished">;

/**
 * Figures of one round's visits to a cell, one a candidate, paired by stretch: windows of one stretch of the feed replay the same
 * messages to each candidate, and stretches differ from each other by more than candidates do. So what a stretch does to everybody
 * is taken out before a visit's windows are summed up, and a visit that has lost the window of a busy stretch is not the faster for
 * it. Only metrics that all clean windows have, above 0, are told; empty where the cell replays no feed.
 */
export function figuresByStretch(visits: readonly (readonly Window[])[]): Measurement["metrics"][] {
  const windows = visits.map((visit) => visit.filter(({ kind, counted }) => kind === "typical" && counted));
  const stretchOf = ({ measurement }: Window) => measurement.feedStretch?.stretch ?? null;
  const stretches = [...new Set(windows.flat().map(stretchOf))];
  if (stretches.length < 2 || stretches.includes(null)) return visits.map(() => ({}));
  const figures = visits.map((): Partial<Record<MetricName, number>> => ({}));
  for (const name of metricNames) {
    const table = windows.map((visit) =>
      stretches.map((stretch) => visit.find((w) => stretchOf(w) === stretch)?.measurement.metrics[name]),
    );
    const had = windows.map((visit) => visit.every(({ measurement: m }) => (m.metrics[name] ?? 0) > 0));
    const logs = table.map((row, i) => row.map((v) => (had[i] && v !== undefined ? Math.log(v) : null)));
    for (const [i, figure] of rowFigures(logs).entries()) {
      const own = figures[i];
      if (own !== undefined && figure !== null) own[name] = Math.exp(figure);
    }
  }
  return figures;
}
