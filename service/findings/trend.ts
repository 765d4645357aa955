import { metricKinds } from "../../schemas/metric.ts";
import { changePoints } from "../../stats/change-points.ts";
import { mean } from "../../stats/moments.ts";
import type { TrendAnswer } from "../api/findings.ts";
import type { TrendRow } from "../store/trends.ts";

type Point = TrendAnswer["points"][number];
type Change = TrendAnswer["changes"][number];
/** What has become of a suspicion: the run that measured old and new of `subject`. */
export type Looked = (subject: "runtime", from: string, to: string) => Pick<Change, "state" | "check"> | null;

const caution =
  "Each point is a separate run. A change point is only a suspicion; a run that measures old and new together confirms it.";

/** A figure over the stored runs, oldest first, with the change points of each setting. */
export function trendOf(
  series: Pick<TrendAnswer, "candidate" | "cell" | "metric">,
  rows: readonly TrendRow[],
  looked: Looked,
): TrendAnswer {
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
    const pair = versions.find(({ what }) => what === "runtime");
    const state = pair === undefined ? null : looked("runtime", pair.from, pair.to);
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
          state: pair === undefined ? ("nothing-to-pair" as const) : ("suspected" as const),
          check: null,
        }),
      },
    ];
  });
}

function versionsOf(before: Point, after: Point): Change["versions"] {
  const pairs = [
    ["runtime", before.runtime, after.runtime],
    ["framework", before.framework, after.framework],
    ["tickbench", before.toolVersion, after.toolVersion],
  ] as const;
  return pairs.flatMap(([what, from, to]) => (from === to ? [] : [{ what, from, to }]));
}
