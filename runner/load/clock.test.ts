import { heapStats } from "bun:jsc";
import { describe, expect, test } from "bun:test";
import { turnUntil } from "./clock.ts";

describe("turning the loop until something is so", () => {
  test("asks at once and then once a turn", async () => {
    let turns = 0;
    const count = (): void => {
      turns += 1;
      if (turns < 10) setImmediate(count);
    };
    setImmediate(count);
    let asked = 0;
    const turnsAt: number[] = [];
    await turnUntil(() => {
      turnsAt.push(turns);
      asked += 1;
      return asked === 4;
    });
    expect(turnsAt.map((at) => at - turnsAt[0]!)).toEqual([0, 1, 2, 3]);
  });

  test("rejects with what the question throws", async () => {
    const failing = turnUntil(() => {
      throw new RangeError("no");
    });
    await expect(failing).rejects.toThrow(RangeError);
  });

  test("leaves less behind than a promise for each turn would", async () => {
    const turns = async (count: number) => {
      let left = count;
      await turnUntil(() => left-- === 0);
    };
    await turns(2_000);
    Bun.gc(true);
    const before = heapStats().heapCapacity;
    await turns(10_000);
    expect((heapStats().heapCapacity - before) / 10_000).toBeLessThan(100);
  });
});
