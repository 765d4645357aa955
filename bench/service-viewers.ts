/**
 * Whether watching a run disturbs it: the CPU time that other processes took in its windows, of runs that nobody watches against runs
 * that 20 pages watch, in turn. `bun run bench/service-viewers.ts [PAIRS]` (3) prints the table of docs/SERVICE.md.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runEvent } from "../schemas/event.ts";
import { runSummary } from "../service/api/run.ts";
import { hasEnded, startService } from "../service/fixtures/service.ts";

const pairs = Number(process.argv[2] ?? 3);
const viewers = 20;
const request = {
  profile: "quick",
  candidates: ["bun/serve", "node/ws"],
  workloads: ["feed/json/passthrough/send/s10"],
  rounds: 3,
  force: true,
};

const folder = mkdtempSync(join(tmpdir(), "tickbench-viewers-"));
const service = await startService(folder);
try {
  const shares: Record<number, number[]> = { 0: [], [viewers]: [] };
  const discarded: Record<number, number> = { 0: 0, [viewers]: 0 };
  for (let i = 0; i < 2 * pairs; i += 1) {
    const watching = i % 2 === 0 ? 0 : viewers;
    const { id } = runSummary.parse(await (await service.post("/api/v1/runs", request)).json());
    const others = Array.from({ length: watching }, () => service.watchIds(id));
    // Somebody has to know of its end; who hears of states alone is sent nothing while it is measured.
    await service.watch("/api/v1/live", (m) => hasEnded(m) && m.kind === "run" && m.run.id === id);
    await Promise.all(others);
    for (const event of eventsOf(id)) {
      if (event.type !== "window-finished") continue;
      if (!event.counted) discarded[watching] = (discarded[watching] ?? 0) + 1;
      for (const core of event.measurement.cores) shares[watching]?.push(core.foreignNs / core.elapsedNs);
    }
  }
  console.log(
    "| viewers | windows × cores | foreign CPU, median | p90 | windows discarded |\n| --- | --- | --- | --- | --- |",
  );
  for (const count of [0, viewers]) {
    const sorted = (shares[count] ?? []).toSorted((a, b) => a - b);
    const pct = (q: number) => `${(100 * (sorted[Math.floor(q * (sorted.length - 1))] ?? 0)).toFixed(3)} %`;
    console.log(`| ${count} | ${sorted.length} | ${pct(0.5)} | ${pct(0.9)} | ${discarded[count]} |`);
  }
} finally {
  await service.end();
  rmSync(folder, { recursive: true });
}

function eventsOf(id: string) {
  const runFolder = join(folder, "runs", id);
  const [made = ""] = readdirSync(runFolder).filter((name) => name.includes("Z-"));
  const lines = readFileSync(join(runFolder, made, "events.ndjson"), "utf8")
    .trim()
    .split("\n");
  return lines.map((line) => runEvent.parse(JSON.parse(line)));
}
