import { expect, test } from "bun:test";
import { fileDoors } from "./file-door.ts";
import { type Door, fuzz } from "./fuzz.ts";
import { schemaDoors } from "./schema-door.ts";
import { serverDoors } from "./server-door.ts";

/** A part of what `bench/fuzz.ts` puts in: the seed is fixed, so that a failure here is one of the change at hand. */
const inputs = 3000;

async function failuresOf(doors: readonly Door[]): Promise<string[]> {
  const unhandled: unknown[] = [];
  const keep = (error: unknown) => void unhandled.push(error);
  process.on("unhandledRejection", keep);
  try {
    const failures = await fuzz(doors, inputs, 1);
    return [
      ...failures.map(({ door, input, error }) => `${door} ${input}: ${error}`),
      ...unhandled.map(String),
    ];
  } finally {
    process.off("unhandledRejection", keep);
    for (const door of doors) await door.close?.();
  }
}

/** Thousands of inputs on a machine that may be busy with others. */
const patienceMs = 60_000;

test(
  "nothing that a server sends ends a process of ours",
  async () => {
    expect(await failuresOf(serverDoors())).toEqual([]);
  },
  patienceMs,
);

test(
  "nothing that a file holds ends a process of ours",
  async () => {
    expect(await failuresOf(fileDoors())).toEqual([]);
  },
  patienceMs,
);

test(
  "nothing that another process or a client asks ends a process of ours",
  async () => {
    expect(await failuresOf(schemaDoors())).toEqual([]);
  },
  patienceMs,
);

test("a door that throws what is not meant for it is reported, with the input that does it again", async () => {
  const broken: Door = {
    name: "broken",
    try: (random) => {
      if (random.below(50) === 0) throw new RangeError("beyond the end");
    },
  };
  const failures = await fuzz([broken], 1000, 5);
  expect(failures).toHaveLength(10);
  const again = await fuzz([broken], failures[0]!.input + 1, 5);
  expect(again.map(({ input }) => input)).toEqual([failures[0]!.input]);
});
