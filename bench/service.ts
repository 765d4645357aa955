/**
 * What the service takes for its answers over many stored runs, as its users meet it: over HTTP, on a database on the disk.
 * `bun run bench/service.ts [RUNS]` (1,000) prints the table of docs/SERVICE.md.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatBytes } from "../reports/format.ts";
import { followed, reportOfDay } from "../service/fixtures/reports.ts";
import { startService } from "../service/fixtures/service.ts";
import { openDatabase } from "../service/store/database.ts";
import { Store } from "../service/store/store.ts";

const runs = Number(process.argv[2] ?? 1000);
const repeats = 20;

const folder = mkdtempSync(join(tmpdir(), "tickbench-bench-"));
try {
  const file = join(folder, "tickbench.db");
  const store = new Store(openDatabase(file));
  const began = performance.now();
  for (let day = 0; day < runs; day += 1) {
    // A step every 250 runs, and noise of 3 % that never comes to an end.
    store.importReport(
      reportOfDay(day, 1.2 ** Math.floor(day / 250) * (1 + 0.03 * Math.sin(day * day)), {}, "whole"),
    );
  }
  const importMs = (performance.now() - began) / runs;
  store.close();
  const series = new URLSearchParams(followed);
  const service = await startService(folder);
  try {
    const asked = [
      ["a page of 50 runs", "/api/v1/runs"],
      ["the same, of one candidate", "/api/v1/runs?candidate=node%2Fws"],
      ["a trend over all runs, with its change points", `/api/v1/trend?${series}`],
      ["the list of all series", "/api/v1/series"],
    ] as const;
    console.log(
      `${runs} stored runs, ${formatBytes(statSync(file).size)}; importing one took ${importMs.toFixed(0)} ms\n`,
    );
    console.log("| answer | median | slowest of 20 | bytes |\n| --- | --- | --- | --- |");
    for (const [what, path] of asked) {
      const took: number[] = [];
      let bytes = 0;
      for (let i = 0; i < repeats; i += 1) {
        const from = performance.now();
        const answer = await service.ask(path);
        bytes = (await answer.text()).length;
        took.push(performance.now() - from);
        if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
      }
      const sorted = took.toSorted((a, b) => a - b);
      const ms = (value: number | undefined) => `${(value ?? 0).toFixed(1)} ms`;
      console.log(`| ${what} | ${ms(sorted[repeats >> 1])} | ${ms(sorted.at(-1))} | ${formatBytes(bytes)} |`);
    }
  } finally {
    await service.end();
  }
} finally {
  rmSync(folder, { recursive: true });
}
