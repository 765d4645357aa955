import type { Policy } from "../../../schemas/policy.ts";
import type { Reversal, Undecided } from "../../../schemas/report.ts";
import { digits3 } from "../../format.ts";
import { repriced } from "../evidence.ts";
import { winnerOf, withAxis } from "../pairwise.ts";
import type { Solution } from "../solve.ts";
import { becomesText, type Change, changesAlong } from "./answer.ts";

type Price = "vcpuHour" | "gibHour";

const labels: Readonly<Record<Price, string>> = { vcpuHour: "a vCPU-hour", gibHour: "a GiB-hour" };

/** Decades each way that a price is moved; beyond them one of the two parts of a cost is all of it. */
const decades = 3;
const stepsPerDecade = 4;

/**
 * Where the answer switches as one price moves. A cost is a sum, so its logarithm is not linear in a price: the switch is
 * bracketed on a logarithmic grid and then halved to four digits.
 */
export function priceReversals(report: Undecided, policy: Policy, solution: Solution): Reversal[] {
  const { pairwise, shares, worth } = solution;
  const items = pairwise.items.filter((item) => item.axis === "cpuCost");
  if (pairwise.candidates.length < 2 || !items.some((i) => i.priced) || shares.cpuCost === 0) return [];
  return (["vcpuHour", "gibHour"] as const).flatMap((price) => {
    const from = policy.prices[price];
    const answerAt = (value: number) => {
      const prices = { ...policy.prices, [price]: value };
      const moved = items.map((item) => (item.priced ? repriced(item, report, prices) : item));
      return winnerOf(withAxis(pairwise, "cpuCost", moved), shares, worth);
    };
    const start = from > 0 ? from : policy.prices.vcpuHour / 10 ** decades;
    // Nothing is cheaper than what is free.
    return (from > 0 ? [1, -1] : [1]).flatMap((direction) => {
      const path = bracket(start, direction, solution.ranking.recommended, answerAt);
      return changesAlong(solution.ranking.recommended, path).map((change) =>
        reversal(price, policy, change, direction),
      );
    });
  });
}

interface Step {
  readonly value: number;
  readonly answer: string | null;
}

function bracket(
  start: number,
  direction: number,
  current: string | null,
  answerAt: (value: number) => string | null,
): Change[] {
  const path: Change[] = [];
  let before: Step = { value: start, answer: current };
  for (let i = 1; i <= decades * stepsPerDecade; i += 1) {
    const value = start * 10 ** ((direction * i) / stepsPerDecade);
    const step = { value, answer: answerAt(value) };
    path.push(...switches(before, step, answerAt));
    before = step;
    if (step.answer !== current && step.answer !== null) break;
  }
  return path;
}

/** The switches within a step of the grid, nearest first: one answer seldom gives way to another without a tie between them. */
function switches(from: Step, to: Step, answerAt: (value: number) => string | null): Change[] {
  const found: Change[] = [];
  let before = from;
  while (before.answer !== to.answer) {
    before = halve(before, to, answerAt);
    found.push({ at: before.value, becomes: before.answer });
  }
  return found;
}

/** The nearest value, to four digits, that no longer has the answer of `from`, and the answer there. */
function halve(from: Step, to: Step, answerAt: (value: number) => string | null): Step {
  let near = from.value;
  let far = to;
  while (Math.abs(Math.log(far.value / near)) > 1e-4) {
    const value = Math.sqrt(near * far.value);
    const answer = answerAt(value);
    if (answer === from.answer) near = value;
    else far = { value, answer };
  }
  return far;
}

function reversal(price: Price, policy: Policy, change: Change, direction: number): Reversal {
  const { at, becomes } = change;
  const { currency } = policy.prices;
  const from = policy.prices[price];
  const over = direction > 0 ? "over" : "under";
  const text = `If ${labels[price]} costs ${over} ${digits3(at ?? from)} ${currency} instead of ${digits3(from)}, ${becomesText(change)}.`;
  const side = direction > 0 ? "above" : "below";
  return { kind: "price", what: price, from, at, side, becomes, lacking: false, text };
}
