/**
 * How often a regression gate fails, by simulation: two runs of the same servers (A/A), and one where a server became
 * slower. `bun run bench/gates.ts [repetitions]` prints the table that docs/CI.md quotes.
 */
import { hasFailed } from "../reports/gates/judge.ts";
import { gatedPlan, gatedRun } from "../runner/fixtures/gated-run.ts";
import { studentQuantile } from "../stats/student.ts";

const repetitions = Number(process.argv[2] ?? 100);
const plan = gatedPlan();

async function failures(noise: number, factor: number): Promise<string> {
  let failed = 0;
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    const slower = (candidate: string) => (candidate === "node/ws" ? factor : 1);
    const { judgement } = await gatedRun({ plan, noise, repetition, limitPct: 5, slower });
    if (hasFailed(judgement)) failed += 1;
  }
  return `${failed} of ${repetitions}`;
}

console.log("| noise of a round | A/A fails | 10 % slower fails | 15 % slower fails | 30 % slower fails |");
console.log("| --: | --: | --: | --: | --: |");
for (const noise of [0.03, 0.05, 0.1, 0.2]) {
  const cells = [];
  for (const factor of [1, 1.1, 1.15, 1.3]) cells.push(await failures(noise, factor));
  console.log(`| ${100 * noise} % | ${cells.join(" | ")} |`);
}

/**
 * The largest noise at which one figure's loss is still found, from the rule alone: half the interval of the two runs' ratio,
 * t(0.975; 2n − 2) σ √(2/n), must not exceed ln(1 + loss) − ln(1 + limit). For nine times in ten the noise of the estimate
 * itself has to fit in beside it, in the run and in its repeat: two looks at one baseline are correlated by ½, and both lie
 * within 1.577 standard errors of the truth on their side with probability 0.9.
 */
function noiseMax(rounds: number, loss: number, limit: number, beyond: number): number {
  const error = Math.sqrt(2 / rounds);
  return Math.log((1 + loss) / (1 + limit)) / (error * (studentQuantile(0.975, 2 * rounds - 2) + beyond));
}

/** The far end of the A/A pair's interval to be expected of such noise: that of a paired ratio whose true value is 1. */
function aaFarEnd(rounds: number, noise: number): number {
  const error = noise * Math.sqrt(2 / rounds);
  return Math.expm1(error * (studentQuantile(0.975, rounds - 1) + Math.sqrt(2 / Math.PI)));
}

const pct = (share: number): string => `${(100 * share).toPrecision(2)} %`;
const nineInTen = 1.577;

console.log(
  "\n| loss | rounds | found every other time up to noise | A/A interval to | nine in ten up to noise | A/A interval to |",
);
console.log("| --: | --: | --: | --: | --: | --: |");
for (const loss of [0.1, 0.15, 0.3]) {
  for (const rounds of [5, 10, 30, 100]) {
    const cells = [0, nineInTen].flatMap((beyond) => {
      const noise = noiseMax(rounds, loss, 0.05, beyond);
      return [pct(noise), pct(aaFarEnd(rounds, noise))];
    });
    console.log(`| ${pct(loss)} | ${rounds} | ${cells.join(" | ")} |`);
  }
}
