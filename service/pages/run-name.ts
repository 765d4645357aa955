import { formatDay } from "../../reports/format.ts";
import type { RunSummary } from "../api/run.ts";

/** `4 March 2026, 09:30 UTC`. */
export const formatMoment = (iso: string): string =>
  `${formatDay(iso)}, ${new Date(iso).toISOString().slice(11, 16)} UTC`;

/** What a person calls a run by: its label, or when it began and how long it was to measure. The end of its id distinguishes two alike. */
export function runName({
  id,
  label,
  startedAt,
  createdAt,
  profile,
}: Pick<RunSummary, "id" | "label" | "startedAt" | "createdAt" | "profile">): string {
  const name = label ?? `${formatMoment(startedAt ?? createdAt)}, ${profile}`;
  return `${name} · ${id.slice(-6)}`;
}

/** Said where the address of a run's page names none. */
export const noneNamed = "The address names no run (?id=); choose one on the page of runs.";
