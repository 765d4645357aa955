import { metricKinds } from "../../schemas/metric.ts";
import { changePoints } from "../../stats/change-points.ts";
import { mean } from "../../stats/moments.ts";
import type { TrendAnswer } from "../api/history.ts";
import type { TrendRow } from "../store/trends.ts";

type Point = TrendAnswer["points"][number];
type Change = TrendAnswer["changes"][number];
/** Two versions of a runtime, or of one package, that can be measured together. */
export interface Pair {
  readonly subject: string;
  readonly from: string;
  readonly to: string;
}
/** What has become of a suspicion: the run that measured old and new of a pair. */
export type Looked = (pair: Pair) => Pick<Change, "state" | "check"> | null;

const caution =
  "Each point is a separate run. A change point is only a suspicion; a run that measures old and new together confirms it.";

/** A figure over the stored runs, oldest first, with the change points of each setting. */
export function trendOf(
  series: Pick<TrendAnswer, "candidate" | "cell" | "metric">,
  rows: readonly TrendRow[],
  looked: Looked,
): Omit<TrendAnswer, "upgrades"> {
  const { label, unit, better } = metricKinds[series.metric];
  const settings = [...new Map(rows.map((row) => [settingKey(row), row])).values()];
  const keys = new Map(settings.map((row, key) => [settingKey(row), key]));
  const points = rows.map((row): Point => {
    const { run, at, median, ciLow, ciHigh, isBound, runtime, framework, toolVersion } = row;
    const setting = keys.get(settingKey(row)) ?? 0;
    return { run, at, setting, median, ciLow, ciHigh, isBound, runtime, framework, toolVersion };
  });
  return {
    ...series,
    ...{ label, unit, better, caution },
    settings: settings.map(({ cpu, cores, kernel, profile }, key) => ({ key, cpu, cores, kernel, profile })),
    points,
    changes: settings.flatMap((_, key) =>
      changesOf(
        points.filter((p) => p.setting === key),
        looked,
      ),
    ),
  };
}

/** Where figures may be held against each other: one machine, one line of the kernel, one profile. */
const settingKey = ({ cpu, cores, kernel, profile }: TrendRow): string =>
  JSON.stringify([cpu, cores, /^\d+\.\d+/.exec(kernel)?.[0] ?? kernel, profile]);

/** On logarithms: a change is a ratio. A figure of nothing has none. */
function changesOf(all: readonly Point[], looked: Looked): Change[] {
  const points = all.filter(({ median }) => median > 0);
  const logs = points.map(({ median }) => Math.log(median));
  const found = changePoints(logs);
  return found.flatMap(({ index, p }, i) => {
    const [first, last] = [points[index], points[index - 1]];
    if (first === undefined || last === undefined) return [];
    const before = mean(logs.slice(found[i - 1]?.index ?? 0, index));
    const after = mean(logs.slice(index, found[i + 1]?.index));
    const versions = versionsOf(last, first);
    const pair = pairOf(versions);
    const state = pair === null ? null : looked(pair);
    return [
      {
        run: first.run,
        setting: first.setting,
        before: Math.exp(before),
        after: Math.exp(after),
        ratio: Math.exp(after - before),
        p,
        versions,
        ...(state ?? {
          state: pair === null ? ("nothing-to-pair" as const) : ("suspected" as const),
          check: null,
        }),
      },
    ];
  });
}

/**
 * The runtime that changed, or else the one package of the framework that did; null where nothing or several did, since one run
 * holds two versions of one thing apart.
 */
export function pairOf(versions: Change["versions"]): Pair | null {
  for (const what of ["runtime", "framework"] as const) {
    const found = versions.find((one) => one.what === what);
    if (found === undefined) continue;
    const [before, after] = [partsOf(found.from), partsOf(found.to)];
    const changed = [...after].filter(([name, version]) => before.get(name) !== version);
    const [only] = changed;
    if (changed.length !== 1 || only === undefined || before.size !== after.size) return null;
    const [subject, to] = only;
    const from = before.get(subject);
    return from === undefined || ![from, to].every((v) => /^\d+\.\d+\.\d+$/.test(v))
      ? null
      : { subject, from, to };
  }
  return null;
}

/** `hono 4.13.19 + @hono/node-ws 1.3.1`, as figures name it: each version by its name. */
function partsOf(text: string): Map<string, string> {
  return new Map(
    text.split(" + ").map((part) => {
      const at = part.lastIndexOf(" ");
      return [part.slice(0, at), part.slice(at + 1)];
    }),
  );
}

function versionsOf(before: Point, after: Point): Change["versions"] {
  const pairs = [
    ["runtime", before.runtime, after.runtime],
    ["framework", before.framework, after.framework],
    ["tickbench", before.toolVersion, after.toolVersion],
  ] as const;
  return pairs.flatMap(([what, from, to]) => (from === to ? [] : [{ what, from, to }]));
}
