import { type Figures, inventReport, plain } from "../reports/decision/fixture.ts";
import { solve } from "../reports/decision/solve.ts";
import type { Policy } from "../schemas/policy.ts";
import type { Random } from "../stats/random.ts";
import { countShare, type Share } from "./simulation/share.ts";

/** Runs whose candidates are equal but for some that are far worse, at a threshold of 2 %. */
interface Setup {
  /** Candidates that are equally good, the first of the names. */
  readonly equal: number;
  /** Candidates that take twice as long, and as much, as these. */
  readonly worse: number;
  readonly rounds: number;
  /** Standard deviation of a round's logarithm. */
  readonly noise: number;
  readonly policy: Policy;
  readonly repetitions: number;
}

/** How often somebody is recommended. With two equal ones or more, each time is once too often. */
export function recommendedShare(random: Random, setup: Setup): Share {
  const { equal, worse, policy, repetitions } = setup;
  const factors = [...Array<number>(equal).fill(1), ...Array<number>(worse).fill(2)];
  return countShare(repetitions, () => {
    const invented = factors.map((factor, i) => [`c${i}`, { figures: drawn(random, factor, setup) }]);
    const report = inventReport(Object.fromEntries(invented), { thresholdPct: 2 });
    return solve(report, policy).ranking.recommended !== null;
  });
}

function drawn(random: Random, factor: number, { rounds, noise }: Setup): Figures {
  const of = (centre: number) =>
    Array.from({ length: rounds }, () => centre * Math.exp(noise * random.normal()));
  return {
    latencyNsP99: of(plain.latencyNsP99 * factor),
    throughputHz: of(plain.throughputHz / factor),
    cpuNsPerMessage: of(plain.cpuNsPerMessage * factor),
    rssBytesPeak: of(plain.rssBytesPeak * factor),
    startupNs: of(plain.startupNs * factor),
  };
}
