import { formatNs, formatShare } from "../../reports/format.ts";
import type { Measurement, QualityCode } from "../../schemas/load.ts";
import { saturation } from "./generator-cost.ts";

/** Why a window is discarded. */
export interface QualityFlag {
  readonly code: QualityCode;
  readonly reason: string;
}

/**
 * Lateness of the generator's own sends beyond which an open-loop latency is the generator's and not the server's.
 * The 99th percentile is bounded and not the maximum: single stalls are the machine's, and stay in the tail where the
 * hiccup meter shows them beside it.
 */
export const latenessNsP99Max = 2e6;
/**
 * Where the latency measured is itself long, lateness may be this share of its 99th percentile: it is then a small part of
 * what is reported, and no part of what is compared.
 */
export const latenessShareMax = 0.1;
/** A load process that begins later than this share of the window, and than this time, has not measured the same window. */
const startSkewShareMax = 0.05;
const startSkewNsMin = 2e6;
/** Share of a measured core's window that foreign processes may take before the window is discarded. */
export const foreignShareMax = 0.02;
/**
 * Share of a window in which others may hold the server or the generator up, where the window's tail is a headline: a delay of 1 ms in
 * 120 ms is less than 2 % of the core, and is the whole p99. Half of what lies beyond the percentile may be late for it.
 */
const heldShareMax = (percent: number): number => Math.min(foreignShareMax, (1 - percent / 100) / 2);
/** Share of a measured core's window that the hypervisor may steal before the window is discarded. */
export const stealShareMax = 0.02;

/** Whether a repeat may do without what was objected to. A generator that was the limit is it again: its rate reads "at least". */
export const mayPass = ({ code }: QualityFlag): boolean => code !== "generator-saturated";

/** How long others held up the server or the generator within a window, whichever is more, as a share of it. */
function heldShare({ cores }: Pick<Measurement, "cores">): number {
  return Math.max(0, ...cores.map(({ heldNs = 0, elapsedNs }) => heldNs / elapsedNs));
}

/**
 * What speaks against a measurement, the gravest first; null where nothing does. `percent` is that of the tail that the window is to
 * show, such as 99; null where none is asked for, or a repeat would find no calmer time.
 */
export function qualityFlagOf(m: Measurement, percent: number | null = null): QualityFlag | null {
  // A limit of the environment explains all that follows, and is nobody's fault.
  const limited = limitFlag(m);
  if (limited !== null) return limited;
  // What was lost shows in the reach, and so is a fixed rate of which nothing arrived. A window that was over before the
  // first message came in is no measurement of a rate.
  if (m.metrics.throughputHz === 0 && m.ledger.gaps === 0) {
    const reason = "nothing was delivered within the window";
    return { code: "nothing-delivered", reason };
  }
  const startSkewNs = m.shards?.startSkewNs ?? 0;
  if (startSkewNs > Math.max(startSkewNsMin, startSkewShareMax * m.windowMs * 1e6)) {
    const reason = `a load process began ${formatNs(startSkewNs)} after the common start of the window`;
    return { code: "generator-late", reason };
  }
  const late = m.generator.latenessNsP99;
  const bound = Math.max(
    latenessNsP99Max,
    latenessShareMax * (m.metrics.latencyNsP99 ?? m.metrics.handshakeNsP99 ?? 0),
  );
  if (late !== null && late > bound) {
    return {
      code: "generator-late",
      reason: `the generator's p99 lateness was ${formatNs(late)}, the limit is ${formatNs(bound)}`,
    };
  }
  const saturated = saturation(m);
  if (saturated !== null) {
    const reason = `the generator used ${formatShare(saturated.generator)} of its core and the server ${formatShare(saturated.server)} of its core: the rate is limited by the generator`;
    return { code: "generator-saturated", reason };
  }
  // The worst core speaks for all.
  const [foreign] = m.cores.toSorted((a, b) => b.foreignNs / b.elapsedNs - a.foreignNs / a.elapsedNs);
  if (foreign !== undefined && foreign.foreignNs > foreign.elapsedNs * foreignShareMax) {
    const share = formatShare(foreign.foreignNs / foreign.elapsedNs);
    const reason = `other processes took ${share} of core ${foreign.core} during the window`;
    return { code: "foreign-cpu", reason };
  }
  return tailFlag(m, percent) ?? stealFlag(m);
}

/** Whether what came from outside is much of a tail that the window is to show. */
export function tailFlag(m: Measurement, percent: number | null): QualityFlag | null {
  if (percent === null) return null;
  const windowNs = m.windowMs * 1e6;
  const allowedNs = heldShareMax(percent) * windowNs;
  const heldNs = heldShare(m) * windowNs;
  if (heldNs > allowedNs) {
    const reason = `other processes held the server or the generator up for ${formatNs(heldNs)} of the window, and its p${percent} allows ${formatNs(allowedNs)}`;
    return { code: "foreign-cpu", reason };
  }
  const gapNs = m.generator.hiccupNsMax ?? 0;
  if (gapNs > allowedNs) {
    const reason = `the generator did not look at its sockets for ${formatNs(gapNs)}, and the window's p${percent} allows ${formatNs(allowedNs)}`;
    return { code: "generator-late", reason };
  }
  return null;
}

function stealFlag(m: Measurement): QualityFlag | null {
  const [stolen] = m.cores.toSorted((a, b) => b.stealNs / b.elapsedNs - a.stealNs / a.elapsedNs);
  if (stolen !== undefined && stolen.stealNs > stolen.elapsedNs * stealShareMax) {
    const reason = `the hypervisor took ${formatShare(stolen.stealNs / stolen.elapsedNs)} of core ${stolen.core} during the window`;
    return { code: "steal", reason };
  }
  return null;
}

function limitFlag({ limited }: Measurement): QualityFlag | null {
  if (limited === undefined) return null;
  const { throttledPeriods, throttledNs, memoryEvents } = limited;
  if (throttledPeriods > 0 || throttledNs > 0) {
    const reason = `the CPU quota of a cgroup held processes back for ${formatNs(throttledNs)} of the window (${throttledPeriods} periods)`;
    return { code: "throttled", reason };
  }
  if (memoryEvents === 0) return null;
  const reason = `the memory limit of a cgroup held processes back, or killed one, ${memoryEvents} times within the window`;
  return { code: "memory-limit", reason };
}
