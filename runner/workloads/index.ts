import type { Measurement } from "../../schemas/load.ts";
import type { TrialContext, Warmed } from "./context.ts";
import { echo } from "./echo.ts";
import { fanout } from "./fanout.ts";
import { feed } from "./feed.ts";
import { push } from "./push.ts";

/** Measures one cell by its workload, or only warms it where no more was asked for. */
export function measureCell(context: TrialContext): Promise<Measurement | Warmed> {
  const { cell } = context;
  switch (cell.workload) {
    case "echo":
      return echo({ ...context, cell });
    case "push":
      return push({ ...context, cell });
    case "feed":
      return feed({ ...context, cell });
    case "fanout":
      return fanout({ ...context, cell });
  }
}
