import { expect, test } from "bun:test";
import { z } from "zod";
import { policy } from "./policy.ts";
import { validate } from "./validation.ts";

const sound = {
  policyVersion: 1,
  name: "mine",
  purpose: "a test",
  weights: { latencyTail: 1, throughput: 1, cpuCost: 1, memory: 1, startup: 1 },
  prices: { currency: "USD", vcpuHour: 1, gibHour: 1 },
  require: [] as unknown[],
};

function error(changes: object): string {
  const parsed = validate(policy, { ...sound, ...changes });
  return "error" in parsed ? parsed.error.text : "none";
}

test("a sound value is given as it was parsed", () => {
  expect(validate(policy, sound)).toMatchObject({ data: { name: "mine", worthPct: 2 } });
});

test.each([
  [{ policyVersion: 2 }, "policyVersion: must be 1, got 2"],
  [{ policyVersion: undefined }, "policyVersion: must be 1, got nothing"],
  [{ name: "" }, 'name: must not be empty, got ""'],
  [{ worthPct: -1 }, "worthPct: must be at least 0, got -1"],
  [{ worthPct: "2" }, 'worthPct: must be a number, got "2"'],
  [{ prices: { ...sound.prices, vcpuHour: 0 } }, "prices.vcpuHour: must be more than 0, got 0"],
  [{ weights: { ...sound.weights, memory: undefined } }, "weights.memory: must be a number, got nothing"],
  [{ require: {} }, "require: must be a list, got {}"],
  [{ require: [{ kind: "slow" }] }, 'require[0].kind: must be one of slo, reach, memory, codec, got "slow"'],
  [
    { require: [{ kind: "slo", metric: "latencyNsP99", cells: ["*"], max: 1, min: 1 }] },
    'require[0]: needs exactly one of max and min, got {"kind":"slo","metric":"latencyNsP99","cells":["*"],"max":1,…',
  ],
  [{ extra: 1 }, '(top level): unknown field "extra"'],
])("%p is reported with its rule and its value", (changes, text) => {
  expect(error(changes)).toBe(text);
});

test("the branch of a union that came furthest is reported", () => {
  const schema = z.union([z.string(), z.object({ port: z.int().max(9) })]);
  const parsed = validate(z.array(schema), ["a", { port: 1.5 }]);
  expect(parsed).toMatchObject({ error: { text: "[1].port: must be a whole number, got 1.5" } });
});
