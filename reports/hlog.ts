import { decodeFromCompressedBase64 } from "hdr-histogram-js";
import type { CellResult, Report } from "../schemas/report.ts";
import type { ReportFile } from "./file.ts";
import { formatCount } from "./format.ts";

/** HdrHistogram's own tools take the interval's maximum in ms where the values are ns. */
const nsPerMs = 1e6;

/**
 * The latency histograms as logs that HdrHistogram's tools read, one file for each candidate and cell:
 * `latency/<candidate>_<cell>.hlog`, with `~` for each slash. Each holds one interval, all counted rounds merged; values are ns.
 */
export function renderHlogs(report: Report): ReportFile[] {
  return report.results.flatMap((result) => {
    if (result.histogram === null) return [];
    const path = `latency/${fileName(result.candidate)}_${fileName(result.cell)}.hlog`;
    return [{ path, content: hlog(report, result, result.histogram) }];
  });
}

/**
 * An id as a part of a file name, no two ids alike: `node/ws` and a server of the user's own that is called `node-ws` have a
 * file each. A slash becomes `~`, and what URLs escape is escaped, `~` itself too.
 */
function fileName(id: string): string {
  const parts = id.split("/").map((part) => encodeURIComponent(part).replaceAll("~", "%7E"));
  return parts.join("~").replaceAll("%40", "@");
}

/**
 * Histogram log format 1.3 as HistogramLogWriter of HdrHistogram writes it: start and base time as comments in seconds since
 * the epoch, a legend, then start, length (s), maximum (ms) and the V2 histogram, deflated, in base64.
 */
function hlog(report: Report, result: CellResult, histogram: string): string {
  const startedAt = new Date(report.run.startedAt);
  const epoch = (startedAt.getTime() / 1000).toFixed(3);
  const measuredMs = result.windows?.measuredMs ?? result.rounds * result.params.windowMs;
  const seconds = measuredMs / 1000;
  const maxMs = decodeFromCompressedBase64(histogram).maxValue / nsPerMs;
  return [
    "#[Histogram log format version 1.3]",
    `#[Latency in ns of ${result.candidate} in ${result.cell}, ${formatCount(result.rounds, "round")} merged, run ${report.run.id}]`,
    `#[StartTime: ${epoch} (seconds since epoch), ${startedAt.toUTCString()}]`,
    `#[BaseTime: ${epoch} (seconds since epoch)]`,
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    `0.000,${seconds.toFixed(3)},${maxMs.toFixed(3)},${histogram}`,
    "",
  ].join("\n");
}
