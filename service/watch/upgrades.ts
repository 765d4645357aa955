import type { Database } from "bun:sqlite";
import { z } from "zod";

/** A run that measures old and new of something in one sitting. */
const upgradeRow = z.object({
  run: z.string(),
  cause: z.enum(["upgrade", "suspicion"]),
  subject: z.string(),
  from: z.string(),
  to: z.string(),
});
export type Upgrade = z.infer<typeof upgradeRow>;

/** What the registry had, when it was asked last. */
const newestRow = z.object({
  name: z.string(),
  pinned: z.string(),
  newest: z.string().nullable(),
  checkedAt: z.string(),
});
export type NewestRow = z.infer<typeof newestRow>;

const columns = 'run, cause, subject, from_version AS "from", to_version AS "to"';

/** The upgrade watch's part of the store. */
export class Upgrades {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  add({ run, cause, subject, from, to }: Upgrade): void {
    this.#db
      .query(
        "INSERT INTO upgrade (run, cause, subject, from_version, to_version) VALUES ($run, $cause, $subject, $from, $to)",
      )
      .run({ run, cause, subject, from, to });
  }

  /** The newest first. */
  all(): Upgrade[] {
    return this.#db
      .query(`SELECT ${columns} FROM upgrade ORDER BY run DESC LIMIT 100`)
      .all()
      .map((row) => upgradeRow.parse(row));
  }

  /** The newest run that measured these two together. */
  of(subject: string, from: string, to: string): Upgrade | null {
    const row = this.#db
      .query<unknown, Record<string, string>>(
        `SELECT ${columns} FROM upgrade WHERE subject = $subject AND from_version = $from AND to_version = $to ORDER BY run DESC LIMIT 1`,
      )
      .get({ subject, from, to });
    return row === null ? null : upgradeRow.parse(row);
  }

  saveNewest(rows: readonly NewestRow[]): void {
    const save = this.#db.query(
      `INSERT INTO newest (name, pinned, version, checked_at) VALUES ($name, $pinned, $newest, $checkedAt)
       ON CONFLICT (name) DO UPDATE SET pinned = excluded.pinned, version = excluded.version, checked_at = excluded.checked_at`,
    );
    this.#db.transaction(() => {
      for (const row of rows) save.run(row);
    })();
  }

  newest(): NewestRow[] {
    return this.#db
      .query("SELECT name, pinned, version AS newest, checked_at AS checkedAt FROM newest ORDER BY name")
      .all()
      .map((row) => newestRow.parse(row));
  }
}
