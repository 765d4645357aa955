import type { Broadcast } from "../../schemas/ready.ts";
import { formatInteger, listed } from "../format.ts";

/** The words for a workload. How it is measured stands in runner/workloads/. */
export interface WorkloadWords<Cell> {
  /** A cell as a sentence names it, distinct from every other: `the JSON feed to 10 subscribers`. */
  phrase(spec: Cell): string;
  /** A cell in words, e.g. `32 connections × 32 in flight, 64 B binary`; its workload is said beside it. */
  title(spec: Cell): string;
  /** A cell in few words, for the head of a column, e.g. `JSON feed` or `echo 64 B, 32 × 32`. */
  column(spec: Cell): string;
  /** The same in a terminal, where a column is narrower still. */
  terminal(spec: Cell): string;
  /** What was asked of the candidates, in the terms of a user's own load; null for a workload that is nobody's load. */
  load(specs: readonly Cell[], rate: string | null): string | null;
  /** Percentiles and their curve; null where the workload has no table of them. */
  readonly latency: {
    readonly curve: string;
    readonly section: readonly [title: string, aside: string];
    readonly intro: string;
    /** What its rate counts. */
    readonly rate: string;
  } | null;
  /** The introduction to its tables of connections; absent where connections are not what is measured. */
  readonly connections?: string;
  /** The introduction to its tables of capacities; absent where none is searched. */
  readonly capacity?: string;
  /** Rates and their bars; null where the workload has no ceiling to show. */
  readonly throughput: { readonly chart: string; readonly name: string; readonly intro: string } | null;
}

export const codecNames = { json: "JSON", sbe: "SBE", raw: "binary" } as const;

/** How a server sends to many, in words. */
export const broadcastNames = {
  send: "send loop",
  coalesced: "coalesced writes",
  native: "native broadcast",
} as const satisfies Record<Broadcast, string>;

/** What sets a variant apart in a sentence: nothing for the usual way. */
export const variantWords = (broadcast: Broadcast): string =>
  broadcast === "send" ? "" : `, ${broadcastNames[broadcast]}`;

/** `10 and 100 subscribers`, each number once. */
export function subscribersOf(specs: readonly { readonly subscribers: number }[]): string {
  const sizes = [...new Set(specs.map((spec) => spec.subscribers))].toSorted((a, b) => a - b);
  return `${listed(sizes.map(formatInteger))} subscriber${sizes.at(-1) === 1 ? "" : "s"}`;
}
