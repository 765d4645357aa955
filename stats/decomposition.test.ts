import { describe, expect, test } from "bun:test";
import { type Decomposition, type DecompositionCell, decompose } from "./decomposition.ts";
import { pairedRatio } from "./paired.ts";
import { createRandom } from "./random.ts";

const random = createRandom(81);
const rounds = Array.from({ length: 12 }, () => Math.exp(0.2 * random.normal()));

/** A cell whose rounds are `level` times what the round did to everyone, times its own small noise. */
function cell(runtime: string, framework: string, level: number): DecompositionCell {
  const perRound = rounds.map((round) => level * round * Math.exp(0.01 * random.normal()));
  return { candidate: `${runtime}/${framework}`, runtime, framework, perRound };
}

const bunElysia = cell("bun", "elysia", 1.9 * 9);
const nodeHono = cell("node", "hono", 1);
const bunHono = cell("bun", "hono", 9);
const nodeElysia = cell("node", "elysia", 1.9 * 1.5);

function measured(others: readonly DecompositionCell[]): Decomposition {
  const result = decompose(bunElysia, nodeHono, others);
  if (result.status !== "measured") throw new Error(result.why);
  return result;
}

describe("decompose", () => {
  test("one bridge: 17.1 between bun/elysia and node/hono is 9 of the runtime and 1.9 of the framework", () => {
    const split = measured([bunHono]);
    expect(split.runtimeRatio).toBeCloseTo(9, 0);
    expect(split.frameworkRatio).toBeCloseTo(1.9, 1);
    expect(split.runtimeCiLow).toBeLessThan(9);
    expect(split.runtimeCiHigh).toBeGreaterThan(9);
    expect(split.path).toEqual(["bun/hono"]);
    expect(split.interactionRatio).toBeNull();
  });

  test("the other corner gives the other path", () => {
    const split = measured([nodeElysia]);
    expect(split.runtimeRatio).toBeCloseTo(6, 0);
    expect(split.frameworkRatio).toBeCloseTo(2.85, 1);
    expect(split.path).toEqual(["node/elysia"]);
  });

  test("both corners: each factor is the geometric mean of its paths, and the interaction is named", () => {
    const split = measured([nodeElysia, bunHono]);
    const throughBun = measured([bunHono]);
    const throughNode = measured([nodeElysia]);
    expect(split.runtimeRatio).toBeCloseTo(Math.sqrt(throughBun.runtimeRatio * throughNode.runtimeRatio), 10);
    expect(split.frameworkRatio).toBeCloseTo(
      Math.sqrt(throughBun.frameworkRatio * throughNode.frameworkRatio),
      10,
    );
    // 1.9 on bun against 2.85 on node.
    expect(split.interactionRatio ?? 0).toBeCloseTo(
      throughBun.frameworkRatio / throughNode.frameworkRatio,
      10,
    );
    expect(split.interactionCiHigh ?? 1).toBeLessThan(1);
    expect(split.path).toEqual(["bun/hono", "node/elysia"]);
  });

  test("the factors multiply to the total, which is the pair's own ratio, on every path", () => {
    const pair = pairedRatio(bunElysia.perRound, nodeHono.perRound);
    if (pair.status !== "measured") throw new Error(pair.why);
    for (const others of [[bunHono], [nodeElysia], [bunHono, nodeElysia]]) {
      const split = measured(others);
      expect(split.runtimeRatio * split.frameworkRatio).toBeCloseTo(split.totalRatio, 8);
      expect(split.totalRatio).toBeCloseTo(pair.ratio, 8);
      expect(split.totalCiLow).toBeCloseTo(pair.ciLow, 8);
    }
  });

  test("swapping the pair inverts the factors", () => {
    const swapped = decompose(nodeHono, bunElysia, [bunHono, nodeElysia]);
    const split = measured([bunHono, nodeElysia]);
    if (swapped.status !== "measured") throw new Error(swapped.why);
    expect(swapped.runtimeRatio * split.runtimeRatio).toBeCloseTo(1, 10);
    expect(swapped.frameworkCiLow * split.frameworkCiHigh).toBeCloseTo(1, 10);
  });

  test("a round counts only where every corner has it", () => {
    const gap = { ...bunHono, perRound: bunHono.perRound.with(3, null) };
    expect(measured([gap]).rounds).toBe(11);
  });

  test("withholds with the reason where the factors cannot be distinguished", () => {
    const nodeWs = cell("node", "ws", 1.3);
    expect(decompose(bunElysia, nodeHono, [nodeWs])).toEqual({
      status: "withheld",
      code: "no-bridge",
      why: "no candidate is hono on bun or elysia on node, so the two factors cannot be told apart",
    });
    expect(decompose(nodeWs, nodeHono, [])).toMatchObject({ code: "same-runtime" });
    expect(decompose(bunHono, nodeHono, [])).toMatchObject({ code: "same-framework" });
    const empty = { ...bunHono, perRound: bunHono.perRound.map(() => null) };
    expect(decompose(bunElysia, nodeHono, [empty])).toMatchObject({ code: "too-few-rounds" });
    const zero = { ...bunHono, perRound: bunHono.perRound.with(0, 0) };
    expect(decompose(bunElysia, nodeHono, [zero])).toMatchObject({ code: "not-positive" });
  });
});
