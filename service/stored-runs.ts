import { z } from "zod";
import { CommandError } from "../reports/command-error.ts";
import { compareRuns } from "../reports/diff/runs.ts";
import { comparisonText } from "../reports/diff/text.ts";
import { exporterNames, isExporterName, renderEach } from "../reports/exporters.ts";
import { formatDuration } from "../reports/format.ts";
import { readStored } from "../reports/read-report.ts";
import { table } from "../reports/text-table.ts";
import { writeFiles } from "../reports/write.ts";
import type { Report } from "../schemas/report.ts";
import { validate } from "../schemas/validation.ts";
import { visible } from "../schemas/visible.ts";
import { listQuery, type RunSummary } from "./api/run.ts";
import { comparisonOf } from "./history/comparison.ts";
import { type Store, summaryOf } from "./store/store.ts";

const optionsSchema = z.object({
  limit: z.string(),
  state: z.string().optional(),
  all: z.boolean().default(false),
  report: z.string(),
  out: z.string(),
  json: z.boolean().default(false),
});
type Options = z.infer<typeof optionsSchema>;
type Act = (store: Store, what: readonly string[], options: Options) => string | Promise<string>;

const columns = (): number => process.stdout.columns ?? 120;
const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const acts: Readonly<Record<"list" | "show" | "compare" | "import" | "export", Act>> = {
  list(store, what, { limit, state, json: asJson }) {
    need(what, 0, "runs list");
    const query = validate(listQuery, { limit, ...(state === undefined ? {} : { state }) });
    if ("error" in query) throw new CommandError(`--${query.error.text}`);
    const { rows, total } = store.list(query.data);
    const runs = rows.map((row) => summaryOf(row));
    if (asJson) return json({ runs, total });
    if (total === 0) return "no runs\n";
    const cells = runs.map((run) => [
      run.id,
      run.state,
      visible(run.headline ?? "–"),
      visible(run.candidates.slice(0, 4).join(", ")) + (run.candidates.length > 4 ? ", …" : ""),
      visible(run.label ?? ""),
    ]);
    const more = total > runs.length ? `${runs.length} of ${total}; --limit shows more\n` : "";
    return `${table(["run", "state", "answer", "candidates", "label"], cells, columns())}${more}`;
  },
  show(store, what, { json: asJson }) {
    const [id = ""] = need(what, 1, "runs show RUN");
    const row = rowOf(store, id);
    const run = summaryOf(row);
    if (asJson) return json({ ...run, request: row.request, answer: row.facts?.answer ?? null });
    return facts(run)
      .concat([["answer", row.facts?.answer ?? "no report"]])
      .map(([name, value]) => `${name.padEnd(12)}${visible(value)}\n`)
      .join("");
  },
  compare(store, what, { all, json: asJson }) {
    const [a, b] = need(what, 2, "runs compare RUN RUN").map((id) => ({
      run: summaryOf(rowOf(store, id)),
      report: reportOf(store, id),
    }));
    if (a === undefined || b === undefined) throw new Error("two runs were needed");
    const answer = comparisonOf(a, b, all);
    if (asJson) return json(answer);
    return `${answer.caution}\n\n${comparisonText(a.report, b.report, compareRuns(a.report, b.report, all), columns())}`;
  },
  async import(store, what) {
    if (what.length === 0)
      throw new CommandError("runs import: needs FILE, a report.json or the folder of a run");
    const lines: string[] = [];
    for (const file of what) {
      const stored = store.importReport(await readStored(file));
      if (stored.kind === "taken") {
        throw new CommandError(
          `${file}: another report of this run is stored as ${stored.id}; remove it first`,
        );
      }
      lines.push(`${stored.id}${stored.kind === "known" ? " (stored already)" : ""}\n`);
    }
    return lines.join("");
  },
  async export(store, what, { report: forms, out }) {
    const [id = ""] = need(what, 1, "runs export RUN");
    const names = forms.split(",").map((name) => name.trim());
    const wrong = names.find((name) => !isExporterName(name));
    if (wrong !== undefined) {
      throw new CommandError(`--report: must be of ${exporterNames.join(", ")}, got ${wrong || "nothing"}`);
    }
    const paths: string[] = [];
    for await (const file of renderEach(reportOf(store, id), names.filter(isExporterName), {
      indent: false,
    })) {
      try {
        writeFiles(out, [file]);
      } catch (cause) {
        const why = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
        throw new CommandError(`--out: ${out}: must be a folder that can be written, got ${why}`, { cause });
      }
      paths.push(`${out}/${file.path}\n`);
    }
    return paths.join("");
  },
};

/** Does one thing with the store, and gives the text for stdout. Throws CommandError. */
export function actOn(
  store: Store,
  action: keyof typeof acts,
  what: readonly string[],
  given: unknown,
): string | Promise<string> {
  return acts[action](store, what, optionsSchema.parse(given));
}

function need(what: readonly string[], count: number, usage: string): readonly string[] {
  if (what.length === count) return what;
  throw new CommandError(
    `${usage}: needs ${count === 0 ? "no more" : count === 1 ? "one run" : `${count} runs`}, got ${what.join(" ") || "none"}`,
  );
}

function rowOf(store: Store, id: string) {
  const row = store.get(id);
  if (row === null) throw new CommandError(`${id}: must be a stored run, found none; runs list shows them`);
  return row;
}

function reportOf(store: Store, id: string): Report {
  rowOf(store, id);
  const report = store.report(id);
  if (report === null) throw new CommandError(`${id}: must be a run with a report, this one has none`);
  return report;
}

function facts(run: RunSummary): [string, string][] {
  const { startedAt, endedAt, machine } = run;
  const took = startedAt === null || endedAt === null ? null : Date.parse(endedAt) - Date.parse(startedAt);
  return [
    ["run", run.id],
    ["state", run.problem === null ? run.state : `${run.state}: ${run.problem.text}`],
    ["origin", run.origin],
    ["label", run.label ?? "–"],
    ["started", startedAt ?? "–"],
    ["took", took === null ? "–" : formatDuration(took)],
    ["profile", `${run.profile}, seed ${run.seed}`],
    ["machine", machine === null ? "–" : `${machine.cpu}, ${machine.cores} cores, kernel ${machine.kernel}`],
    ["candidates", run.candidates.join(", ")],
    ["policy", run.policy ?? "–"],
  ];
}
