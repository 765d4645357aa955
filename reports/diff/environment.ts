import type { CandidateReport, Report } from "../../schemas/report.ts";
import { digits3, formatBytes } from "../format.ts";

/** Something that was not the same in both runs, and what it does to a comparison. */
export interface Doubt {
  readonly what: string;
  readonly a: string;
  readonly b: string;
  readonly why: string;
}

type Row = readonly [what: string, of: (report: Report) => string, why: string];

const machine = "another machine: absolute figures do not compare";
const limit = "another limit of the environment: what differs may be the limit, and no server's doing";
const setting = "another setting of the machine: latency and cost may differ for every candidate alike";
const question = "another question was asked";

const rows: readonly Row[] = [
  ["CPU", ({ host }) => host.cpu, machine],
  ["cores", ({ host }) => String(host.cores), machine],
  ["memory", ({ host }) => formatBytes(host.memoryBytes), machine],
  ["CPU quota", ({ host }) => (host.cpuQuotaCores === null ? "none" : cores(host.cpuQuotaCores)), limit],
  [
    "memory limit",
    ({ host }) => (host.memoryLimitBytes === null ? "none" : formatBytes(host.memoryLimitBytes)),
    limit,
  ],
  ["cores allowed", ({ host }) => host.cpuset ?? `0-${host.cores - 1}`, limit],
  ["limits in force", limited, limit],
  ["virtualised", ({ host }) => host.virtualised ?? "no", machine],
  ["system", ({ host }) => host.os, setting],
  ["kernel", ({ host }) => host.kernel, setting],
  ["CPU governor", ({ host }) => host.governor ?? "not told", setting],
  ["pinning", ({ host }) => pinning(host), setting],
  ["tickbench", ({ run }) => run.toolVersion, "the instrument itself may have changed"],
  ["profile", ({ run }) => run.profile, "windows and rounds differ, and so do tails"],
  ["seed", ({ run }) => String(run.seed), "another feed and another order of trials"],
  ["server process", ({ run }) => (run.processPerTrial ? "a trial" : "a round"), question],
  ["interrupted", ({ run }) => (run.interrupted ? "yes" : "no"), "a cut run has fewer rounds"],
  ["busy machine", busy, "other work on the machine shows in its tails"],
];

function pinning({ pinning: p }: Report["host"]): string {
  return p.pinned ? `server ${p.serverCores.join(",")}, load ${p.loadCores.join(",")}` : "none";
}

const cores = (count: number): string => `${digits3(count)} cores`;

function busy(report: Report): string {
  return warned(report, ["machine-was-busy", "foreign-cpu", "steal", "cores-not-accountable"]);
}

function limited(report: Report): string {
  return warned(report, ["cpu-quota", "memory-limit", "cpuset", "throttled"]);
}

function warned({ warnings }: Report, codes: readonly Report["warnings"][number]["code"][]): string {
  const found = [...new Set(warnings.map((w) => w.code).filter((c) => codes.includes(c)))].sort();
  return found.length === 0 ? "no warning" : found.join(", ");
}

/** What makes a comparison of two runs doubtful, of the runs as a whole. */
export function doubts(a: Report, b: Report): Doubt[] {
  return rows.flatMap(([what, of, why]) => differing(what, of(a), of(b), why));
}

/** What differs about one candidate: this may be what the comparison is for, and is told all the same. */
export function candidateDoubts(a: CandidateReport, b: CandidateReport): Doubt[] {
  const version = ({ name, version: v }: CandidateReport["runtime"]) => `${name} ${v}`;
  const options = Object.keys({ ...a.options, ...b.options }) as (keyof NonNullable<
    CandidateReport["options"]
  >)[];
  return [
    ...differing("runtime", version(a.runtime), version(b.runtime), "another version"),
    ...differing("framework", version(a.framework), version(b.framework), "another version"),
    ...options.flatMap((name) =>
      differing(name, String(a.options?.[name] ?? "?"), String(b.options?.[name] ?? "?"), "another option"),
    ),
  ];
}

/** The doubt that one fact of two runs gives; none where they agree. `why` is what a difference of it means. */
export function differing(what: string, a: string, b: string, why: string): Doubt[] {
  return a === b ? [] : [{ what, a, b, why }];
}
