import type { CalibrationRow } from "../../../schemas/calibration.ts";
import type { WarningCode } from "../../../schemas/warning.ts";
import { median } from "../../../stats/moments.ts";
import type { Case } from "../case.ts";
import { check, exactly, show, within } from "../check.ts";
import { type StandardRun, standardCells, standardRun } from "../standard-run.ts";

// Faults of a server's life, which no single window shows. They are looked for as a user looks for them: in a comparison with the
// cells, the windows and the warm-up of the standard profile, by its own analysis.

/** The cell with a long window, in which stalls are looked for. */
const watched = standardCells.filter(({ longWindowMs }) => longWindowMs !== null);

/** Whether the analysis warns of a candidate, as a count. */
function timesReported({ evidence }: StandardRun, candidate: string, code: WarningCode): number {
  const isIts = (cell: string | undefined) =>
    cell === candidate || cell?.startsWith(`${candidate} `) === true;
  return evidence.warnings.some((w) => w.code === code && isIts(w.cell)) ? 1 : 0;
}

const periodNs = 1e9;
/** What the machine itself holds up is hardly ever as long, so that longer ones can be counted. */
const countedFromNs = 50e6;
const leakBytesPerS = 10e6;

/** Stalls, and a leak beside them, since it needs the same visits. */
export const stallsAndLeak: Case = {
  id: "standard-stalls",
  title:
    "the standard feed against servers that stall once a second, and one that keeps 10 MB a second; 8 rounds",
  run: async (calibrator) => {
    const servers = {
      plain: ["plain"],
      "stall-100": ["stall", 100e6, periodNs],
      "stall-20": ["stall", 20e6, periodNs],
      leak: ["leak", leakBytesPerS],
    } as const;
    const run = await standardRun(calibrator, servers, { cells: watched, rounds: 8 });
    return [
      check("plain: stalls reported", "count", 0, timesReported(run, "plain", "stalls"), exactly),
      ...stallRows(run, "stall-100", 100e6, 0.15),
      longStalls(run, "stall-100", 100e6),
      ...stallRows(run, "stall-20", 20e6, 0.4),
      check("plain: growth reported", "count", 0, timesReported(run, "plain", "memory-grows"), exactly),
      check("leak: growth reported", "count", 1, timesReported(run, "leak", "memory-grows"), exactly),
      check("leak: bytes a second", "count", leakBytesPerS, growthOf(run, "leak"), within(0.25)),
    ];
  },
};

function stallRows(run: StandardRun, name: string, stallNs: number, share: number): CalibrationRow[] {
  const stalls = run.evidence.results.find((r) => r.candidate === name)?.stalls;
  return [
    check(`${name}: stalls reported`, "count", 1, timesReported(run, name, "stalls"), exactly),
    check(`${name}: longest`, "ns", stallNs, stalls?.longestNs ?? undefined, within(share)),
    show(`${name}: stalls found`, "count", stalls?.events ?? 0),
  ];
}

/**
 * A window of length W meets a stall of length s with a wait longer than w where the stall begins at most s − w before it or within it:
 * in (W + s − w) ÷ P of the cases.
 */
function longStalls({ windows }: StandardRun, name: string, stallNs: number): CalibrationRow {
  const ofCandidate = windows
    .filter(({ candidate }) => candidate === name)
    .map(({ measurement }) => measurement);
  const expected =
    ofCandidate.reduce((sum, m) => sum + m.windowMs * 1e6 + stallNs - countedFromNs, 0) / periodNs;
  const seen = ofCandidate
    .flatMap((m) => m.late ?? [])
    .filter(({ lengthNs }) => lengthNs > countedFromNs).length;
  return check(
    `${name}: longer than 50 ms, in all windows`,
    "count",
    Math.round(expected),
    seen,
    within(0.5),
  );
}

/** Bytes a second over each visit, the median. */
function growthOf({ windows }: StandardRun, name: string): number | undefined {
  const visits = Map.groupBy(
    windows.filter(({ candidate }) => candidate === name),
    ({ round }) => round,
  );
  const rates = [...visits.values()].flatMap((visit) => {
    const points = visit.flatMap(({ ageMs, measurement: { server } }) => {
      const bytes = server?.rssBytesEnd;
      return bytes === undefined ? [] : [{ ageMs, bytes }];
    });
    const [first, last] = [points[0], points.at(-1)];
    if (first === undefined || last === undefined || first === last) return [];
    return [(1_000 * (last.bytes - first.bytes)) / (last.ageMs - first.ageMs)];
  });
  return rates.length === 0 ? undefined : Math.max(0, median(rates));
}

const extraNs = 20e3;
const youthNs = 2e9;

/** Every cell of the standard profile but the fan-out: the first of a round meets a server in its youth, and its last windows no more. */
export const slowYouth: Case = {
  id: "standard-slow-youth",
  title:
    "the standard echoes, push and feed against a server that takes 20 µs more per message in its first 2 s; 6 rounds",
  run: async (calibrator) => {
    const cells = standardCells.filter(
      ({ spec }) => !("broadcast" in spec) || (spec.broadcast === "send" && spec.workload !== "fanout"),
    );
    const servers = { young: ["slow-youth", extraNs, youthNs] } as const;
    const run = await standardRun(calibrator, servers, { cells, rounds: 6 });
    return [
      check("reported as slow when young", "count", 1, timesReported(run, "young", "slow-youth"), exactly),
    ];
  },
};
