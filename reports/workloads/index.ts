import type { CellSpec, Workload } from "../../schemas/cell.ts";
import type { Report } from "../../schemas/report.ts";
import { capacity } from "./capacity.ts";
import { codec } from "./codec.ts";
import { connections } from "./connections.ts";
import { echo } from "./echo.ts";
import { fanout } from "./fanout.ts";
import { feed } from "./feed.ts";
import { flood } from "./flood.ts";
import { push } from "./push.ts";
import { recovery } from "./recovery.ts";
import { seedStudy } from "./seed-study.ts";
import { slowConsumer } from "./slow-consumer.ts";
import type { WorkloadWords } from "./workload.ts";

/** The words for each workload. Its methods take cells of that workload only. */
export const wordsOf: Readonly<Record<Workload, WorkloadWords<CellSpec>>> = {
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

export const cellPhrase = (spec: CellSpec): string => wordsOf[spec.workload].phrase(spec);
export const cellColumn = (spec: CellSpec): string => wordsOf[spec.workload].column(spec);
export const cellTitle = (spec: CellSpec): string => wordsOf[spec.workload].title(spec);

/** The words for a cell's id, or for a pattern over ids as a policy writes it; what neither is stays as it is. */
export function placeWords({ results }: Pick<Report, "results">, place: string): string {
  if (place === "*") return "every cell";
  const spec = results.find((r) => r.cell === place)?.params;
  return spec === undefined ? place : cellPhrase(spec);
}
