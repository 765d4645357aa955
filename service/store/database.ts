import { Database } from "bun:sqlite";
import { closeSync, existsSync, mkdirSync, openSync, readSync } from "node:fs";
import { dirname } from "node:path";
import { CommandError } from "../../reports/command-error.ts";
import { type Migration, migrations } from "./migrations.ts";

/** What is wrong with the database, in one line that names the file and what to do. */
export class StoreError extends CommandError {
  override readonly name = "StoreError";
}

/** Marks a file as ours: "tick" in ASCII, as SQLite's application id. */
const applicationId = 0x7469636b;
const magic = "SQLite format 3\0";
/** How long one process waits for another that writes, in ms. */
const busyMs = 5000;

/**
 * Opens the store's database, makes it where there is none, and brings an older one up to date, each step whole or not at all. A file
 * of another kind, a damaged one or one of a newer tickbench is refused and left as it is. Throws StoreError.
 */
export function openDatabase(path: string, steps: readonly Migration[] = migrations): Database {
  refuseOther(path);
  const found = existsSync(path);
  const db = orStoreError(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    return new Database(path, { create: true, readwrite: true, strict: true });
  });
  try {
    return orStoreError(path, () => {
      db.run(`PRAGMA busy_timeout = ${busyMs}`);
      if (found) judge(db, path, steps.length);
      db.run("PRAGMA journal_mode = WAL");
      db.run("PRAGMA synchronous = NORMAL");
      db.run("PRAGMA foreign_keys = ON");
      migrate(db, steps);
      return db;
    });
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A file that is no SQLite database is not opened at all. */
function refuseOther(path: string): void {
  if (!existsSync(path)) return;
  const head = orStoreError(path, () => {
    const file = openSync(path, "r");
    try {
      const bytes = Buffer.alloc(magic.length);
      return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0)).toString("latin1");
    } finally {
      closeSync(file);
    }
  });
  if (head !== "" && head !== magic) {
    throw new StoreError(
      `--db: ${path}: must be a database of tickbench, got another kind of file; ${remedy}`,
    );
  }
}

const remedy = "name another file, or put a backup in its place";

function judge(db: Database, path: string, newest: number): void {
  const id = numberOf(db, "application_id");
  const version = numberOf(db, "user_version");
  const tables = db.query<{ n: number }, []>("SELECT count(*) AS n FROM sqlite_schema").get()?.n ?? 0;
  // What was killed before its first step is empty still.
  if (id === 0 && version === 0 && tables === 0) return;
  if (id !== applicationId) {
    throw new StoreError(
      `--db: ${path}: must be a database of tickbench, got one of another program; ${remedy}`,
    );
  }
  if (version > newest) {
    throw new StoreError(
      `--db: ${path}: must be of version ${newest} at most, got ${version}; use the tickbench that wrote it, or a newer one`,
    );
  }
  const check = db.query<{ quick_check: string }, []>("PRAGMA quick_check(1)").get()?.quick_check;
  if (check !== "ok") throw damaged(path, check ?? "nothing");
}

const numberOf = (db: Database, pragma: "application_id" | "user_version"): number =>
  Object.values(db.query<Record<string, number>, []>(`PRAGMA ${pragma}`).get() ?? {})[0] ?? 0;

/** A step and its number are one transaction: what is killed between them finds neither. */
function migrate(db: Database, steps: readonly Migration[]): void {
  for (;;) {
    const done = db
      .transaction(() => {
        const version = numberOf(db, "user_version");
        const step = steps[version];
        if (step === undefined) return true;
        step(db);
        db.run(`PRAGMA application_id = ${applicationId}`);
        db.run(`PRAGMA user_version = ${version + 1}`);
        return false;
      })
      // Taken before the version is read: of two services that start at once, one finds the other's step done.
      .immediate();
    if (done) return;
  }
}

function orStoreError<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof CommandError || !(error instanceof Error && "code" in error)) throw error;
    const code = String(error.code);
    if (/SQLITE_(CORRUPT|NOTADB)/.test(code)) throw damaged(path, code, error);
    throw new StoreError(`--db: ${path}: must be a file that can be read and written, got ${code}`, {
      cause: error,
    });
  }
}

const damaged = (path: string, why: string, cause?: Error): StoreError =>
  new StoreError(`--db: ${path}: must be whole, got ${why}; ${remedy} (docs/SERVICE.md, Backup)`, { cause });

/**
 * Takes the one place of a service beside a database, for as long as this process lives: two would measure at once. The kernel gives it
 * back however the process ends. Throws StoreError where another service has it.
 */
export function holdPlace(path: string): { readonly release: () => void } {
  const lock = orStoreError(path, () => new Database(`${path}.lock`, { create: true, readwrite: true }));
  try {
    lock.run("PRAGMA locking_mode = EXCLUSIVE");
    lock.run("BEGIN EXCLUSIVE");
  } catch (cause) {
    lock.close();
    throw new StoreError(
      `--db: ${path}: must not be in use by another service; stop that one, or choose another database`,
      { cause },
    );
  }
  return { release: () => lock.close() };
}
