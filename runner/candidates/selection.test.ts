import { describe, expect, test } from "bun:test";
import { serviceOf } from "../../schemas/cell.ts";
import { plan as planSchema } from "../../schemas/plan.ts";
import { candidates } from "../../servers/manifest.ts";
import { planFrom } from "../fixtures/planned.ts";
import { declaredPairs } from "../plan/comparison-plan.ts";
import { serves } from "../plan/schedule.ts";

const namesOf = (...argv: string[]) =>
  planFrom(...argv).candidates.flatMap((c) => (c.replicateOf === null ? [c.name] : []));

describe("versions of a runtime", () => {
  test("every candidate of the runtime runs on each, the others once", () => {
    expect(namesOf("--candidates", "node/ws,bun/serve", "--runtime", "node@26,node@24")).toEqual([
      "node/ws@24",
      "node/ws@26",
      "bun/serve",
    ]);
  });

  test("globs and sets reach all versions, or one", () => {
    const runtime = ["--runtime", "node@24,node@26"];
    expect(namesOf(...runtime, "--candidates", "node/ws@26,bun/serve")).toEqual(["node/ws@26", "bun/serve"]);
    expect(namesOf(...runtime, "--candidates", "node/*@24,!node/ws")).not.toContain("node/ws@24");
    expect(namesOf(...runtime, "--candidates", "default,!node/hono@24")).toEqual([
      "node/ws@24",
      "node/ws@26",
      "node/hono@26",
      "bun/elysia",
      "bun/serve",
    ]);
  });

  test("a star reaches over the slash of a name", () => {
    expect(namesOf("--candidates", "*")).toEqual(namesOf("--candidates", "all"));
    expect(namesOf("--candidates", "*/ws")).toEqual(["node/ws", "bun/ws"]);
    expect(namesOf("--candidates", "*,!python*,!bun/*,!node/*ws*")).toEqual([
      "node/hono",
      "node/hono-v2",
      "node/elysia",
    ]);
  });

  test("a comma between braces is the glob's own", () => {
    const wanted = ["node/ws", "bun/serve", "bun/ws"];
    expect(namesOf("--candidates", "{node,bun}/ws, bun/serve")).toEqual(wanted);
    expect(namesOf("--candidates", "{node,bun}/{ws,hono},!{node,bun}/hono")).toEqual(["node/ws", "bun/ws"]);
    expect(() => namesOf("--candidates", "bun/serve,{node,bun/ws")).toThrow(
      "--candidates: must close its braces, got {node,bun/ws",
    );
  });

  test("what upgrading brings is declared: newer against oldest, beside the reference", () => {
    const made = planFrom(
      "--candidates",
      "node/ws,bun/serve",
      "--runtime",
      "node@24,node@26,bun@1.3,bun@1.4",
    );
    expect(planSchema.parse(made)).toEqual(made);
    expect(made.reference).toBe("bun/serve@1.3");
    expect(declaredPairs(made)).toEqual([
      { a: "node/ws@24", b: "bun/serve@1.3" },
      { a: "node/ws@26", b: "bun/serve@1.3" },
      { a: "node/ws@26", b: "node/ws@24" },
      { a: "bun/serve@1.4", b: "bun/serve@1.3" },
    ]);
    expect(made.candidates.find((c) => c.replicateOf !== null)?.name).toBe("bun/serve@1.3#2");
  });

  test("without the oldest there is nothing to upgrade from", () => {
    const made = planFrom("--candidates", "node/ws@26,bun/serve", "--runtime", "node@24,node@26");
    expect(declaredPairs(made)).toEqual([{ a: "node/ws@26", b: "bun/serve" }]);
  });

  test("a runtime that nothing chosen runs on is a mistake", () => {
    expect(() => planFrom("--candidates", "node/ws", "--runtime", "bun@1.3")).toThrow(
      "on bun, got bun 1.3; see --candidates",
    );
  });
});

describe("servers of the user's own", () => {
  test("take part beside what is chosen, unless taken away", () => {
    const own = ["--candidate", "mine=node x.mjs"];
    expect(namesOf("--candidates", "bun/serve", ...own)).toEqual(["bun/serve", "mine"]);
    expect(namesOf("--candidates", "mine", ...own)).toEqual(["mine"]);
    expect(namesOf("--candidates", "bun/serve,!mine", ...own)).toEqual(["bun/serve"]);
    expect(namesOf(...own)).toContain("node/hono");
  });

  test("may not take a name that the tool has", () => {
    const taken = "is taken by a built-in candidate; choose another";
    expect(() => namesOf("--candidate", "node/ws=x")).toThrow(`--candidate: the name node/ws ${taken}`);
    expect(() => namesOf("--candidate", "core=x")).toThrow(`--candidate: the name core ${taken}`);
  });
});

test("a codec that a program leaves out reads not served, with the reason", () => {
  const made = planFrom("--candidates", "node/elysia,bun/serve", "--workloads", "echo/*,feed/*");
  const [elysia, serve] = ["node/elysia", "bun/serve"].map((id) => made.candidates.find((c) => c.id === id));
  expect(serve?.notServed).toEqual([]);
  expect(elysia?.notServed.map((n) => n.service)).toContain("feed/sbe/passthrough/send");
  for (const { service, reason } of elysia?.notServed ?? []) {
    expect(service).toMatch(/^echo\/(raw|sbe)$|^feed\/sbe\/\w+\/send$/);
    expect(reason).toContain("reads every message as text");
  }
  for (const { id, codecs, codecsReason } of candidates)
    expect([id, codecsReason !== undefined]).toEqual([id, codecs.length < 3]);
});

test("a candidate serves the cells of the services it has", () => {
  const made = planFrom("--candidates", "node/elysia,bun/serve");
  const elysia = made.candidates.find((c) => c.id === "node/elysia")!;
  for (const cell of made.cells) {
    const json = cell.spec.codec === "json" && !serviceOf(cell.spec).endsWith("native");
    expect([cell.id, serves(elysia, cell)]).toEqual([cell.id, json]);
  }
});
