import { describe, expect, test } from "bun:test";
import { type CandidateListing, candidateListing, planListing } from "../../schemas/listing.ts";
import { optionsFrom, planFrom } from "../fixtures/planned.ts";
import { candidateTable, planTable } from "./list-text.ts";
import { listCandidates } from "./listing.ts";
import { listPlan } from "./plan.ts";

const everyone = await listCandidates(optionsFrom("--candidate", "mine=node server.js"));
const plan = listPlan(planFrom("--candidates", "all"));
const widest = (text: string): number => Math.max(...text.split("\n").map((line) => line.length));

describe("the list of candidates", () => {
  test("is of everyone, and what is printed as JSON parses", () => {
    const { candidates } = candidateListing.parse(JSON.parse(JSON.stringify(everyone)));
    expect(candidates.map((c) => c.id)).toContain("python/fastapi-uvloop");
    expect(candidates.find((c) => c.id === "bun/serve")).toMatchObject({
      runtime: { name: "bun", version: Bun.version },
      available: true,
      reason: null,
      sets: ["default", "core", "all"],
    });
    expect(candidates.find((c) => c.id === "mine")).toMatchObject({ serves: null, sets: [] });
  });

  test.each([80, 100, 120])("fits a terminal of %p columns", (columns) => {
    expect(widest(candidateTable(everyone, columns))).toBeLessThanOrEqual(columns);
  });

  test("gives a number for what takes a sentence, the same for the same", () => {
    const made = (id: string, changes: object): CandidateListing["candidates"][number] => ({
      id,
      runtime: { name: "node", version: "26.1.0" },
      framework: { name: "ws", version: null },
      serves: ["echo/json", "feed/json/passthrough/native"],
      available: true,
      reason: null,
      nextStep: null,
      gaps: [],
      packages: [],
      sets: [],
      ...changes,
    });
    const gaps = ["frame/a", "frame/b"].map((name) => ({ case: name, reason: "it takes both" }));
    const absent = { available: false, reason: "it is not there", nextStep: "install it" };
    const text = candidateTable(
      { candidates: [made("a", absent), made("b", { gaps }), made("c", { ...absent, gaps })] },
      100,
    );
    expect(text.split("\n").slice(0, 8)).toEqual([
      "id  runtime      framework  serves        available  gaps",
      "--  -----------  ---------  ------------  ---------  ----",
      "a   node 26.1.0  ws         json +native  no (1)     none",
      "b   node 26.1.0  ws         json +native  yes        2",
      "c   node 26.1.0  ws         json +native  no (1)     2",
      "",
      "1  it is not there; install it",
      "2  it takes both (frame/a, frame/b)",
    ]);
  });
});

describe("the plan", () => {
  test("parses as JSON", () => {
    const parsed = planListing.parse(JSON.parse(JSON.stringify(plan)));
    expect(parsed.plan).toEqual(plan.plan);
    expect(parsed.expectedMs).toBeGreaterThan(0);
  });

  test.each([80, 100, 120])("fits a terminal of %p columns", (columns) => {
    const text = planTable(plan, columns);
    expect(widest(text)).toBeLessThanOrEqual(columns);
    expect(text).toContain("all but");
    expect(text.match(/bun\/serve#2/g)).toHaveLength(1);
  });
});
