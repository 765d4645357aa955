import type { Database } from "bun:sqlite";

/** Brings a database from one version to the next, within a transaction. */
export type Migration = (db: Database) => void;

/** Steps by the version that they begin at. A step that has been released is never changed. */
export const migrations: readonly Migration[] = [
  (db) => {
    db.run(`CREATE TABLE run (
      id TEXT PRIMARY KEY,
      state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'finished', 'failed', 'cancelled', 'interrupted')),
      origin TEXT NOT NULL CHECK (origin IN ('started', 'imported', 'watch')),
      label TEXT,
      created_at TEXT NOT NULL,
      started_at TEXT,
      ended_at TEXT,
      -- What lists are sorted by: when it began, or was asked for.
      sorted_at TEXT NOT NULL,
      -- What waits is taken in this order; a run that is resumed waits anew.
      queued_at TEXT,
      profile TEXT NOT NULL,
      seed INTEGER NOT NULL,
      request TEXT,
      -- Of its record, below the runs' folder; null before the runner has made it.
      folder TEXT,
      problem_code TEXT,
      problem_text TEXT,
      report_id TEXT,
      report_started_at TEXT,
      sha256 TEXT UNIQUE,
      -- What lists show of its report, as JSON.
      facts TEXT,
      headline TEXT,
      UNIQUE (report_id, report_started_at)
    ) STRICT`);
    db.run("CREATE INDEX run_sorted ON run (sorted_at DESC, id DESC)");
    db.run("CREATE INDEX run_queued ON run (queued_at) WHERE state = 'queued'");
    db.run(`CREATE TABLE candidate (
      run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      PRIMARY KEY (name, run)
    ) STRICT, WITHOUT ROWID`);
    db.run("CREATE INDEX candidate_run ON candidate (run)");
    // Apart from the runs, so that a list does not read past them. Zstandard.
    db.run(`CREATE TABLE report (
      run TEXT PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
      body BLOB NOT NULL
    ) STRICT`);
    db.run(`CREATE TABLE figure (
      candidate TEXT NOT NULL,
      cell TEXT NOT NULL,
      metric TEXT NOT NULL,
      run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
      median REAL NOT NULL,
      ci_low REAL,
      ci_high REAL,
      is_bound INTEGER NOT NULL,
      runtime TEXT NOT NULL,
      framework TEXT NOT NULL,
      PRIMARY KEY (candidate, cell, metric, run)
    ) STRICT, WITHOUT ROWID`);
    db.run("CREATE INDEX figure_run ON figure (run)");
    db.run(`CREATE TABLE upgrade (
      run TEXT PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
      cause TEXT NOT NULL CHECK (cause IN ('upgrade', 'suspicion')),
      subject TEXT NOT NULL,
      from_version TEXT NOT NULL,
      to_version TEXT NOT NULL
    ) STRICT`);
    db.run("CREATE INDEX upgrade_pair ON upgrade (subject, from_version, to_version)");
    db.run(`CREATE TABLE newest (
      name TEXT PRIMARY KEY,
      pinned TEXT NOT NULL,
      version TEXT,
      checked_at TEXT NOT NULL
    ) STRICT`);
  },
];
