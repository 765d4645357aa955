import { formatBytes, formatMetric } from "../../reports/format.ts";
import type { EventOf, RunEvent } from "../../schemas/event.ts";
import { type MetricName, metricKinds } from "../../schemas/metric.ts";
import { type RunWarning, warning } from "../../schemas/warning.ts";
import { median } from "../../stats/moments.ts";

type Window = EventOf<"window-finished">;

/** What a server's age did to its figures: a slow youth, a memory that grows. */
export function ageWarnings(events: readonly RunEvent[]): RunWarning[] {
  return [...youthWarnings(events), ...memoryWarnings(events)];
}

/**
 * How many times as slow a server has to be in its youth, by how many windows, of how many rounds, met it young and old: the fewer of
 * either. A youth of a second or two meets each cell of a visit in few of the rounds, or passes by in few of them; what is far
 * slower needs fewer windows to be believed.
 */
const youths = [
  { windows: 4, rounds: 2, ratio: 1.3 },
  { windows: 2, rounds: 2, ratio: 3 },
  { windows: 1, rounds: 1, ratio: 10 },
] as const;
/** Fewest windows of a cell that are judged, and how far apart young and old ones are. */
const age = { windows: 4, apartMsMin: 300 };
/** What is measured in every window of its workload, and moves with a server's speed. */
const ageing: readonly MetricName[] = ["cpuNsPerMessage", "throughputHz"];

/** A cell meets a server at another age in each round, since the order of the cells is drawn anew. */
function youthWarnings(events: readonly RunEvent[]): RunWarning[] {
  const windows = events.filter(
    (e) => e.type === "window-finished" && e.counted && e.kind === "typical",
  ) as Window[];
  return [...Map.groupBy(windows, ({ candidate, cell }) => `${candidate} ${cell}`)].flatMap(
    ([cell, of]): RunWarning[] => {
      const found = ageing.flatMap((metric) => youthOf(of, metric) ?? []);
      const [first] = found;
      if (first === undefined) return [];
      const { metric, youngest, oldest, untilMs } = first;
      return [
        warning(
          "slow-youth",
          `${metricKinds[metric].label} was ${formatMetric(metric, youngest)} in a server's first ${(untilMs / 1000).toPrecision(2)} s and ${formatMetric(metric, oldest)} after: the figure mixes both`,
          { cell, metric },
        ),
      ];
    },
  );
}

function youthOf(windows: readonly Window[], metric: MetricName) {
  const points = windows
    .flatMap(({ ageMs, round, measurement }) => {
      const value = measurement.metrics[metric];
      return value === undefined || value <= 0 ? [] : [{ ageMs, round, value }];
    })
    .sort((a, b) => a.ageMs - b.ageMs);
  const sign = metricKinds[metric].better === "higher" ? -1 : 1;
  let best: { metric: MetricName; youngest: number; oldest: number; untilMs: number; gap: number } | null =
    null;
  // The change may come at any age: it is looked for where the two sides are furthest apart.
  if (points.length < age.windows) return null;
  for (let cut = 1; cut < points.length; cut += 1) {
    const sides = [points.slice(0, cut), points.slice(cut)] as const;
    const fewer = Math.min(...sides.map((side) => side.length));
    // One visit that was slow, or old, is no age.
    const rounds = Math.min(...sides.map((side) => new Set(side.map(({ round }) => round)).size));
    const asked = youths.find((each) => fewer >= each.windows && rounds >= each.rounds);
    if (asked === undefined) continue;
    const [young, old] = sides.map((side) =>
      side.map(({ value }) => sign * Math.log(value)).sort((a, b) => a - b),
    ) as [number[], number[]];
    const gap = median(young) - median(old);
    // Nine in ten of the young lie above nine in ten of the old: a few windows of a noisy machine make no youth.
    const apart = quantile(young, 0.1) > quantile(old, 0.9);
    const ages =
      median(points.slice(cut).map((p) => p.ageMs)) - median(points.slice(0, cut).map((p) => p.ageMs));
    if (!apart || gap <= Math.log(asked.ratio) || ages < age.apartMsMin) continue;
    if (best !== null && gap <= best.gap) continue;
    best = {
      metric,
      youngest: Math.exp(sign * median(young)),
      oldest: Math.exp(sign * median(old)),
      untilMs: points[cut - 1]!.ageMs,
      gap,
    };
  }
  return best;
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.round(q * (sorted.length - 1))] ?? 0;

/** Bytes per second, bytes over a visit, and the share of visits, from which on a memory grows. */
const growing = { bytesPerS: 2e6, bytes: 5e6, visitsShare: 0.75, visits: 2, windows: 4 };

/**
 * A heap grows at first and is then collected. A leak goes on: it has to grow in both halves of nearly every visit, and while
 * the server does one and the same thing, since cells differ in what they need.
 */
function memoryWarnings(events: readonly RunEvent[]): RunWarning[] {
  const byCandidate = Map.groupBy(visitsOf(events), ({ candidate }) => candidate);
  return [...byCandidate].flatMap(([candidate, visits]): RunWarning[] => {
    const growths = visits.flatMap(({ windows }) => growthOf(windows) ?? []);
    const grown = growths.filter(({ isGrowing }) => isGrowing);
    if (grown.length < Math.max(growing.visits, growths.length * growing.visitsShare)) return [];
    const bytesPerS = median(grown.map((g) => g.bytesPerS));
    const messages = grown.reduce((sum, g) => sum + g.messages, 0);
    const bytes = grown.reduce((sum, g) => sum + g.bytes, 0);
    const each = messages === 0 ? "" : `, about ${formatBytes(bytes / messages)} a message`;
    return [
      warning(
        "memory-grows",
        `its memory grew by ${formatBytes(bytesPerS)} a second throughout ${grown.length} of ${growths.length} visits${each}`,
        { cell: candidate },
      ),
    ];
  });
}

interface ServerVisit {
  readonly candidate: string;
  readonly windows: Window[];
}

/**
 * The windows of each server's life, discarded ones too: what others do to a core takes no memory. Servers live side by side, and one
 * of each candidate at a time.
 */
function visitsOf(events: readonly RunEvent[]): ServerVisit[] {
  const visits: ServerVisit[] = [];
  for (const event of events) {
    if (event.type === "server-started") visits.push({ candidate: event.candidate, windows: [] });
    if (event.type !== "window-finished") continue;
    visits.findLast(({ candidate }) => candidate === event.candidate)?.windows.push(event);
  }
  return visits;
}

/** How the memory of one visit went; null where too little is known. */
function growthOf(windows: readonly Window[]) {
  const points = windows.flatMap(({ cell, ageMs, measurement: { server, ledger, warmUp } }) => {
    const bytes = server?.rssBytesEnd;
    return bytes === undefined ? [] : [{ cell, ageMs, bytes, messages: ledger.due + (warmUp?.due ?? 0) }];
  });
  const [first, middle, last] = [points[0], points[points.length >> 1], points.at(-1)];
  if (points.length < growing.windows || first === undefined || middle === undefined || last === undefined) {
    return null;
  }
  type Point = typeof first;
  const rate = (a: Point, b: Point) => (1000 * (b.bytes - a.bytes)) / Math.max(1, b.ageMs - a.ageMs);
  // Theil and Sen's slope within cells: the median over all pairs of windows of one cell.
  const slopes = points.flatMap((a, i) =>
    points.slice(i + 1).flatMap((b) => (a.cell === b.cell ? [rate(a, b)] : [])),
  );
  const rates = [rate(first, middle), rate(middle, last), ...(slopes.length === 0 ? [] : [median(slopes)])];
  const bytes = last.bytes - first.bytes;
  return {
    isGrowing: bytes > growing.bytes && rates.every((each) => each > growing.bytesPerS),
    bytesPerS: rate(first, last),
    bytes,
    messages: points.slice(1).reduce((sum, { messages }) => sum + messages, 0),
  };
}
