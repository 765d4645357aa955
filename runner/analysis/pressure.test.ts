import { expect, test } from "bun:test";
import type { Measurement } from "../../schemas/load.ts";
import type { DeclaredPolicy, Flooding, StoppedSubscriber } from "../../schemas/pressure.ts";
import { floodedOf, policyOf } from "./pressure.ts";

const MiB = 1024 * 1024;
const limitBytes = 16 * MiB;
const ledger = { due: 100, delivered: 100, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 };

const kept: StoppedSubscriber = {
  queuedBytes: { low: 15.9 * MiB, high: 16.2 * MiB },
  owedBytesMax: 16 * MiB,
  kernelBytes: 4 * MiB,
  struck: true,
  closeCode: 1006,
  missing: 0,
  missingIdle: 0,
  reorders: 0,
  duplicates: 0,
  corrupt: 0,
  conflated: 0,
  stale: 0,
};

function windowOf(
  policy: DeclaredPolicy["policy"],
  one: Partial<StoppedSubscriber>,
  { p99 = 1e6, doubt = null as object | null, gaps = 0 } = {},
) {
  const measurement = {
    metrics: { latencyNsP99: p99 },
    ledger: { ...ledger, gaps, delivered: 100 - gaps },
    stopped: { declared: { policy, limitBytes }, subscribers: [{ ...kept, ...one }], calmNsP99: 1e6 },
  } as Partial<Measurement> as Measurement;
  return { measurement, doubt };
}

const kindsOf = (...windows: ReturnType<typeof windowOf>[]) => {
  const found = policyOf(windows);
  return [found?.verdict, found?.deviations.map(({ kind }) => kind)];
};

test("a policy that strikes at its limit is kept", () => {
  expect(kindsOf(windowOf("disconnect", {}))).toEqual(["kept", []]);
  const living = { closeCode: null, missing: 50 };
  expect(kindsOf(windowOf("drop", living))).toEqual(["kept", []]);
  expect(kindsOf(windowOf("conflate", { ...living, conflated: 4 }))).toEqual(["kept", []]);
});

test("each way to deviate has a code", () => {
  const unstruck = { struck: false, closeCode: null, queuedBytes: null, owedBytesMax: 20 * MiB };
  const living = { closeCode: null, missing: 50 };
  const cases = [
    [windowOf("disconnect", unstruck), "never-disconnected"],
    [windowOf("drop", unstruck), "unbounded"],
    [windowOf("disconnect", { queuedBytes: { low: MiB, high: 2 * MiB } }), "early"],
    [windowOf("drop", { ...living, queuedBytes: { low: 30 * MiB, high: 30 * MiB } }), "late"],
    [windowOf("disconnect", { closeCode: 1008 }), "wrong-close"],
    [windowOf("drop", { closeCode: 1006 }), "wrong-close"],
    [windowOf("disconnect", { missing: 3 }), "wrong-content"],
    [windowOf("drop", { ...living, missingIdle: 1 }), "wrong-content"],
    [windowOf("conflate", { ...living, stale: 1 }), "wrong-content"],
    [windowOf("disconnect", {}, { p99: 80e6 }), "healthy-disturbed"],
    [windowOf("disconnect", {}, { gaps: 1 }), "healthy-disturbed"],
  ] as const;
  for (const [window, kind] of cases) expect(kindsOf(window)).toEqual(["deviates", [kind]]);
});

test("what was not reached is not observed, and one window of many does not make the verdict", () => {
  const short = { struck: false, closeCode: null, queuedBytes: null, owedBytesMax: MiB };
  expect(kindsOf(windowOf("disconnect", short))).toEqual(["not-observed", []]);
  const odd = windowOf("disconnect", { missing: 1 });
  const fine = windowOf("disconnect", {});
  expect(kindsOf(odd, fine, fine)).toEqual(["kept", ["wrong-content"]]);
  // Latencies of a window that others disturbed are not the server's.
  expect(kindsOf(windowOf("disconnect", {}, { p99: 80e6, doubt: {} }))).toEqual(["kept", []]);
  expect(policyOf([])).toBeUndefined();
});

function flood(of: Partial<Flooding>, gaps = 0) {
  const flooding: Flooding = {
    capacityHz: 1000,
    offered: 4000,
    offeredBytes: 400_000,
    accepted: 600,
    acceptedBytes: 60_000,
    blockedShare: 0.85,
    rssGrowthBytesHz: 1e6,
    backlogBytesMax: 1e6,
    ...of,
  };
  const measurement = { windowMs: 500, ledger: { ...ledger, gaps }, flooding } as Partial<Measurement>;
  return { measurement: measurement as Measurement, doubt: null };
}

test("a flood is held back, kept or lost", () => {
  expect(floodedOf([flood({})])).toMatchObject({
    backPressure: "reaches",
    offeredHz: 8000,
    acceptedShare: 0.15,
  });
  const all = { accepted: 4000, acceptedBytes: 400_000, blockedShare: 0 };
  expect(floodedOf([flood(all)])?.backPressure).toBe("buffers");
  expect(floodedOf([flood(all, 10)])).toMatchObject({ backPressure: "sheds", lost: 10 });
  expect(floodedOf([])).toBeUndefined();
});
