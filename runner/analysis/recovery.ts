import type { Measurement } from "../../schemas/load.ts";
import type { RecoveryRecord } from "../../schemas/recovery.ts";
import type { CellResult } from "../../schemas/report.ts";
import { median } from "../../stats/moments.ts";

/** What became of the subscribers' books over all counted windows of a cell; nothing in a workload that takes none away. */
export function recoveryOf(counted: readonly Measurement[]): Pick<CellResult, "recovery"> {
  const records = counted.flatMap((m) => m.recovery ?? []);
  const [first] = records;
  if (first === undefined) return {};
  const sum = (of: (record: RecoveryRecord) => number) => records.reduce((total, one) => total + of(one), 0);
  const half = ({ bookNs }: RecoveryRecord) => bookNs[bookNs.length >> 1] ?? Number.POSITIVE_INFINITY;
  const middle = records.toSorted((a, b) => half(a) - half(b))[records.length >> 1] ?? first;
  const recovered = sum((one) => one.bookNs.length);
  const noticed = records.flatMap((one) => one.noticed ?? []);
  const missing = records.flatMap((one) => one.missing ?? []);
  const thinned = records.flatMap((one) => one.thinned ?? []);
  const restarts = records.flatMap((one) => one.restart ?? []);
  const subscribers = (all: readonly { readonly subscribers: number }[]) =>
    all.reduce((total, one) => total + one.subscribers, 0);
  return {
    recovery: {
      cause: first.cause,
      windows: records.length,
      subscribers: first.subscribers,
      recovered,
      unrecovered: sum((one) => one.subscribers) - recovered,
      bookNs: middle.bookNs,
      ownNs: middle.ownNs,
      tooOld: sum((one) => one.tooOld),
      ...(restarts.length === 0
        ? {}
        : {
            restart: {
              stopNs: median(restarts.map((one) => one.stopNs)),
              startNs: median(restarts.map((one) => one.startNs)),
            },
          }),
      ...(noticed.length === 0
        ? {}
        : { noticed: { subscribers: subscribers(noticed), nsP50: median(noticed.map((one) => one.nsP50)) } }),
      ...(missing[0] === undefined ? {} : { missing: { ...missing[0], subscribers: subscribers(missing) } }),
      ...(thinned.length === 0
        ? {}
        : {
            thinned: {
              subscribers: subscribers(thinned),
              share: Math.max(...thinned.map((one) => one.share)),
            },
          }),
    },
  };
}
