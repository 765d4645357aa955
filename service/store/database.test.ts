import { Database } from "bun:sqlite";
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reportOfDay } from "../fixtures/reports.ts";
import { holdPlace, openDatabase } from "./database.ts";
import { migrations } from "./migrations.ts";
import { Store } from "./store.ts";

const folder = mkdtempSync(join(tmpdir(), "tickbench-database-"));
afterAll(() => rmSync(folder, { recursive: true }));
const newPath = () => join(folder, `${crypto.randomUUID()}.db`);

/** What opening says, and that it left the file as it was. */
function refusal(path: string): string {
  const before = readFileSync(path);
  let said = "";
  try {
    openDatabase(path).close();
  } catch (error) {
    said = error instanceof Error ? `${error.name}: ${error.message}` : "";
  }
  expect(readFileSync(path).equals(before)).toBe(true);
  return said;
}

test("a database is made with its folder, and opened again as it is", () => {
  const path = join(folder, "new", "tickbench.db");
  const store = new Store(openDatabase(path));
  const { id } = store.importReport(reportOfDay(0));
  store.close();
  const again = new Store(openDatabase(path));
  expect(again.report(id)?.run.id).toBe("day-0");
  again.close();
});

test("a file of another kind, of another program, of a newer tickbench or damaged is refused in a line, and left as it is", () => {
  const text = newPath();
  writeFileSync(text, "runs: none\n".repeat(10));
  expect(refusal(text)).toMatch(
    /^StoreError: --db: \S+: must be a database of tickbench, got another kind of file; /,
  );

  const other = newPath();
  const db = new Database(other);
  db.run("CREATE TABLE song (name TEXT)");
  db.close();
  expect(refusal(other)).toMatch(
    /^StoreError: --db: \S+: must be a database of tickbench, got one of another program; /,
  );

  const future = newPath();
  openDatabase(future, [...migrations, () => undefined]).close();
  expect(refusal(future)).toMatch(/^StoreError: --db: \S+: must be of version \d+ at most, got \d+; use /);

  const damaged = newPath();
  const store = new Store(openDatabase(damaged));
  for (let day = 0; day < 3; day += 1) store.importReport(reportOfDay(day));
  store.close();
  const bytes = readFileSync(damaged);
  bytes.fill(0x5a, 4096, bytes.length - 4096);
  writeFileSync(damaged, bytes);
  expect(refusal(damaged)).toMatch(/^StoreError: --db: \S+: must be whole, got /);
});

test("a step that fails leaves the version before it, with all that it holds", () => {
  const path = newPath();
  const store = new Store(openDatabase(path));
  const { id } = store.importReport(reportOfDay(0));
  store.close();
  const failing = [
    ...migrations,
    (db: Database) => {
      db.run("DELETE FROM run");
      throw new Error("no further");
    },
  ];
  expect(() => openDatabase(path, failing)).toThrow("no further");
  const again = new Store(openDatabase(path));
  expect(again.get(id)?.id).toBe(id);
  again.close();
});

test("one service alone has the place beside a database", () => {
  const path = newPath();
  const place = holdPlace(path);
  expect(() => holdPlace(path)).toThrow(/^--db: \S+: must not be in use by another service; /);
  place.release();
  holdPlace(path).release();
});
