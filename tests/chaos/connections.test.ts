import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { report } from "../../schemas/report.ts";
import { compare } from "./compare.ts";

setDefaultTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), "tickbench-connections-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of the run, empty where it has none of that name. */
async function written(name: string): Promise<string> {
  const file = Bun.file(join(folder, "latest", name));
  return (await file.exists()) ? await file.text() : "";
}

test("the command ramps to 200 connections on servers of their own, and accounts for each", async () => {
  const argv = [
    "--workloads",
    "connections",
    "--candidates",
    "node/ws,bun/serve",
    "--profile",
    "smoke",
    "--rounds",
    "1",
  ];
  const more = ["--connections", "200", "--out", folder, "--force", "--keep-disturbed", "--quiet"];
  const { code } = await compare([...argv, ...more]);
  expect(code).toBe(0);
  const { results } = report.parse(JSON.parse(await written("report.json")));
  const names = results.map(({ candidate }) => candidate);
  expect(names.toSorted()).toEqual(["bun/serve", "bun/serve#2", "node/ws"]);
  for (const { cell, rounds, connections, metrics, reach } of results) {
    expect(cell).toBe("connections/json/n200");
    // In each round a ramp, a storm and three cycles.
    expect(connections?.fates).toMatchObject({ due: rounds * 1_000, opened: rounds * 1_000 });
    expect(connections?.leak.reads).toBe("too-few");
    expect(reach).toBe(1);
    expect(metrics.handshakeNsP50?.median).toBeGreaterThan(0);
    expect(metrics.connectionsHz?.median).toBeGreaterThan(0);
    // The last comes back a 200th of the second before its end.
    expect(metrics.stormNsMax?.median).toBeGreaterThan(995e6);
  }
  const text = (await written("report.md")) + (await written("details.md"));
  expect(text).toContain("RSS per idle connection");
});
