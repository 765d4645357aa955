import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { markedProcesses, markName, untilNoneMarked } from "../../runner/process/fixtures/marked.ts";
import { runSummary } from "../../service/api/run.ts";
import { hasEnded, shortRun, startService } from "../../service/fixtures/service.ts";
import { openDatabase } from "../../service/store/database.ts";
import { migrations } from "../../service/store/migrations.ts";

setDefaultTimeout(90_000);

const folder = mkdtempSync(join(tmpdir(), "tickbench-death-"));
afterAll(() => rmSync(folder, { recursive: true }));
const longRun = { ...shortRun, rounds: 40 };

type Service = Awaited<ReturnType<typeof startService>>;

/** Asks for a run, and waits until something of it is measured. */
async function measuring(service: Service): Promise<string> {
  const { id } = runSummary.parse(await (await service.post("/api/v1/runs", longRun)).json());
  await service.watch(
    `/api/v1/runs/${id}/live`,
    (message) => message.kind === "events" && message.events.some(({ type }) => type === "trial-finished"),
  );
  return id;
}

const runnerOf = (id: string): number =>
  (JSON.parse(readFileSync(join(folder, "runs", id, "runner.json"), "utf8")) as { pid: number }).pid;

// Marks are found through /proc: elsewhere the test could not see what is left.
describe.skipIf(process.platform !== "linux")("a run survives", () => {
  test("the service's death, its runner's, and its end", async () => {
    const mark = crypto.randomUUID();
    const start = () => startService(folder, [], { [markName]: mark });
    const first = await start();
    const id = await measuring(first);
    expect(markedProcesses(mark)).toContain(runnerOf(id));
    first.child.kill("SIGKILL");
    await first.child.exited;

    // The next one begins at once, waits for what is left of the run, and shows it as it is.
    {
      await using second = await start();
      const seen = await second.watch(`/api/v1/runs/${id}/live`, hasEnded);
      expect(seen.at(-1)).toMatchObject({
        run: { state: "interrupted", hasReport: true, canResume: true, problem: { code: "service-ended" } },
      });
      expect(markedProcesses(mark)).toEqual([second.child.pid]);

      // Resumed, its runner is killed.
      await second.post(`/api/v1/runs/${id}/resume`);
      await second.watch(
        `/api/v1/runs/${id}/live`,
        (message) => message.kind === "events" && message.events.some(({ type }) => type === "run-resumed"),
      );
      process.kill(runnerOf(id), "SIGKILL");
      const killed = await second.watch(`/api/v1/runs/${id}/live`, hasEnded);
      expect(killed.at(-1)).toMatchObject({
        run: { state: "interrupted", problem: { code: "runner-killed" } },
      });

      // Another one is cancelled; what was measured is reported.
      const other = await measuring(second);
      await second.post(`/api/v1/runs/${other}/cancel`);
      const cancelled = await second.watch(`/api/v1/runs/${other}/live`, hasEnded);
      expect(cancelled.at(-1)).toMatchObject({ run: { state: "cancelled", hasReport: true, problem: null } });

      // And one is measured when the service is told to end.
      await measuring(second);
      expect(await second.end()).toBe(0);
    }
    expect(await untilNoneMarked(mark, 10_000)).toEqual([]);
    await using third = await start();
    const { runs } = (await (await third.ask("/api/v1/runs")).json()) as { runs: { state: string }[] };
    expect(runs.map(({ state }) => state)).toEqual(["interrupted", "cancelled", "interrupted"]);
  });

  test("a service killed in the middle of a migration leaves the version before it", async () => {
    const path = join(folder, "migrated.db");
    openDatabase(path).close();
    const child = Bun.spawn(
      [process.execPath, join(import.meta.dir, "fixtures", "stuck-migration.ts"), path],
      {
        stdin: "ignore",
        stdout: "pipe",
        stderr: "inherit",
      },
    );
    // Within its transaction, with a table made and one dropped.
    expect(new TextDecoder().decode((await child.stdout.getReader().read()).value)).toBe("within\n");
    child.kill("SIGKILL");
    await child.exited;
    const db = openDatabase(path, migrations);
    expect(Object.values(db.query<Record<string, number>, []>("PRAGMA user_version").get() ?? {})).toEqual([
      migrations.length,
    ]);
    expect(db.query("SELECT name FROM sqlite_schema WHERE name IN ('half', 'upgrade')").all()).toEqual([
      { name: "upgrade" },
    ]);
    db.close();
  });
});
