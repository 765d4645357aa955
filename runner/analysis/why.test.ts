import { expect, test } from "bun:test";
import type { RunEvent } from "../../schemas/event.ts";
import type { WhyRecord } from "../../schemas/why.ts";
import { queueOf } from "../diagnostics/why.ts";
import { planFrom } from "../fixtures/planned.ts";
import { whyOf } from "./why.ts";

const planned = (argv: string) => planFrom(...argv.split(" "));
const plan = planned("--candidates bun/serve,node/ws --workloads feed --profile smoke --why");
const evenly = (ns: number) => ({ p50: ns, p90: 2 * ns, p99: 3 * ns });

const record: WhyRecord = {
  windowMs: 1200,
  deliveriesHz: 20_000,
  measured: evenly(300),
  heldOut: { times: 2, measured: evenly(1000) },
  disturbed: 0,
  cost: { cpuNs: 8, voluntarySwitches: 0.1, involuntarySwitches: 0 },
  systemCalls: { notMeasured: "no-strace" },
  inside: { notMeasured: "runtime-tells-nothing" },
  model: [
    { times: 1, utilisation: 0.2, queue: evenly(200) },
    { times: 2, utilisation: 0.4, queue: evenly(700) },
    { times: 4, utilisation: 0.8, queue: evenly(5000) },
  ],
};
const found = (one: WhyRecord) =>
  whyOf(plan, [
    {
      type: "extra-finished",
      at: "2026-03-04T09:30:00.000Z",
      candidate: "node/ws",
      cell: "feed/json/passthrough/send/s10",
      kind: "why",
      outcome: { kind: "why", why: one },
      tookMs: 1,
    } satisfies RunEvent,
  ])[0];

test("the residual is what the queue leaves of the measured, and is expected to stay at other rates", () => {
  expect(found(record)?.explained).toEqual({
    utilisation: 0.2,
    queue: evenly(200),
    residual: evenly(100),
    predictions: [
      {
        times: 2,
        utilisation: 0.4,
        predicted: evenly(800),
        measured: evenly(1000),
        errorPct: { p50: expect.closeTo(-20), p90: expect.closeTo(-20), p99: expect.closeTo(-20) },
      },
      { times: 4, utilisation: 0.8, predicted: evenly(5100), measured: null, errorPct: null },
    ],
  });
});

test("no latency is expected below nothing, and without a cost or a latency there is no model", () => {
  const fast = found({
    ...record,
    measured: evenly(1),
    model: record.model.map((m) => ({ ...m, queue: evenly(200) })),
  });
  expect(fast?.explained?.residual).toEqual(evenly(-199));
  expect(fast?.explained?.predictions[0]?.predicted).toEqual(evenly(1));
  expect(found({ ...record, cost: null, model: [] })?.explained).toBeNull();
  expect(found({ ...record, measured: null })?.explained).toBeNull();
});

test("a queue by hand: two bursts of four, the first of them before the window", () => {
  const dueNs = Float64Array.from([0, 0, 0, 0, 100, 100, 100, 100]);
  // The first burst of 30 each is through at 120, so that the second's waits begin at 20.
  expect(queueOf(dueNs, { fromNs: 100, lengthNs: 1200 }, 30)).toEqual({
    utilisation: 0.1,
    queue: { p50: 80, p90: 140, p99: 140 },
  });
});

test("thorough looks into it by itself where it has a cell for it; asked for, there has to be one", () => {
  const extras = (argv: string) => planned(`--candidates bun/serve ${argv}`).extras;
  expect(extras("--profile thorough")).toEqual({ soakMs: null, why: true });
  expect(extras("--profile thorough --workloads echo")).toBeUndefined();
  expect(extras("--profile standard")).toBeUndefined();
  expect(() => extras("--workloads echo --why")).toThrow("--why: needs a feed");
});
