import type { SearchEnd } from "../../schemas/capacity.ts";
import type { Measurement } from "../../schemas/load.ts";
import type { CellResult } from "../../schemas/report.ts";

const searchesOf = (windows: readonly Measurement[]) => windows.flatMap(({ capacity }) => capacity ?? []);

/** What the searches of a result say together; nothing where none was made. */
export function capacityOf(counted: readonly Measurement[]): Pick<CellResult, "capacity"> {
  const searches = searchesOf(counted);
  const byLow = searches.toSorted((a, b) => (a.lowHz ?? 0) - (b.lowHz ?? 0));
  const middle = byLow[byLow.length >> 1];
  if (middle === undefined) return {};
  const count = (end: SearchEnd) => searches.filter((one) => one.end === end).length;
  return {
    capacity: {
      ...middle,
      ends: {
        server: count("server"),
        generator: count("generator"),
        most: count("most"),
        time: count("time"),
      },
      probed: searches.reduce((sum, { probes }) => sum + probes.length, 0),
    },
  };
}

/** Whether half or more of the searches ended by the load generator, or by the most that it tries: the server's own is no lower. */
export function isGenerators(windows: readonly Measurement[]): boolean {
  const searches = searchesOf(windows);
  const limited = searches.filter(({ end }) => end === "generator" || end === "most").length;
  return limited > 0 && 2 * limited >= searches.length;
}
