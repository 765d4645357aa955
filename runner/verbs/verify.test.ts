import { expect, test } from "bun:test";
import { verification } from "../../schemas/verification.ts";
import type { Probing } from "../candidates/custom/probe.ts";
import { planFrom } from "../fixtures/planned.ts";
import { verificationTable, verifyOne } from "./verify.ts";

const argv = ["--candidates", "bun/serve,mine", "--candidate", "mine=x", "--workloads", "echo,push"];
const plan = planFrom(...argv);
const [program, own] = ["bun/serve", "mine"].map((name) => plan.candidates.find((c) => c.name === name)!);

/** A bench whose server passes what `passes` says; null is one that does not start. */
function benchOf(passes: ((service: string) => boolean) | null): Probing {
  return {
    start: async () =>
      passes === null
        ? { failure: { phase: "start", reason: "it would not start", stderr: [] } }
        : { server: { startupNs: null, ready: null, alive: () => true, hold: null, stop: async () => null } },
    open: async (_, { id }) =>
      passes?.(id) === true
        ? {
            cell: {
              warmUp: { connectMs: 0, warmUpMs: 0 },
              window: async () => ({ measurement: {} as never }),
              close: async () => undefined,
            },
          }
        : { failure: { phase: "verify", reason: "other bytes came back", stderr: [] } },
  };
}

const services = ["echo/raw", "echo/json", "echo/sbe", "push/json"];
const notPush = (service: string) => service !== "push/json";

test("a candidate passes where everything that it declares does", async () => {
  const found = await verifyOne(
    program!,
    plan,
    benchOf(() => true),
  );
  expect(found).toMatchObject({ status: "passed", reason: null, passed: services, failed: [] });
});

test("what it declares and does not do is a failure, and of one's own server is none", async () => {
  const fault = [{ service: "push/json", reason: "other bytes came back" }];
  expect(await verifyOne(program!, plan, benchOf(notPush))).toMatchObject({
    status: "failed",
    failed: fault,
  });
  expect(await verifyOne(own!, plan, benchOf(notPush))).toMatchObject({
    status: "passed",
    failed: [],
    notServed: fault,
  });
});

test("one that does not start has failed, and one that cannot run here is unavailable", async () => {
  expect(await verifyOne(program!, plan, benchOf(null))).toMatchObject({
    status: "failed",
    reason: "it would not start",
  });
  expect(
    await verifyOne(program!, plan, benchOf(null), { reason: "no runtime", nextStep: "install it" }),
  ).toMatchObject({ status: "unavailable", reason: "no runtime; install it" });
});

test("the table fits, and its notes say why", async () => {
  const candidates = [
    await verifyOne(
      program!,
      plan,
      benchOf(() => true),
    ),
    {
      ...(await verifyOne(
        program!,
        plan,
        benchOf(() => false),
      )),
      id: "bad",
    },
    await verifyOne(own!, plan, benchOf(notPush)),
  ];
  const found = verification.parse({ candidates, interrupted: false });
  const lines = verificationTable(found, 80).split("\n");
  expect(lines.slice(0, 9)).toEqual([
    "id         verified  services  notes",
    "---------  --------  --------  -----",
    "bun/serve  passed    4 of 4    none",
    "bad        failed    0 of 4    1, 2",
    "mine       passed    3 of 4    3",
    "",
    "1  bad: it serves none of the services; echo/raw: other bytes came back",
    "2  echo/raw, echo/json, echo/sbe, push/json: other bytes came back",
    "3  push/json: other bytes came back",
  ]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});
