import type { z } from "zod";
import { readings, type trendCheck } from "../api/findings.ts";
import { startRun } from "../api/start.ts";
import { type startWatch, type WatchAnswer, watchedRuntimes } from "../api/watch.ts";
import type { Candidates } from "../candidates.ts";
import { trendOf } from "../findings/trend.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { Pinned } from "../pinned.ts";
import { RequestError } from "../problem.ts";
import type { Store } from "../store/store.ts";
import { trendRows } from "../store/trends.ts";
import { upgradeFindings } from "./findings.ts";
import type { Newest } from "./registry.ts";
import { type Upgrade, Upgrades } from "./upgrades.ts";

type Check = WatchAnswer["checks"][number];
type Runtime = (typeof watchedRuntimes)[number];

/** Frameworks and adapters that are looked up; their versions are the lockfile's, so that two of one cannot meet in a run. */
const packages = [
  "ws",
  "elysia",
  "@elysiajs/node",
  "hono",
  "@hono/node-server",
  "@hono/node-ws",
  "crossws",
] as const;

export interface WatchParts {
  readonly store: Store;
  readonly jobs: Pick<Jobs, "start" | "isMeasuring">;
  readonly candidates: Pick<Candidates, "listed">;
  readonly pinned: Pinned;
  readonly newest: Newest;
}

/** Tells what an upgrade changes: old and new are measured in one sitting, and only such a run raises an alarm. */
export class Watch {
  readonly #parts: WatchParts;
  readonly #upgrades: Upgrades;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#upgrades = new Upgrades(parts.store.db);
  }

  /** Asks the registry, and queues a run for each runtime of which there is a newer one. Throws RequestError. */
  async look({ runtimes, profile, workloads }: z.infer<typeof startWatch>): Promise<void> {
    const { jobs, pinned, newest } = this.#parts;
    if (jobs.isMeasuring) {
      throw new RequestError(
        "wrong-state",
        "npm is asked only between runs, since that would disturb one; try again when the queue is empty",
      );
    }
    const names = [...watchedRuntimes.flatMap((runtime) => this.#packageOf(runtime) ?? []), ...packages];
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
    for (const runtime of runtimes) {
      const row = rows.find(({ name }) => name === this.#packageOf(runtime));
      if (row === undefined || row.newest === null || row.pinned === "") continue;
      if (Bun.semver.order(row.newest, row.pinned) <= 0) continue;
      if (this.#upgrades.of(runtime, row.pinned, row.newest) !== null) continue;
      this.#measure(
        { cause: "upgrade", subject: runtime, from: row.pinned, to: row.newest },
        { profile, workloads, candidates: this.#programsOf(runtime) },
      );
    }
  }

  /** Measures old and new of a change point together. Throws RequestError where there is no such change, or nothing to pair. */
  check({ candidate, cell, metric, run }: z.infer<typeof trendCheck>): void {
    const { store } = this.#parts;
    const trend = trendOf(
      { candidate, cell, metric },
      trendRows(store.db, candidate, cell, metric),
      (from, to) => this.looked(from, to),
    );
    const change = trend.changes.find((one) => one.run === run);
    if (change === undefined)
      throw new RequestError("not-found", `${run}: no change point of this figure begins there`);
    const pair = change.versions.find(({ what }) => what === "runtime");
    const [from, to] = [runtimeIn(pair?.from), runtimeIn(pair?.to)];
    if (from === null || to === null || from.name !== to.name) {
      throw new RequestError(
        "wrong-state",
        "no version of a runtime changed there, so there is no old and new to compare",
      );
    }
    const program = candidate.replace(/@[\d.]+$/, "");
    const { profile } = store.get(run) ?? { profile: "standard" as const };
    this.#measure(
      { cause: "suspicion", subject: from.name, from: from.version, to: to.version },
      { profile, workloads: [cell], candidates: [program] },
    );
  }

  /** What has become of a suspicion about two versions of a runtime, each as `node 24.1.0`; null where nobody has looked. */
  looked(
    from: string,
    to: string,
  ): { readonly state: "measuring" | "confirmed" | "cleared"; readonly check: string } | null {
    const [older, newer] = [runtimeIn(from), runtimeIn(to)];
    const found =
      older === null || newer === null ? null : this.#upgrades.of(older.name, older.version, newer.version);
    if (found === null) return null;
    const { state } = this.#checkOf(found);
    if (state === "failed") return null;
    return {
      state: state === "alarm" ? "confirmed" : state === "clear" ? "cleared" : "measuring",
      check: found.run,
    };
  }

  answer(): WatchAnswer {
    const newest = this.#upgrades.newest();
    return {
      checkedAt: newest[0]?.checkedAt ?? null,
      packages: newest.map((row) => ({
        name: row.name,
        pinned: row.pinned,
        newest: row.newest,
        measurable: watchedRuntimes.some((runtime) => this.#packageOf(runtime) === row.name),
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
      runtimes: [`${subject}@${from}`, `${subject}@${to}`],
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

  /** The package that a runtime comes in, on this machine. */
  #packageOf(runtime: Runtime): string | null {
    return runtime === "bun" ? "bun" : this.#parts.pinned.nodePackage;
  }

  #checkOf(upgrade: Upgrade): Check {
    const { store } = this.#parts;
    const state = store.get(upgrade.run)?.state;
    const report = state === "finished" ? store.report(upgrade.run) : null;
    const findings = report === null ? [] : upgradeFindings(report);
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
            : "clear",
      counts: Object.fromEntries(readings.map((name) => [name, count(name)])) as Check["counts"],
      findings,
    };
  }
}

/** `node 24.1.0`, as figures name it. */
function runtimeIn(text: string | undefined): { readonly name: Runtime; readonly version: string } | null {
  const [name, version] = (text ?? "").split(" ");
  const known = watchedRuntimes.find((runtime) => runtime === name);
  return known === undefined || version === undefined || !/^\d+\.\d+\.\d+$/.test(version)
    ? null
    : { name: known, version };
}
