import type { CellSpec } from "../schemas/cell.ts";
import type { Report } from "../schemas/report.ts";
import { digits3, formatInteger } from "./format.ts";

export const codecNames = { json: "JSON", sbe: "SBE", raw: "binary" } as const;

const subscribers = (count: number): string => `${formatInteger(count)} subscriber${count === 1 ? "" : "s"}`;
const written = { loop: "", coalesced: ", coalesced writes", native: ", native broadcast" } as const;

/** A cell as a sentence names it, told apart from every other: `the JSON feed to 10 subscribers`. */
export function cellPhrase(spec: CellSpec): string {
  const codec = codecNames[spec.codec];
  switch (spec.workload) {
    case "feed": {
      const transcoded = spec.mode === "transcode" ? ", transcoded" : "";
      return `the ${codec} feed to ${subscribers(spec.subscribers)}${transcoded}${written[spec.broadcast]}`;
    }
    case "fanout":
      return `one ${codec} stream to ${subscribers(spec.subscribers)} at ${digits3(spec.rateHz)} /s${written[spec.broadcast]}`;
    case "echo": {
      const what = spec.bytes === null ? codec : `${formatInteger(spec.bytes)} B ${codec}`;
      return `the echo of ${what}, ${spec.connections} × ${spec.window} in flight`;
    }
    case "push":
      return `the push of ${formatInteger(spec.bytes)} B ${codec} to ${formatInteger(spec.connections)} connections`;
  }
}

/** The words for a cell's id, or for a pattern over ids as a policy writes it; what neither is stays as it is. */
export function placeWords({ results }: Pick<Report, "results">, place: string): string {
  if (place === "*") return "every cell";
  const spec = results.find((r) => r.cell === place)?.params;
  return spec === undefined ? place : cellPhrase(spec);
}
