import type { Report } from "../../schemas/report.ts";
import { digits3, formatCount, formatInteger } from "../format.ts";
import { signedPct } from "../wording.ts";
import { placeWords } from "../workloads/index.ts";
import { type Markup, markup } from "./markup.ts";

interface Fact {
  readonly label: string;
  readonly value: string;
  readonly note: string;
}

/** The few numbers that say how much the answer is worth: its lead, its robustness, its price, its evidence. */
export function facts(report: Report): Markup {
  const all = [lead(report), robustness(report), cost(report), noise(report), trouble(report)];
  const items = all
    .filter((fact) => fact !== null)
    .map(
      ({ label, value, note }) => markup`<div><dt>${label}</dt><dd>${value}<small>${note}</small></dd></div>`,
    );
  return markup`<dl class="facts">${items}</dl>`;
}

function lead({ decision }: Report): Fact | null {
  const { runnerUp, leader, recommended } = decision;
  // Nothing is led by a leader whom no difference sets apart.
  if (runnerUp === null || leader === null || recommended === null) return null;
  const { candidate, byPct, ciLowPct, ciHighPct } = runnerUp;
  const pct = (value: number) => signedPct(value);
  return {
    label: `Ahead of ${candidate}`,
    value: pct(byPct),
    note: `${pct(ciLowPct)} to ${pct(ciHighPct)}, only differences that are shown`,
  };
}

function robustness({ decision }: Report): Fact | null {
  const { sensitivity, recommended } = decision;
  const share = sensitivity.find((s) => s.candidate === recommended);
  if (share === undefined) return null;
  const label = recommended === null ? "Nobody ahead under" : "Same answer under";
  return { label, value: `${share.sharePct} %`, note: "of all possible weights" };
}

function cost(report: Report): Fact | null {
  const { decision } = report;
  const leaderCost = decision.costs.find((c) => c.candidate === decision.leader);
  if (leaderCost === undefined) return null;
  const currency = decision.policyUsed?.prices.currency ?? "";
  return {
    label: "A billion deliveries",
    value: `${digits3(leaderCost.perBillion)} ${currency}`,
    note: placeWords(report, leaderCost.cell),
  };
}

function noise({ noise: { calibration }, run }: Report): Fact {
  const { contrasts, factor } = calibration;
  const note =
    contrasts === 0
      ? "no server ran against itself"
      : factor === 1
        ? "no interval widened for noise"
        : `intervals made ${factor.toFixed(2)} × as wide for noise`;
  return { label: "Measured in", value: formatCount(run.roundsRun, "round"), note };
}

function trouble({ warnings, failures, run }: Report): Fact {
  const note = failures.length === 0 ? "no trial failed" : `${formatCount(failures.length, "trial")} failed`;
  return {
    label: "Warnings that affect it",
    value: formatInteger(warnings.filter((w) => w.touches === "answer").length),
    note: run.interrupted ? `${note}, cut short` : note,
  };
}
