import { type CellSpec, type Workload, workloads } from "../../schemas/cell.ts";
import type { Measurement } from "../../schemas/load.ts";
import { capacity } from "./capacity.ts";
import { codec } from "./codec.ts";
import { connections } from "./connections.ts";
import type { OpenCell, TrialContext } from "./context.ts";
import { echo } from "./echo.ts";
import { fanout } from "./fanout.ts";
import { feed } from "./feed.ts";
import { flood } from "./flood.ts";
import { push } from "./push.ts";
import { recovery } from "./recovery.ts";
import { seedStudy } from "./seed-study.ts";
import { slowConsumer } from "./slow-consumer.ts";
import type { MeasuredWorkload } from "./workload.ts";

/** How each workload is measured. Its methods take cells of that workload only. */
export const measuring: Readonly<Record<Workload, MeasuredWorkload<CellSpec>>> = {
  echo,
  push,
  feed,
  fanout,
  connections,
  "slow-consumer": slowConsumer,
  flood,
  capacity,
  codec,
  recovery,
  "seed-study": seedStudy,
};

/** Opens, verifies and warms one cell by its workload. Rejects, with every connection cut, where the server does not serve it. */
export async function openCell(context: TrialContext): Promise<OpenCell> {
  return (await measuring[context.cell.workload].phases()).open(context);
}

/** Loads what trials do, so that none waits for it. */
export async function loadPhases(): Promise<void> {
  await Promise.all(workloads.map((workload) => measuring[workload].phases()));
}

/** Opens a cell, measures one window of the given length, and closes it. */
export async function measureCell(context: TrialContext): Promise<Measurement> {
  const cell = await openCell(context);
  try {
    const { windowMs } = context.cell;
    return await cell.window({ windowMs, stretch: 0, waitMs: 0 });
  } finally {
    cell.close();
  }
}
