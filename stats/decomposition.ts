import { meanInterval } from "./mean-interval.ts";

/** One metric of one candidate over rounds, placed by what it is made of. */
export interface DecompositionCell {
  readonly candidate: string;
  readonly runtime: string;
  readonly framework: string;
  /** In the metric's unit; null where a round gave none. All cells share the order of rounds. */
  readonly perRound: readonly (number | null)[];
}

/** a ÷ b split into two factors: totalRatio = runtimeRatio × frameworkRatio. Intervals are 95 %, uncorrected. */
export interface Decomposition {
  readonly status: "measured";
  readonly totalRatio: number;
  readonly totalCiLow: number;
  readonly totalCiHigh: number;
  readonly runtimeRatio: number;
  readonly runtimeCiLow: number;
  readonly runtimeCiHigh: number;
  readonly frameworkRatio: number;
  readonly frameworkCiLow: number;
  readonly frameworkCiHigh: number;
  /** Framework's factor on a's runtime ÷ the same factor on b's; null with one bridge, where it cannot be separated. */
  readonly interactionRatio: number | null;
  readonly interactionCiLow: number | null;
  readonly interactionCiHigh: number | null;
  /** Candidates that bridge the two: a's runtime with b's framework first, then b's runtime with a's framework. */
  readonly path: readonly string[];
  readonly rounds: number;
}

export type WithheldDecompositionCode =
  | "same-runtime"
  | "same-framework"
  | "no-bridge"
  | "too-few-rounds"
  | "not-positive";

export interface WithheldDecomposition {
  readonly status: "withheld";
  readonly code: WithheldDecompositionCode;
  readonly why: string;
}

/**
 * Splits the difference of two candidates that share neither runtime nor framework. With A = (Rₐ, Fₐ), B = (R_b, F_b) and
 * the corners P = (Rₐ, F_b), Q = (R_b, Fₐ), all as logarithms of a round:
 * - through P: runtime = P − B, framework = A − P;  through Q: runtime = A − Q, framework = Q − B;
 * - with both, each factor is the mean of its two paths (the Shapley value of two players, and the main effect of a 2 × 2
 *   factorial), and the interaction is A − P − Q + B.
 * Each is a contrast of the same rounds, so Student's interval holds and the two factors multiply to the total exactly.
 * Source: Box, Hunter and Hunter, Statistics for Experimenters, 2nd ed. (2005), chapter 5; Shapley (1953).
 *
 * With one bridge the interaction is inside the factor it was measured under, and cannot be named. `factor` widens every
 * interval (see `calibrate`).
 */
export function decompose(
  a: DecompositionCell,
  b: DecompositionCell,
  others: readonly DecompositionCell[],
  factor = 1,
): Decomposition | WithheldDecomposition {
  if (a.runtime === b.runtime)
    return withheld("same-runtime", `both run on ${a.runtime}: all of it is the framework`);
  if (a.framework === b.framework) {
    return withheld("same-framework", `both are ${a.framework}: all of it is the runtime`);
  }
  const p = others.find((cell) => cell.runtime === a.runtime && cell.framework === b.framework);
  const q = others.find((cell) => cell.runtime === b.runtime && cell.framework === a.framework);
  const bridges = [p, q].filter((cell) => cell !== undefined);
  if (bridges.length === 0) {
    const wanted = `${b.framework} on ${a.runtime} or ${a.framework} on ${b.runtime}`;
    return withheld("no-bridge", `no candidate is ${wanted}, so the two factors cannot be told apart`);
  }
  const rounds = completeRounds([a, b, ...bridges].map((cell) => cell.perRound));
  if (rounds.some((round) => round.some((value) => value <= 0))) {
    return withheld("not-positive", "a round has a value of zero or below: factors need values above zero");
  }
  if (rounds.length < 2) {
    return withheld("too-few-rounds", `needs 2 rounds with every corner or more, got ${rounds.length}`);
  }
  const logs = rounds.map((round) => round.map(Math.log));
  return split(
    logs,
    factor,
    p !== undefined,
    q !== undefined,
    bridges.map(({ candidate }) => candidate),
  );
}

/** `logs` has a row for each round: A, B, then P and Q as far as they exist. */
function split(
  logs: readonly number[][],
  factor: number,
  hasP: boolean,
  hasQ: boolean,
  path: string[],
): Decomposition {
  const contrast = contrastsOf(logs, factor);
  const both = hasP && hasQ;
  const total = contrast(1, -1);
  const runtime = both ? contrast(0.5, -0.5, 0.5, -0.5) : hasP ? contrast(0, -1, 1) : contrast(1, 0, -1);
  const framework = both ? contrast(0.5, -0.5, -0.5, 0.5) : hasP ? contrast(1, 0, -1) : contrast(0, -1, 1);
  const interaction = both ? contrast(1, 1, -1, -1) : null;
  return {
    status: "measured",
    totalRatio: total.ratio,
    totalCiLow: total.ciLow,
    totalCiHigh: total.ciHigh,
    runtimeRatio: runtime.ratio,
    runtimeCiLow: runtime.ciLow,
    runtimeCiHigh: runtime.ciHigh,
    frameworkRatio: framework.ratio,
    frameworkCiLow: framework.ciLow,
    frameworkCiHigh: framework.ciHigh,
    interactionRatio: interaction?.ratio ?? null,
    interactionCiLow: interaction?.ciLow ?? null,
    interactionCiHigh: interaction?.ciHigh ?? null,
    path,
    rounds: logs.length,
  };
}

/** One candidate under two disciplines of writing; both share the order of rounds. */
export interface WrittenCell extends Omit<DecompositionCell, "perRound"> {
  readonly from: DecompositionCell["perRound"];
  readonly to: DecompositionCell["perRound"];
}

interface Contrast {
  readonly ratio: number;
  readonly ciLow: number;
  readonly ciHigh: number;
}

/** a under `to` ÷ b under `from`: total = writing × program, and program = runtime × framework where both can be known. */
export interface WritingSplit {
  readonly total: Contrast;
  readonly writing: Contrast;
  readonly program: Contrast;
  readonly runtime: Contrast | null;
  readonly framework: Contrast | null;
  readonly path: readonly string[];
  readonly rounds: number;
}

/**
 * Splits the difference of two candidates that also write otherwise. With A and B under the disciplines x and y, all as logarithms of
 * a round, A_x − B_y = ½[(A_x − A_y) + (B_x − B_y)] + ½[(A_x − B_x) + (A_y − B_y)]: the main effects of a 2 × 2 factorial (Box,
 * Hunter and Hunter, chapter 5). The second, the program's, is the difference of each candidate's mean over both disciplines,
 * which `decompose` splits into runtime and framework over the same rounds. Null with fewer than two complete rounds of positive
 * figures. `factor` widens every interval (see `calibrate`).
 */
export function decomposeWriting(
  a: WrittenCell,
  b: WrittenCell,
  others: readonly WrittenCell[],
  factor = 1,
): WritingSplit | null {
  const rounds = completeRounds([a.to, a.from, b.to, b.from]).filter((row) => row.every((v) => v > 0));
  if (rounds.length < 2) return null;
  const logs = rounds.map((row) => row.map(Math.log));
  const contrast = contrastsOf(logs, factor);
  const split = decompose(overBoth(a), overBoth(b), others.map(overBoth), factor);
  const isSplit = split.status === "measured" && split.rounds === rounds.length;
  const program = contrast(0.5, 0.5, -0.5, -0.5);
  const one: Contrast = { ratio: 1, ciLow: 1, ciHigh: 1 };
  const sole = { path: [], rounds: rounds.length };
  const factors = isSplit
    ? {
        runtime: { ratio: split.runtimeRatio, ciLow: split.runtimeCiLow, ciHigh: split.runtimeCiHigh },
        framework: {
          ratio: split.frameworkRatio,
          ciLow: split.frameworkCiLow,
          ciHigh: split.frameworkCiHigh,
        },
        path: split.path,
        rounds: split.rounds,
      }
    : a.runtime === b.runtime
      ? { runtime: one, framework: program, ...sole }
      : a.framework === b.framework
        ? { runtime: program, framework: one, ...sole }
        : { runtime: null, framework: null, ...sole };
  return {
    total: contrast(1, 0, 0, -1),
    writing: contrast(0.5, -0.5, 0.5, -0.5),
    program,
    ...factors,
  };
}

/** The geometric mean over both disciplines, which is what a candidate's figure is when its writing is left out. */
function overBoth({ from, to, ...cell }: WrittenCell): DecompositionCell {
  const perRound = to.map((value, round) => {
    const other = from[round] ?? null;
    return value === null || other === null || value <= 0 || other <= 0 ? null : Math.sqrt(value * other);
  });
  return { ...cell, perRound };
}

/**
 * Contrasts of rounds that are rows of logarithms: the mean of each row's weighted sum with Student's interval, `factor` times as wide,
 * as a ratio.
 */
function contrastsOf(logs: readonly number[][], factor: number): (...weights: number[]) => Contrast {
  return (...weights) => {
    const { mean, low, high } = meanInterval(
      logs.map((row) => row.reduce((sum, value, i) => sum + (weights[i] ?? 0) * value, 0)),
    );
    return {
      ratio: Math.exp(mean),
      ciLow: Math.exp(mean - factor * (mean - low)),
      ciHigh: Math.exp(mean + factor * (high - mean)),
    };
  };
}

/** The rounds in which every corner has a finite value, one row a round. */
function completeRounds(columns: readonly (readonly (number | null)[])[]): number[][] {
  const length = Math.max(...columns.map((column) => column.length));
  return Array.from({ length }, (_, round) => columns.map((column) => column[round] ?? Number.NaN)).filter(
    (row) => row.every(Number.isFinite),
  );
}

function withheld(code: WithheldDecompositionCode, why: string): WithheldDecomposition {
  return { status: "withheld", code, why };
}
