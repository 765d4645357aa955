import { workloads } from "../../schemas/cell.ts";
import type { FeedSpec } from "../../schemas/feed.ts";
import { measuring } from "../workloads/index.ts";
import type { Depth, ProfileCell } from "./depth.ts";

/** Every cell of the matrix, headline cells first. */
export function profileCells(depth: Depth, feed: FeedSpec): ProfileCell[] {
  const all = workloads.flatMap((workload) => measuring[workload].cells(depth, feed));
  const isHeadline = ({ headline }: ProfileCell) => headline.length > 0;
  return [...all.filter(isHeadline), ...all.filter((cell) => !isHeadline(cell))];
}
