import type { z } from "zod";
import { readings, type TrendAnswer, type trendCheck } from "../api/history.ts";
import { startRun } from "../api/start.ts";
import { type startWatch, type WatchAnswer, watchedPackages, watchedRuntimes } from "../api/watch.ts";
import type { Candidates } from "../candidates.ts";
import { type Pair, pairOf, trendOf } from "../history/trend.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { Pinned } from "../pinned.ts";
import { RequestError } from "../problem.ts";
import type { Store } from "../store/store.ts";
import { trendRows } from "../store/trends.ts";
import { upgradeFindings } from "./findings.ts";
import type { Newest } from "./registry.ts";
import { type Upgrade, Upgrades } from "./upgrades.ts";

type UpgradeOfFigure = TrendAnswer["upgrades"][number];
type Check = WatchAnswer["checks"][number];
type Runtime = (typeof watchedRuntimes)[number];

export interface WatchParts {
  readonly store: Store;
  readonly jobs: Pick<Jobs, "start" | "isMeasuring">;
  readonly candidates: Pick<Candidates, "listed">;
  readonly pinned: Pinned;
  readonly newest: Newest;
}

/** Finds what an upgrade changes: old and new are measured in one sitting, and only such a run raises an alarm. */
export class Watch {
  readonly #parts: WatchParts;
  readonly #upgrades: Upgrades;
  readonly #findings = new Map<string, Check["findings"]>();

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#upgrades = new Upgrades(parts.store.db);
  }

  /** Asks the registry, and queues a run for each runtime and package of which there is a newer one. Throws RequestError. */
  async look({ runtimes, packages, profile, workloads }: z.infer<typeof startWatch>): Promise<void> {
    const { jobs, pinned, newest } = this.#parts;
    if (jobs.isMeasuring) {
      throw new RequestError(
        "wrong-state",
        "npm is asked only between runs, since that would disturb one; try again when the queue is empty",
      );
    }
    const names = [
      ...watchedRuntimes.flatMap((runtime) => this.#packageOf(runtime) ?? []),
      ...watchedPackages,
    ];
    const checkedAt = new Date().toISOString();
    const rows = await Promise.all(
      names.map(async (name) => ({
        name,
        pinned: pinned.of(name) ?? "",
        newest: await newest(name),
        checkedAt,
      })),
    );
    this.#upgrades.saveNewest(rows.filter((row) => row.pinned !== ""));
    for (const subject of [...runtimes, ...packages]) {
      const row = rows.find(({ name }) => name === (isRuntime(subject) ? this.#packageOf(subject) : subject));
      if (row === undefined || row.newest === null || row.pinned === "") continue;
      if (Bun.semver.order(row.newest, row.pinned) <= 0) continue;
      if (this.#upgrades.of(subject, row.pinned, row.newest) !== null) continue;
      const candidates = isRuntime(subject) ? this.#programsOf(subject) : this.#madeOf(subject);
      if (candidates.length === 0) continue;
      this.#measure(
        { cause: "upgrade", subject, from: row.pinned, to: row.newest },
        { profile, workloads, candidates },
      );
    }
  }

  /** Measures old and new of a change point together. Throws RequestError where there is no such change, or nothing to pair. */
  check({ candidate, cell, metric, run }: z.infer<typeof trendCheck>): void {
    const { store } = this.#parts;
    const trend = trendOf({ candidate, cell, metric }, trendRows(store.db, candidate, cell, metric), (pair) =>
      this.looked(pair),
    );
    const change = trend.changes.find((one) => one.run === run);
    if (change === undefined)
      throw new RequestError("not-found", `${run}: no change point of this figure begins there`);
    const pair = pairOf(change.versions);
    if (pair === null) {
      throw new RequestError(
        "wrong-state",
        "no version of one runtime or package alone changed there, so there is no old and new to compare",
      );
    }
    if (/\+(tls|deflate|\d+-cores)/.test(candidate)) {
      throw new RequestError(
        "wrong-state",
        `${candidate}: must run without TLS, compression and further processes to be checked from here; measure it by --runtime or --package`,
      );
    }
    const program = candidate.replace(/[@+].*$/, "");
    const { profile } = store.get(run) ?? { profile: "standard" as const };
    this.#measure({ cause: "suspicion", ...pair }, { profile, workloads: [cell], candidates: [program] });
  }

  /** What has become of a suspicion about two versions of a runtime or a package; null where nobody has looked. */
  looked({ subject, from, to }: Pair): {
    readonly state: "measuring" | "confirmed" | "cleared";
    readonly check: string;
  } | null {
    const found = this.#upgrades.of(subject, from, to);
    if (found === null) return null;
    const { state } = this.#checkOf(found);
    // What was not decided may be looked at again.
    if (state === "failed" || state === "undecided") return null;
    return {
      state: state === "alarm" ? "confirmed" : state === "clear" ? "cleared" : "measuring",
      check: found.run,
    };
  }

  /** What upgrades changed about a figure, each measured in one sitting; the newest first. */
  upgradesOf({
    candidate,
    cell,
    metric,
  }: Pick<TrendAnswer, "candidate" | "cell" | "metric">): UpgradeOfFigure[] {
    return this.answer().checks.flatMap(({ run, subject, from, to, findings }) =>
      findings
        .filter((one) => one.candidate === candidate && one.cell === cell && one.metric === metric)
        .map(({ reading, words }) => ({ run, subject, from, to, reading, words })),
    );
  }

  answer(): WatchAnswer {
    const newest = this.#upgrades.newest();
    return {
      checkedAt: newest[0]?.checkedAt ?? null,
      packages: newest.map((row) => ({
        name: row.name,
        pinned: row.pinned,
        newest: row.newest,
      })),
      checks: this.#upgrades.all().map((upgrade) => this.#checkOf(upgrade)),
    };
  }

  #measure(what: Omit<Upgrade, "run">, how: object): void {
    const { jobs } = this.#parts;
    const { subject, from, to } = what;
    const request = startRun.parse({
      ...how,
      label: `${subject} ${from} → ${to}`,
      [isRuntime(subject) ? "runtimes" : "packages"]: [`${subject}@${from}`, `${subject}@${to}`],
    });
    const { id } = jobs.start(request, "watch");
    this.#upgrades.add({ run: id, ...what });
  }

  /** Those of the default set that run on it, so that a watch takes no longer than a person would wait. */
  #programsOf(runtime: Runtime): string[] {
    const listed = this.#parts.candidates.listed ?? [];
    const ids = listed.filter(
      ({ id, sets, available }) => available && id.startsWith(`${runtime}/`) && sets.includes("default"),
    );
    return ids.length === 0 ? [`${runtime}/*`] : ids.map(({ id }) => id);
  }

  /** Those that a package is part of, as the runner reports them. */
  #madeOf(name: string): string[] {
    const listed = this.#parts.candidates.listed ?? [];
    return listed
      .filter(({ packages, available }) => available && packages.includes(name))
      .map(({ id }) => id);
  }

  /** The package that a runtime comes in, on this machine. */
  #packageOf(runtime: Runtime): string | null {
    return runtime === "bun" ? "bun" : this.#parts.pinned.nodePackage;
  }

  /** Of a run that has finished: its report is read once, since it changes no more. */
  #findingsOf(run: string): Check["findings"] {
    const known = this.#findings.get(run);
    if (known !== undefined) return known;
    const report = this.#parts.store.report(run);
    const found = report === null ? [] : upgradeFindings(report);
    this.#findings.set(run, found);
    return found;
  }

  #checkOf(upgrade: Upgrade): Check {
    const { store } = this.#parts;
    const state = store.get(upgrade.run)?.state;
    const findings = state === "finished" ? this.#findingsOf(upgrade.run) : [];
    const count = (wanted: string) => findings.filter(({ reading }) => reading === wanted).length;
    const isOver = state !== "queued" && state !== "running";
    return {
      ...upgrade,
      state: !isOver
        ? "measuring"
        : findings.length === 0
          ? "failed"
          : count("worse") > 0
            ? "alarm"
            : count("better") + count("equal") > 0
              ? "clear"
              : "undecided",
      counts: Object.fromEntries(readings.map((name) => [name, count(name)])) as Check["counts"],
      findings,
    };
  }
}

const isRuntime = (subject: string): subject is Runtime =>
  watchedRuntimes.some((runtime) => runtime === subject);
