import { type MetricName, metricName } from "../../schemas/metric.ts";

/** A figure of a run as its page's select names it: a metric, and the cell behind it. */
export interface Figure {
  readonly metric: MetricName;
  readonly cell: string;
}

/** Null for what names no figure. */
export function figureOf(value: string): Figure | null {
  const [metric, ...cell] = value.split(" ");
  const known = metricName.safeParse(metric);
  return known.success ? { metric: known.data, cell: cell.join(" ") } : null;
}

interface Window {
  readonly cell: string;
  readonly metrics: Readonly<Partial<Record<MetricName, number>>>;
}

const has = ({ cell, metrics }: Window, of: Figure | null): boolean =>
  of !== null && cell === of.cell && metrics[of.metric] !== undefined;

/**
 * The figure to show until somebody chooses one: cells are measured in any order, so that the first in the list may be empty for long.
 */
export function filledFigure(shown: string, all: readonly string[], windows: readonly Window[]): string {
  const isFilled = (value: string) => windows.some((window) => has(window, figureOf(value)));
  return isFilled(shown) ? shown : (all.find(isFilled) ?? shown);
}
