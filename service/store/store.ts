import type { Database } from "bun:sqlite";
import { reportJson } from "../../reports/json.ts";
import { readStoredText } from "../../reports/read-report.ts";
import { comparedCandidates } from "../../reports/view.ts";
import { headline } from "../../reports/wording.ts";
import type { Report } from "../../schemas/report.ts";
import type { ListQuery, Progress, RunState, RunSummary } from "../api/run.ts";
import type { StartRun } from "../api/start.ts";
import { figuresOf } from "./figures.ts";
import { type factsSchema, type RunRow, rowSchema } from "./row.ts";

type Values = Record<string, string | number | null>;

/** What came of giving the store a report. */
export type Stored =
  | { readonly kind: "new" | "known"; readonly id: string }
  /** Another report of the same run, e.g. decided by another policy, stands under `id`. */
  | { readonly kind: "taken"; readonly id: string };

export type Origin = RunSummary["origin"];
export type ProblemOfRun = NonNullable<RunSummary["problem"]>;

/** Whether SQLite could not write, which is the disk's fault or another process's; what is stored stays whole. */
export const isUnwritable = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Error && "code" in error && /^SQLITE_(FULL|IOERR|READONLY|BUSY)/.test(String(error.code));

/** Runs and their reports. Every change is one transaction. */
export class Store {
  readonly db: Database;
  readonly #now: () => Date;

  constructor(db: Database, now: () => Date = () => new Date()) {
    this.db = db;
    this.#now = now;
  }

  close(): void {
    try {
      // A copy of the one file is a whole backup then.
      this.db.run("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (error) {
      // Where the disk is full the log keeps what it has, and is read with the file.
      if (!isUnwritable(error)) throw error;
    } finally {
      this.db.close();
    }
  }

  /** Puts a run that was asked for at the end of the queue. */
  queue(request: StartRun, origin: Origin = "started"): string {
    const at = this.#now().toISOString();
    const id = runIdOf(at, request.profile, randomHex());
    this.db
      .query(
        `INSERT INTO run (id, state, origin, label, created_at, sorted_at, queued_at, profile, seed, request)
         VALUES ($id, 'queued', $origin, $label, $at, $at, $at, $profile, $seed, $request)`,
      )
      .run({
        id,
        origin,
        label: request.label ?? null,
        at,
        profile: request.profile,
        seed: request.seed,
        request: JSON.stringify(request),
      });
    return id;
  }

  /** Puts a run that was cut at the end of the queue; false where it is not one. */
  requeue(id: string): boolean {
    const { changes } = this.db
      .query(
        `UPDATE run SET state = 'queued', queued_at = $at, ended_at = NULL, problem_code = NULL, problem_text = NULL
         WHERE id = $id AND folder IS NOT NULL AND state IN ('failed', 'cancelled', 'interrupted')`,
      )
      .run({ id, at: this.#now().toISOString() });
    return changes === 1;
  }

  /** The run that is next; null where none waits. */
  next(): RunRow | null {
    return this.#row("WHERE state = 'queued' ORDER BY queued_at, id LIMIT 1", {});
  }

  waiting(): number {
    return this.#count("WHERE state = 'queued'", {});
  }

  begin(id: string): void {
    this.db
      .query(
        "UPDATE run SET state = 'running', queued_at = NULL, started_at = coalesce(started_at, $at) WHERE id = $id",
      )
      .run({ id, at: this.#now().toISOString() });
  }

  /** Remembers where the record of a run is, below the runs' folder. */
  found(id: string, folder: string): void {
    this.db.query("UPDATE run SET folder = $folder WHERE id = $id").run({ id, folder });
  }

  end(id: string, state: RunState, problem: ProblemOfRun | null): void {
    this.db
      .query(
        `UPDATE run SET state = $state, queued_at = NULL, ended_at = $at, problem_code = $code, problem_text = $text WHERE id = $id`,
      )
      .run({
        id,
        state,
        at: this.#now().toISOString(),
        code: problem?.code ?? null,
        text: problem?.text ?? null,
      });
  }

  running(): RunRow[] {
    return this.#rows("WHERE state = 'running'", {});
  }

  get(id: string): RunRow | null {
    return this.#row("WHERE id = $id", { id });
  }

  /** Removes a run with its report and figures; false where there is none that has ended. */
  delete(id: string): boolean {
    return (
      this.db.query("DELETE FROM run WHERE id = $id AND state NOT IN ('queued', 'running')").run({ id })
        .changes > 0
    );
  }

  /** A page of runs, the newest first, and how many there are in all. */
  list(query: ListQuery): { readonly rows: RunRow[]; readonly total: number; readonly next: string | null } {
    const [where, values] = filterOf(query);
    const total = this.#count(where, values);
    const after = query.before === undefined ? null : this.get(query.before);
    const page =
      after === null
        ? where
        : `${where === "" ? "WHERE" : `${where} AND`} (sorted_at, id) < ($sortedAt, $before)`;
    const cursor = after === null ? {} : { sortedAt: after.sorted_at, before: after.id };
    const rows = this.#rows(`${page} ORDER BY sorted_at DESC, id DESC LIMIT ${query.limit + 1}`, {
      ...values,
      ...cursor,
    });
    const shown = rows.slice(0, query.limit);
    return { rows: shown, total, next: rows.length > query.limit ? (shown.at(-1)?.id ?? null) : null };
  }

  /** Keeps the report of a run of this service, in place of what an earlier part of it gave. */
  saveReport(id: string, report: Report): void {
    this.db.transaction(() => this.#write(id, report, hashOf(report))).immediate();
  }

  /** Takes a report from elsewhere. The same one again is the same run; another report of the same run is refused. */
  importReport(report: Report): Stored {
    const sha256 = hashOf(report);
    return this.db
      .transaction((): Stored => {
        const known = this.#row("WHERE sha256 = $sha256", { sha256 });
        if (known !== null) return { kind: "known", id: known.id };
        const { run } = report;
        const taken = this.#row("WHERE report_id = $report AND report_started_at = $at", {
          report: run.id,
          at: run.startedAt,
        });
        if (taken !== null) return { kind: "taken", id: taken.id };
        const startedAt = new Date(run.startedAt).toISOString();
        const id = runIdOf(startedAt, run.profile, sha256.slice(0, 6));
        this.db
          .query(
            `INSERT INTO run (id, state, origin, created_at, started_at, ended_at, sorted_at, profile, seed)
             VALUES ($id, 'finished', 'imported', $now, $at, $ended, $at, $profile, $seed)`,
          )
          .run({
            id,
            now: this.#now().toISOString(),
            at: startedAt,
            ended: endOf(report),
            profile: run.profile,
            seed: run.seed,
          });
        this.#write(id, report, sha256);
        return { kind: "new", id };
      })
      .immediate();
  }

  /** The stored report of a run; null where it has none. */
  report(id: string): Report | null {
    const found = this.db
      .query<{ body: Uint8Array }, { id: string }>("SELECT body FROM report WHERE run = $id")
      .get({ id });
    if (found === null) return null;
    return readStoredText(Buffer.from(Bun.zstdDecompressSync(found.body)).toString("utf8"), id);
  }

  /** Places in the queue by id, 1 being the next. */
  places(): ReadonlyMap<string, number> {
    const rows = this.db
      .query<{ id: string }, []>("SELECT id FROM run WHERE state = 'queued' ORDER BY queued_at, id")
      .all();
    return new Map(rows.map(({ id }, i) => [id, i + 1]));
  }

  #write(id: string, report: Report, sha256: string): void {
    const { run, decision, host } = report;
    const candidates = comparedCandidates(report).map((c) => c.id);
    const facts: typeof factsSchema._input = {
      candidates,
      machine: { cpu: host.cpu, cores: host.cores, kernel: host.kernel },
      toolVersion: run.toolVersion,
      rounds: run.roundsRun,
      policy: decision.policy,
      outcome: decision.outcome,
      recommended: decision.recommended,
      answer: decision.answer,
    };
    this.db
      .query(
        `UPDATE run SET report_id = $reportId, report_started_at = $startedAt, sha256 = $sha256, facts = $facts, headline = $headline
         WHERE id = $id`,
      )
      .run({
        id,
        reportId: run.id,
        startedAt: run.startedAt,
        sha256,
        facts: JSON.stringify(facts),
        headline: headline(decision),
      });
    this.db
      .query(
        "INSERT INTO report (run, body) VALUES ($id, $body) ON CONFLICT (run) DO UPDATE SET body = excluded.body",
      )
      .run({ id, body: Bun.zstdCompressSync(reportJson(report)) });
    this.db.query("DELETE FROM candidate WHERE run = $id").run({ id });
    const named = this.db.query("INSERT OR IGNORE INTO candidate (run, name) VALUES ($id, $name)");
    for (const name of candidates) named.run({ id, name });
    this.db.query("DELETE FROM figure WHERE run = $id").run({ id });
    const figure = this.db.query(
      `INSERT OR IGNORE INTO figure (candidate, cell, metric, run, median, ci_low, ci_high, is_bound, runtime, framework)
       VALUES ($candidate, $cell, $metric, $run, $median, $ciLow, $ciHigh, $isBound, $runtime, $framework)`,
    );
    for (const one of figuresOf(report)) figure.run({ ...one, run: id, isBound: one.isBound ? 1 : 0 });
  }

  #rows(tail: string, values: Values): RunRow[] {
    return this.db
      .query<unknown, Values>(`SELECT * FROM run ${tail}`)
      .all(values)
      .map((row) => rowSchema.parse(row));
  }

  #row(tail: string, values: Values): RunRow | null {
    return this.#rows(tail, values)[0] ?? null;
  }

  #count(where: string, values: Values): number {
    const found = this.db.query<{ n: number }, Values>(`SELECT count(*) AS n FROM run ${where}`).get(values);
    return found?.n ?? 0;
  }
}

/** The row as the API reports it. */
export function summaryOf(
  row: RunRow,
  place: number | null = null,
  progress: Progress | null = null,
): RunSummary {
  const { facts, request } = row;
  return {
    id: row.id,
    state: row.state,
    origin: row.origin,
    label: row.label,
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    reportId: row.report_id,
    profile: row.profile,
    seed: row.seed,
    candidates: facts?.candidates ?? request?.candidates ?? [],
    machine: facts?.machine ?? null,
    toolVersion: facts?.toolVersion ?? null,
    rounds: facts?.rounds ?? null,
    policy: facts?.policy ?? null,
    outcome: facts?.outcome ?? null,
    recommended: facts?.recommended ?? null,
    headline: row.headline,
    hasReport: facts !== null,
    canResume: row.folder !== null && ["failed", "cancelled", "interrupted"].includes(row.state),
    problem: row.problem_code === null ? null : { code: row.problem_code, text: row.problem_text ?? "" },
    place,
    progress,
  };
}

function filterOf(query: ListQuery): [string, Values] {
  const { state, origin, profile, candidate, text, from, to } = query;
  const wanted: (readonly [string, string, string | undefined])[] = [
    ["state", "state = $state", state],
    ["origin", "origin = $origin", origin],
    ["profile", "profile = $profile", profile],
    ["candidate", "id IN (SELECT run FROM candidate WHERE name = $candidate)", candidate],
    // No pattern: a percent sign is looked for as it is.
    [
      "text",
      "(instr(lower(coalesce(label, '')), lower($text)) OR instr(id, $text) OR instr(lower(coalesce(headline, '')), lower($text)))",
      text,
    ],
    ["from", "sorted_at >= $from", from],
    ["to", "sorted_at < date($to, '+1 day')", to],
  ];
  const used = wanted.filter(([, , value]) => value !== undefined);
  const where = used.length === 0 ? "" : `WHERE ${used.map(([, clause]) => clause).join(" AND ")}`;
  return [where, Object.fromEntries(used.map(([name, , value]) => [name, value ?? null]))];
}

/** `20261129T014512Z-standard-3f9a1c`. */
const runIdOf = (at: string, profile: string, tail: string): string =>
  `${at.replace(/[-:]|\.\d+/g, "")}-${profile}-${tail}`;

const randomHex = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(3))).toString("hex");

/** Of what it says, whatever its spaces. */
const hashOf = (report: Report): string =>
  new Bun.CryptoHasher("sha256").update(JSON.stringify(report)).digest("hex");

/** A hostile duration may lie beyond what a date can be. */
function endOf({ run }: Report): string {
  const end = new Date(Date.parse(run.startedAt) + run.durationMs);
  return Number.isNaN(end.getTime()) || end.getUTCFullYear() > 9999
    ? new Date(run.startedAt).toISOString()
    : end.toISOString();
}
