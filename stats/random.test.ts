import { describe, expect, test } from "bun:test";
import { mean, variance } from "./moments.ts";
import { createRandom, randomFromState } from "./random.ts";

describe("random", () => {
  test("xoshiro128** from state 1, 2, 3, 4 gives the vector of the rand_xoshiro crate's test", () => {
    const random = randomFromState([1, 2, 3, 4]);
    expect(Array.from({ length: 10 }, () => random.uint32())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  test("one seed gives one sequence, another seed another", () => {
    const draw = (seed: number): number[] => Array.from({ length: 5 }, () => createRandom(seed).uint32());
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  test("uniform and normal have the moments they claim", () => {
    const random = createRandom(3);
    const uniforms = Array.from({ length: 100_000 }, () => random.uniform());
    const normals = Array.from({ length: 100_000 }, () => random.normal());
    expect(uniforms.every((u) => u >= 0 && u < 1)).toBe(true);
    expect(mean(uniforms)).toBeCloseTo(0.5, 2);
    expect(variance(uniforms)).toBeCloseTo(1 / 12, 2);
    expect(mean(normals)).toBeCloseTo(0, 1);
    expect(variance(normals)).toBeCloseTo(1, 1);
    expect(normals.filter((z) => Math.abs(z) > 1.959964).length / normals.length).toBeCloseTo(0.05, 2);
  });

  test("shuffle keeps every item, leaves its input, and gives each order its share", () => {
    const random = createRandom(4);
    const items = Object.freeze(["a", "b", "c"]);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i += 1) {
      const order = random.shuffle(items);
      expect(order.toSorted()).toEqual(["a", "b", "c"]);
      counts.set(order.join(""), (counts.get(order.join("")) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // Each order is due 1,000 times with a standard deviation of 29.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  test("a bound that does not divide 2^32 favours no value", () => {
    const random = createRandom(6);
    const bound = 3 * 2 ** 30;
    const draws = Array.from({ length: 3000 }, () => random.below(bound));
    for (const third of [0, 1, 2]) {
      const count = draws.filter((draw) => Math.floor(draw / 2 ** 30) === third).length;
      // 1,000 due, standard deviation 26.
      expect(Math.abs(count - 1000)).toBeLessThan(105);
    }
  });

  test("below refuses a bound it cannot serve", () => {
    const random = createRandom(5);
    expect(() => random.below(0)).toThrow("bound must be an integer in 1..2^32, got 0");
    expect(random.below(1)).toBe(0);
  });
});
