import type { EventOf, WindowKind } from "../../schemas/event.ts";
import type { Measurement } from "../../schemas/load.ts";
import { type MetricName, metricNames } from "../../schemas/metric.ts";
import { rowFigures } from "../../stats/median-polish.ts";
import { tailFlag } from "../quality/trial-quality.ts";

type Window = EventOf<"window-finished">;

/** The tail that a long window has a part in. */
const longPercent = 99;

/**
 * Figures of one round's visits to a cell, one a candidate, paired by stretch: windows of one stretch of the feed replay the same
 * messages to each candidate, and stretches differ from each other by more than candidates do. So what a stretch does to everybody
 * is taken out before a visit's windows are summed up, and a visit that has lost the window of a busy stretch is not the faster for
 * it. The long window is one of them, on a stretch of its own, unless others held it up for longer than a tail allows; the level is that
 * of the typical ones. Only metrics that all clean windows of a visit have, above 0, are in the answer, which is empty where the cell
 * replays no feed.
 */
export function figuresByStretch(visits: readonly (readonly Window[])[]): Measurement["metrics"][] {
  const windows = visits.map((visit) => visit.filter(({ counted }) => counted));
  const stretchesOf = (wanted: WindowKind) => {
    const found = windows.flat().filter(({ kind }) => kind === wanted);
    return [...new Set(found.map(({ measurement }) => measurement.feedStretch?.stretch))];
  };
  const [typical, long] = [stretchesOf("typical"), stretchesOf("long")];
  if (typical.length < 2 || typical.includes(undefined)) return visits.map(() => ({}));
  const columns = [
    ...typical.map((stretch) => ({ kind: "typical", stretch })),
    ...long.map((stretch) => ({ kind: "long", stretch })),
  ];
  const figures = visits.map((): Partial<Record<MetricName, number>> => ({}));
  for (const name of metricNames) {
    const logs = windows.map((visit) => {
      if (!visit.some(({ kind }) => kind === "typical")) return columns.map(() => null);
      if (visit.some(({ measurement }) => !((measurement.metrics[name] ?? 0) > 0)))
        return columns.map(() => null);
      return columns.map(({ kind, stretch }) => {
        const found = visit.find((w) => w.kind === kind && w.measurement.feedStretch?.stretch === stretch);
        const isHeld = found?.kind === "long" && tailFlag(found.measurement, longPercent) !== null;
        return found === undefined || isHeld ? null : Math.log(found.measurement.metrics[name] ?? 0);
      });
    });
    for (const [i, figure] of rowFigures(logs, typical.length).entries()) {
      const perCandidate = figures[i];
      if (perCandidate !== undefined && figure !== null) perCandidate[name] = Math.exp(figure);
    }
  }
  return figures;
}
