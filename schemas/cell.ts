import { z } from "zod";
import type { FeedSpec } from "./feed.ts";
import { capacity } from "./workloads/capacity.ts";
import { codecCosts } from "./workloads/codec.ts";
import { connections } from "./workloads/connections.ts";
import { echo } from "./workloads/echo.ts";
import { fanout } from "./workloads/fanout.ts";
import { feed } from "./workloads/feed.ts";
import { flood } from "./workloads/flood.ts";
import { push } from "./workloads/push.ts";
import { recovery } from "./workloads/recovery.ts";
import { seedStudy } from "./workloads/seed-study.ts";
import { slowConsumer } from "./workloads/slow-consumer.ts";
import type { WorkloadFacts } from "./workloads/workload.ts";

export { type Codec, codec } from "./workloads/workload.ts";

/** What is asked of a candidate: one workload, one codec, one set of parameters. */
export const cellSpec = z.discriminatedUnion("workload", [
  echo.cell,
  push.cell,
  feed.cell,
  fanout.cell,
  connections.cell,
  slowConsumer.cell,
  flood.cell,
  capacity.cell,
  codecCosts.cell,
  recovery.cell,
  seedStudy.cell,
]);
export type CellSpec = z.infer<typeof cellSpec>;
export type Workload = CellSpec["workload"];

/** Every workload, in the order reports show them: the one list that a further workload is entered in. */
const registry: Readonly<Record<Workload, WorkloadFacts<CellSpec>>> = {
  echo,
  push,
  feed,
  fanout,
  connections,
  "slow-consumer": slowConsumer,
  flood,
  capacity,
  codec: codecCosts,
  recovery,
  "seed-study": seedStudy,
};

export const workloads = Object.keys(registry) as [Workload, ...Workload[]];
export const workload = z.enum(workloads);

/** What is known of a workload. Its methods take its own cells alone, see `factsOfCell`. */
export const factsOf = (of: Workload): WorkloadFacts<CellSpec> => registry[of];
const factsOfCell = (spec: CellSpec): WorkloadFacts<CellSpec> => registry[spec.workload];

/** Whether a workload sends on a schedule, whatever comes back: the loops whose latencies mean something. */
export const isOpenLoop = (of: Workload): boolean => registry[of].loop === "open";

/** What a server must offer for a cell to be measured on it, e.g. `echo/raw` or `feed/json/passthrough/send`. */
export const serviceOf = (spec: CellSpec): string => factsOfCell(spec).serviceOf(spec);

/** Stable name of a cell's specification, e.g. `echo/raw/64B/c32w32` or `fanout/json/native/s100@200Hz`; its timing is left out. */
export const cellId = (spec: CellSpec): string => factsOfCell(spec).cellId(spec);

/** The workload that a cell's id begins with; null where there is none of that name. */
export const workloadOfId = (id: string): Workload | null =>
  workloads.find((w) => id.startsWith(`${w}/`)) ?? null;

/** Whether a service is the runtime's and no server's, so that it is measured once for each runtime. */
export function isOfRuntime(service: string): boolean {
  const of = workloadOfId(service);
  return of !== null && registry[of].ofRuntime === true;
}

/** Whether nothing else is measured on the server that a cell is measured on. */
export const hasOwnServer = (spec: CellSpec): boolean => factsOfCell(spec).ownServer?.(spec) === true;
/** Whether windows of other candidates can come between those of a cell. */
export const takesTurns = (spec: CellSpec): boolean => factsOfCell(spec).takesTurns?.(spec) === true;
/** Whether a cell ends its server and starts it again. */
export const restartsServer = (spec: CellSpec): boolean => factsOfCell(spec).restarts?.(spec) === true;
export const receiversOf = (spec: CellSpec): number => factsOfCell(spec).receivers(spec);
/** The same cell with `receivers` of its connections; null where load processes cannot share it. */
export const withReceivers = (spec: CellSpec, receivers: number): CellSpec | null =>
  factsOfCell(spec).withReceivers?.(spec, receivers) ?? null;
/** The same cell at a multiple of its rate. Throws where its workload has none, which `atRate` of its facts says. */
export function cellAtRate(spec: CellSpec, times: number): CellSpec {
  const { atRate } = factsOfCell(spec);
  if (atRate === undefined) throw new Error(`${spec.workload} has no rate that can be multiplied`);
  return atRate(spec, times);
}
export const smallestOf = (spec: CellSpec): CellSpec => factsOfCell(spec).smallest(spec);
export const ceilingOf = (spec: CellSpec): CellSpec => factsOfCell(spec).ceiling(spec);
export const isRoundTrip = (spec: CellSpec): boolean => factsOfCell(spec).isRoundTrip(spec);
export const inFlightOf = (spec: CellSpec): number | null => factsOfCell(spec).inFlight(spec);
export const fanOutOf = (spec: CellSpec) => factsOfCell(spec).fanOut(spec);

/** The market data that a cell replays; null where it has none. */
export const feedOf = (spec: CellSpec): FeedSpec | null => ("feed" in spec ? spec.feed : null);
