import { describe, expect, test } from "bun:test";
import { bare, judgements, type LoadName, ours, type Sample, ws } from "./generator-loads.ts";

const sample = (hz: number, cpuNsPerMessage = 100): Sample => ({ hz, cpuNsPerMessage, foreignPct: 0 });

/** Judgements of rates, or of a rate and CPU time, by load and generator. */
function judge(measured: Partial<Record<LoadName, Record<string, Sample>>>) {
  return judgements((load, generator) => {
    const found = measured[load]?.[generator];
    return found === undefined ? null : [found];
  }, "load_test").map(({ holds, found }) => [holds, found]);
}

describe("what is asked of the generator", () => {
  test("nothing of loads that were left out", () => {
    expect(judge({})).toEqual([]);
  });

  test("ten times the ws client against a server, and twenty times where the server is no limit", () => {
    const by = (hz: number) => ({ [ours.name]: sample(hz), [ws.name]: sample(10) });
    expect(judge({ pipelined: by(100), pipelinedNull: by(199) })).toEqual([
      [true, "10.0 ×"],
      [false, "19.9 ×"],
    ]);
  });

  test("as fast as load_test with one in flight, or nearly as fast as the runtime's own sockets", () => {
    const by = (own: number, bareHz: number) => ({ [ours.name]: sample(own), [bare.name]: sample(bareHz) });
    expect(judge({ one32: by(985, 1000), one200: by(975, 1000) })).toEqual([
      [true, "not measured, 0.985 ×"],
      [false, "not measured, 0.975 ×"],
    ]);
    expect(
      judge({
        one32: { ...by(975, 1000), load_test: sample(970) },
        one200: { ...by(975, 1000), load_test: sample(980) },
      }),
    ).toEqual([
      [true, "1.01 ×, 0.975 ×"],
      [false, "0.995 ×, 0.975 ×"],
    ]);
  });

  test("little more CPU time than bare sockets, whatever the rates", () => {
    const by = (bareNs: number) => ({ [ours.name]: sample(30e6, 100), [bare.name]: sample(1, bareNs) });
    expect(judge({ deep: by(84), push: by(86) })).toEqual([
      [false, "84 %"],
      [true, "86 %"],
      [true, "30.0 million"],
    ]);
  });
});
