import { expect, test } from "bun:test";
import { Abandoned, Gate } from "./gate.ts";

const why = "the runner opened cell 2 and had not let cell 1 go on";

test("a wait that is given up, and each one after it, says why", async () => {
  const gate = new Gate();
  const told: string[] = [];
  const first = gate.wait(() => told.push("first"));
  gate.giveUp(new Abandoned(why));
  expect(first).rejects.toThrow(`the cell was abandoned: ${why}`);
  await first.catch(() => undefined);
  expect(gate.wait(() => told.push("second"))).rejects.toThrow(why);
  // Whoever is told of a wait would let it go on.
  expect(told).toEqual(["first"]);
});

test("a wait goes on with what it is given", async () => {
  const gate = new Gate();
  const waits = gate.wait(() => undefined);
  gate.open({ startAtNs: null, clockBoundNs: 3, warmUpSent: 7 });
  expect(await waits).toMatchObject({ clockBoundNs: 3, warmUpSent: 7 });
});
