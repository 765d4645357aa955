import type { Measurement } from "../../schemas/load.ts";
import type { OpenCell, TrialContext } from "./context.ts";
import { openEcho } from "./echo.ts";
import { openFanout } from "./fanout.ts";
import { openFeed } from "./feed.ts";
import { openPush } from "./push.ts";

/** Opens, verifies and warms one cell by its workload. Rejects, with every connection cut, where the server does not serve it. */
export function openCell(context: TrialContext): Promise<OpenCell> {
  const { cell } = context;
  switch (cell.workload) {
    case "echo":
      return openEcho({ ...context, cell });
    case "push":
      return openPush({ ...context, cell });
    case "feed":
      return openFeed({ ...context, cell });
    case "fanout":
      return openFanout({ ...context, cell });
  }
}

/** Opens a cell, measures one window of its own length, and closes it. */
export async function measureCell(context: TrialContext): Promise<Measurement> {
  const cell = await openCell(context);
  try {
    const { windowMs } = context.cell;
    return await cell.window({ windowMs, stretch: 0, waitMs: 0 });
  } finally {
    cell.close();
  }
}
