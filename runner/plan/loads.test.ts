import { describe, expect, test } from "bun:test";
import { planErrorOf, planFrom } from "../fixtures/planned.ts";

describe("--payload and --subscribers", () => {
  test("give each cell that has the parameter once for each level, and leave the others", () => {
    const ids = (...argv: string[]) => planFrom("--profile", "quick", ...argv).cells.map(({ id }) => id);
    expect(ids("--workloads", "push", "--payload", "200,4096")).toEqual([
      "push/json/200B/c8",
      "push/json/4096B/c8",
    ]);
    const raw = ids("--workloads", "echo/raw/*", "--payload", "512");
    expect(raw).toEqual(["echo/raw/512B/c1w1", "echo/raw/512B/c32w32"]);
    expect(ids("--workloads", "echo", "--payload", "512")).toContain("echo/json/c4w128");
    expect(ids("--workloads", "fanout", "--subscribers", "3,7").every((id) => /\/s[37]@/.test(id))).toBe(
      true,
    );
  });

  test("refuse a level that is given twice or is none, by the flag", () => {
    expect(planErrorOf("--payload", "64,64")).toContain("--payload: must name each level once, got 64 twice");
    expect(planErrorOf("--payload", "7")).toContain("--payload: must be 8..");
    expect(planErrorOf("--subscribers", "0")).toContain("--subscribers: must be 1..");
    expect(planErrorOf("--tls", "yes")).toContain("--tls: must be one of off, on, got yes");
  });

  test.each([
    [["--payload", "64,1024"], "feed", "push"],
    [["--subscribers", "5"], "echo", "fanout"],
    [["--symbols", "20"], "echo", "feed"],
    [["--connections", "100"], "feed", "connections"],
  ])("%p is refused where no chosen cell has it, naming those that do", (flags, workload, named) => {
    const said = planErrorOf(...flags, "--workloads", workload);
    expect(said).toStartWith(
      `${flags[0]}: must be for a cell that is measured, got ${flags[1]} with --workloads ${workload}; leave it out, or measure one of `,
    );
    expect(said.split("one of ")[1]).toContain(named);
    expect(planErrorOf(...flags, "--workloads", named)).toBe("none");
  });
});

describe("--tls and --deflate", () => {
  const names = (...argv: string[]) =>
    planFrom("--candidates", "bun/serve", ...argv).candidates.map(({ name }) => name);

  test("run each candidate at each level, the first one being what a run is compared with", () => {
    expect(names("--tls", "off,on")).toEqual(["bun/serve", "bun/serve+tls", "bun/serve#2"]);
    expect(names("--tls", "on")).toEqual(["bun/serve+tls", "bun/serve+tls#2"]);
    expect(names("--tls", "off,on", "--deflate", "off,on")).toEqual([
      ...["bun/serve", "bun/serve+deflate", "bun/serve+tls", "bun/serve+tls+deflate"],
      "bun/serve#2",
    ]);
  });

  test("tell a feature against the candidate that lacks it alone", () => {
    const { candidates } = planFrom("--candidates", "bun/serve", "--tls", "off,on", "--deflate", "off,on");
    expect(candidates.find(({ name }) => name === "bun/serve+tls+deflate")?.contrasts).toEqual([
      { factor: "tls", against: "bun/serve+deflate" },
      { factor: "deflate", against: "bun/serve+tls" },
    ]);
    expect(candidates.find(({ name }) => name === "bun/serve+tls#2")?.contrasts).toBeUndefined();
  });

  test("leave a candidate that has no way to a feature unserved, with the reason", () => {
    const { candidates } = planFrom("--candidates", "node/elysia", "--deflate", "off,on");
    const without = candidates.find(({ name }) => name === "node/elysia+deflate");
    expect(without?.serves).toEqual([]);
    expect(without?.notServed.some(({ reason }) => reason.includes("permessage-deflate"))).toBe(true);
  });
});

describe("--server-cores", () => {
  test("runs each candidate in so many processes, compared with the fewest", () => {
    const { candidates } = planFrom("--candidates", "bun/serve", "--tls", "off,on", "--server-cores", "4,2");
    const told = candidates.map(({ name, contrasts = [] }) => [
      name,
      ...contrasts.map(({ factor, against }) => `${factor} ${against}`),
    ]);
    expect(told).toEqual([
      ["bun/serve+4-cores", "cores bun/serve+2-cores"],
      ["bun/serve+2-cores"],
      ["bun/serve+tls+4-cores", "tls bun/serve+4-cores", "cores bun/serve+tls+2-cores"],
      ["bun/serve+tls+2-cores", "tls bun/serve+2-cores"],
      ["bun/serve+4-cores#2"],
    ]);
    expect(planErrorOf("--server-cores", "0")).toContain("--server-cores: must be 1..64");
  });

  test("are not served by what keeps its subscribers in one process, with the reason", () => {
    const { candidates } = planFrom("--candidates", "python/aiohttp-uvloop", "--server-cores", "1,2");
    const two = candidates.find(({ name }) => name === "python/aiohttp-uvloop+2-cores");
    expect(two?.serves).toEqual([]);
    expect(two?.notServed.some(({ reason }) => reason.includes("one process"))).toBe(true);
  });
});

describe("what is a figure of the runtime", () => {
  test("is measured on the first candidate of each, with the reason at the others, and only where it is named", () => {
    const { candidates, cells } = planFrom(
      ...["--candidates", "bun/serve,bun/ws,node/ws,node/hono,python/aiohttp-uvloop"],
      ...["--workloads", "codec", "--profile", "quick"],
    );
    const measured = candidates.filter(({ serves }) => serves.length > 0).map(({ name }) => name);
    expect(measured).toEqual(["node/ws", "bun/serve", "bun/serve#2"]);
    const reasons = candidates.map(({ notServed }) => notServed[0]?.reason ?? "");
    expect(reasons.filter((reason) => reason.includes("under node/ws"))).toHaveLength(1);
    expect(reasons.filter((reason) => reason.includes("JavaScript"))).toHaveLength(1);
    expect(cells).toHaveLength(24);
    for (const profile of ["standard", "open"]) {
      expect(planFrom("--profile", profile).cells.some(({ spec }) => spec.workload === "codec")).toBe(false);
    }
  });
});
