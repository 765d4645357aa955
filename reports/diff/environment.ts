import type { CandidateReport, Report } from "../../schemas/report.ts";
import type { WarningCode } from "../../schemas/warning.ts";
import { digits3, formatBytes } from "../format.ts";

/** What a difference between two runs does to a comparison of their figures. */
export type DifferenceKind =
  | "machine"
  | "limit"
  | "setting"
  | "instrument"
  | "question"
  | "seed"
  | "length"
  | "load"
  | "version"
  | "option"
  | "reach";

const consequences: Readonly<Record<DifferenceKind, string>> = {
  machine: "another machine: absolute figures do not compare",
  limit: "another resource limit: differences may come from the limit, not the servers",
  setting: "another machine setting: latency and cost may differ for all candidates",
  instrument: "another tool version: the measurement may have changed",
  question: "the runs asked different questions",
  seed: "another seed: other feed, other order of trials",
  length: "an interrupted run has fewer rounds",
  load: "other work on the machine affects tail latencies",
  version: "another version",
  option: "another option",
  reach: "lost messages cost no time",
};

/** Facts of a run, and of a cell or a candidate in it, that two runs may not share. */
export type DifferenceField =
  | "cpu"
  | "cores"
  | "memory"
  | "cpu-quota"
  | "memory-limit"
  | "cpuset"
  | "limits"
  | "virtualised"
  | "system"
  | "kernel"
  | "governor"
  | "pinning"
  | "tickbench"
  | "profile"
  | "seed"
  | "server-process"
  | "interrupted"
  | "busy"
  | "windows"
  | "feed"
  | "reach"
  | "runtime"
  | "framework"
  | "option";

const names: Readonly<Record<DifferenceField, string>> = {
  cpu: "CPU",
  cores: "cores",
  memory: "memory",
  "cpu-quota": "CPU quota",
  "memory-limit": "memory limit",
  cpuset: "cores allowed",
  limits: "limits in force",
  virtualised: "virtualised",
  system: "system",
  kernel: "kernel",
  governor: "CPU governor",
  pinning: "pinning",
  tickbench: "tickbench",
  profile: "profile",
  seed: "seed",
  "server-process": "server process",
  interrupted: "interrupted",
  busy: "busy machine",
  windows: "warm-up and windows",
  feed: "feed",
  reach: "reach",
  runtime: "runtime",
  framework: "framework",
  option: "option",
};

/** Something that was not the same in both runs. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly field: DifferenceField;
  /** Whose: a cell or a candidate, and of an option its name; null where it is the runs' own. */
  readonly of: string | null;
  readonly a: string;
  readonly b: string;
}

type Row = readonly [field: DifferenceField, kind: DifferenceKind, of: (report: Report) => string];

const rows: readonly Row[] = [
  ["cpu", "machine", ({ host }) => host.cpu],
  ["cores", "machine", ({ host }) => String(host.cores)],
  ["memory", "machine", ({ host }) => formatBytes(host.memoryBytes)],
  [
    "cpu-quota",
    "limit",
    ({ host }) => (host.cpuQuotaCores === null ? "none" : `${digits3(host.cpuQuotaCores)} cores`),
  ],
  [
    "memory-limit",
    "limit",
    ({ host }) => (host.memoryLimitBytes === null ? "none" : formatBytes(host.memoryLimitBytes)),
  ],
  ["cpuset", "limit", ({ host }) => host.cpuset ?? `0-${host.cores - 1}`],
  ["limits", "limit", limited],
  ["virtualised", "machine", ({ host }) => host.virtualised ?? "no"],
  ["system", "setting", ({ host }) => host.os],
  ["kernel", "setting", ({ host }) => host.kernel],
  ["governor", "setting", ({ host }) => host.governor ?? "not reported"],
  ["pinning", "setting", ({ host }) => pinning(host)],
  ["tickbench", "instrument", ({ run }) => run.toolVersion],
  ["profile", "question", ({ run }) => run.profile],
  ["seed", "seed", ({ run }) => String(run.seed)],
  ["server-process", "question", ({ run }) => (run.processPerTrial ? "a trial" : "a round")],
  ["interrupted", "length", ({ run }) => (run.interrupted ? "yes" : "no")],
  ["busy", "load", busy],
];

function pinning({ pinning: p }: Report["host"]): string {
  return p.pinned ? `server ${p.serverCores.join(",")}, load ${p.loadCores.join(",")}` : "none";
}

function busy(report: Report): string {
  return warned(report, ["machine-was-busy", "foreign-cpu", "steal", "cores-not-accountable"]);
}

function limited(report: Report): string {
  return warned(report, ["cpu-quota", "memory-limit", "cpuset", "throttled"]);
}

function warned({ warnings }: Report, codes: readonly WarningCode[]): string {
  const found = [...new Set(warnings.map((w) => w.code).filter((code) => codes.includes(code)))].sort();
  return found.length === 0 ? "no warning" : found.join(", ");
}

/** What differs between two runs as a whole. */
export function runDifferences(a: Report, b: Report): Difference[] {
  return rows.flatMap(([field, kind, of]) => differing({ kind, field, of: null }, of(a), of(b)));
}

/** What differs about one candidate: this may be what the comparison is for, and is reported all the same. */
export function candidateDifferences(a: CandidateReport, b: CandidateReport): Difference[] {
  const version = ({ name, version: v }: CandidateReport["runtime"]) => `${name} ${v}`;
  const options = Object.keys({ ...a.options, ...b.options }) as (keyof NonNullable<
    CandidateReport["options"]
  >)[];
  return [
    ...differing({ kind: "version", field: "runtime", of: null }, version(a.runtime), version(b.runtime)),
    ...differing(
      { kind: "version", field: "framework", of: null },
      version(a.framework),
      version(b.framework),
    ),
    ...options.flatMap((name) =>
      differing(
        { kind: "option", field: "option", of: name },
        String(a.options?.[name] ?? "?"),
        String(b.options?.[name] ?? "?"),
      ),
    ),
  ];
}

/** The difference that one fact of two runs makes; none where they agree. */
export function differing(
  fact: Pick<Difference, "kind" | "field" | "of">,
  a: string,
  b: string,
): Difference[] {
  return a === b ? [] : [{ ...fact, a, b }];
}

/** `feed/json/passthrough/send/s10, feed`: what differs, in words. */
export const differenceName = ({ field, of }: Pick<Difference, "field" | "of">): string =>
  of === null ? names[field] : field === "option" ? of : `${of}, ${names[field]}`;

/** `kernel: 6.1 → 6.2 (another setting …)`. */
export const differenceWords = (difference: Difference): string =>
  `${differenceName(difference)}: ${difference.a} → ${difference.b} (${consequences[difference.kind]})`;

/** `kernel 6.1 → 6.2`. */
export const differenceInShort = (difference: Difference): string =>
  `${differenceName(difference)} ${difference.a} → ${difference.b}`;
