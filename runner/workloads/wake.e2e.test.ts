import { expect, test } from "bun:test";
import { jsonSequenceOf } from "../../schemas/codec/json.ts";
import type { TrialPhase } from "../../schemas/trial-phase.ts";
import type { FanoutCell } from "../../schemas/workloads/fanout.ts";
import { measureOn, sendOn } from "../fixtures/test-server.ts";
import { warmUpFrom } from "./sent-messages.ts";
import { wakingMessages } from "./warm-up.ts";

const cell: FanoutCell = {
  ...{ workload: "fanout", codec: "json", broadcast: "send", subscribers: 3, rateHz: 200 },
  ...{ warmupMs: 20, windowMs: 50 },
};

/** Measures the cell on a gateway that leaves out what `drops` says; gives the sequences published, by phase. */
async function measureDropping(drops: (inPhase: number, phase: TrialPhase) => boolean = () => false) {
  const published = new Map<TrialPhase, number[]>();
  const measurement = await measureOn(cell, {
    relay(relayed) {
      const { message, phase } = relayed;
      const bytes = new TextEncoder().encode(String(message));
      const inPhase = published.get(phase) ?? [];
      published.set(phase, inPhase);
      inPhase.push(jsonSequenceOf(bytes, 0, bytes.length));
      if (!drops(inPhase.length, phase)) sendOn(relayed);
    },
  });
  return { measurement, published };
}

test("a window's connections are woken with messages of numbers that neither it nor its warm-up uses", async () => {
  const { measurement, published } = await measureDropping();
  const measured = published.get("measure") ?? [];
  const waking = measured.filter((n) => n >= warmUpFrom);
  expect(waking).toHaveLength(wakingMessages);
  expect(measured.slice(0, wakingMessages)).toEqual(waking);
  expect(Math.min(...waking)).toBeGreaterThan(Math.max(...(published.get("warm-up") ?? [])));
  expect(measurement.ledger).toMatchObject({ delivered: 30, gaps: 0, duplicates: 0, corrupt: 0 });
  expect(measurement.warmUp).toMatchObject({ gaps: 0, corrupt: 0 });
}, 30_000);

test("a server that loses one of them is woken by no more, and its window says so", async () => {
  const { measurement, published } = await measureDropping(
    (inPhase, phase) => phase === "measure" && inPhase === 3,
  );
  const waking = (published.get("measure") ?? []).filter((n) => n >= warmUpFrom);
  expect(waking).toHaveLength(3);
  expect(measurement.warmUp).toMatchObject({ gaps: 3 });
  expect(measurement.ledger).toMatchObject({ delivered: 30, gaps: 0 });
}, 30_000);
