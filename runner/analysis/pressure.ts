import { flawsIn } from "../../schemas/delivery.ts";
import type { Measurement } from "../../schemas/load.ts";
import {
  type Flooded,
  type PolicyDeviation,
  type PolicyKept,
  policyDeviations,
  type StoppedReading,
  type StoppedSubscriber,
} from "../../schemas/pressure.ts";
import { median } from "../../stats/moments.ts";

/** A window that came to its end, and what speaks against its latencies. */
interface Window {
  readonly measurement: Measurement;
  readonly doubt: object | null;
}

/** How far from the declared limit the queue may be when the policy strikes: what looking every few ms cannot resolve, and one message. */
const limitTolerance = 0.1;
/** The others are disturbed where their p99 grows by this factor, and to more than a person's blink on a chart. */
const disturbed = { times: 3, fromNs: 20e6 } as const;
/** A deviation makes the verdict where it is seen in this share of the windows: one may be the machine's. */
const deviatingShare = 0.5;
/** The publisher is held back where its connection takes nothing for this share of the time, or leaves this share of what is offered. */
const heldBack = { blockedShare: 0.2, leftShare: 0.5 } as const;

/** Whether a server does with subscribers that stop what it says; undefined where nobody stopped. */
export function policyOf(windows: readonly Window[]): PolicyKept | undefined {
  const seen = windows.flatMap(({ measurement: m, doubt }) =>
    m.stopped === undefined ? [] : [{ m, doubt, stopped: m.stopped }],
  );
  const [first] = seen;
  if (first === undefined) return undefined;
  const kinds = seen.map(({ m, doubt, stopped }) => {
    const found = deviationsOf(stopped);
    // What others do to a core closes no connection and loses no message, but it makes latencies.
    if (isDisturbed(m, doubt === null, stopped)) found.add("healthy-disturbed");
    return found;
  });
  const deviations = policyDeviations.flatMap((kind) => {
    const count = kinds.filter((found) => found.has(kind)).length;
    return count === 0 ? [] : [{ kind, windows: count }];
  });
  const stopped = seen.flatMap((one) => one.stopped.subscribers);
  const struck = stopped.filter((one) => one.struck);
  const queued = struck.flatMap(({ queuedBytes }) =>
    queuedBytes === null ? [] : [(queuedBytes.low + queuedBytes.high) / 2],
  );
  const calm = seen.flatMap((one) => one.stopped.calmNsP99 ?? []);
  const deviates = deviations.some(({ windows: count }) => count >= deviatingShare * seen.length);
  return {
    declared: first.stopped.declared,
    verdict: deviates ? "deviates" : struck.length === 0 ? "not-observed" : "kept",
    deviations,
    windows: seen.length,
    stopped: stopped.length,
    struck: struck.length,
    queuedBytes:
      queued.length === 0
        ? null
        : { min: Math.min(...queued), median: median(queued), max: Math.max(...queued) },
    closeCodes: [...new Set(stopped.flatMap(({ closeCode }) => closeCode ?? []))].sort((a, b) => a - b),
    calmNsP99: calm.length === 0 ? null : median(calm),
  };
}

function isDisturbed(
  { metrics, ledger }: Measurement,
  isClean: boolean,
  { calmNsP99 }: StoppedReading,
): boolean {
  if (flawsIn(ledger) > 0) return true;
  if (!isClean || calmNsP99 === null) return false;
  return (metrics.latencyNsP99 ?? 0) > Math.max(disturbed.fromNs, disturbed.times * calmNsP99);
}

function deviationsOf({ declared, subscribers }: StoppedReading): Set<PolicyDeviation> {
  const kinds = new Set<PolicyDeviation>();
  const low = declared.limitBytes * (1 - limitTolerance);
  const high = declared.limitBytes * (1 + limitTolerance);
  const ends = declared.policy === "disconnect";
  for (const one of subscribers) {
    const { struck, queuedBytes, owedBytesMax, closeCode } = one;
    if (!struck && owedBytesMax !== null && owedBytesMax > high) {
      kinds.add(ends ? "never-disconnected" : "unbounded");
    }
    if (queuedBytes !== null && queuedBytes.high < low) kinds.add("early");
    if (queuedBytes !== null && queuedBytes.low > high) kinds.add("late");
    // Who is slow is cut, without a close frame; where the policy leaves messages out, the connection lives.
    if (closeCode !== null && !(ends && closeCode === 1006)) kinds.add("wrong-close");
    if (!isAllowed(one, ends)) kinds.add("wrong-content");
  }
  return kinds;
}

/** Whether what came is what the policy leaves: an order, each message once, and no hole but where one is declared. */
function isAllowed(one: StoppedSubscriber, ends: boolean): boolean {
  if (one.duplicates > 0 || one.reorders > 0 || one.corrupt > 0 || one.stale > 0) return false;
  return ends ? one.missing === 0 : one.missingIdle === 0;
}

/** What became of a flood, over its windows; undefined where there was none. */
export function floodedOf(windows: readonly Window[]): Flooded | undefined {
  const all = windows.flatMap(({ measurement: m, doubt }) =>
    m.flooding === undefined ? [] : [{ m, doubt, flooding: m.flooding }],
  );
  const clean = all.filter(({ doubt }) => doubt === null);
  const seen = clean.length === 0 ? all : clean;
  if (seen.length === 0) return undefined;
  const typical = (of: (one: (typeof seen)[number]) => number) => median(seen.map(of));
  const grown = seen.flatMap(({ flooding }) => flooding.rssGrowthBytesHz ?? []);
  const lost = seen.reduce((sum, { m }) => sum + m.ledger.gaps, 0);
  const acceptedShare = typical(({ flooding: f }) =>
    f.offeredBytes === 0 ? 1 : f.acceptedBytes / f.offeredBytes,
  );
  const blockedShare = typical(({ flooding }) => flooding.blockedShare);
  const isHeldBack = blockedShare >= heldBack.blockedShare || 1 - acceptedShare >= heldBack.leftShare;
  return {
    backPressure: lost > 0 ? "sheds" : isHeldBack ? "reaches" : "buffers",
    offeredHz: typical(({ m, flooding }) => (flooding.offered / m.windowMs) * 1e3),
    capacityHz: typical(({ flooding }) => flooding.capacityHz),
    acceptedShare,
    blockedShare,
    rssGrowthBytesHz: grown.length === 0 ? null : median(grown),
    backlogBytesMax: Math.max(...seen.map(({ flooding }) => flooding.backlogBytesMax)),
    lost,
    accepted: seen.reduce((sum, { flooding }) => sum + flooding.accepted, 0),
  };
}
