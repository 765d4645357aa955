/// <reference lib="dom" />
import { axisLabels } from "../../reports/decision/labels.ts";
import { formatRatio, formatRatioInterval } from "../../reports/format.ts";
import { type PolicyAxis, policyAxes } from "../../schemas/policy-axis.ts";
import { decisionAnswer } from "../api/history.ts";
import { options } from "../api/options.ts";
import { get, post } from "./client.ts";
import { byId, element } from "./element.ts";
import { noneNamed } from "./run-name.ts";
import { table } from "./table.ts";

const asked = new URLSearchParams(location.search);
const id = asked.get("id") ?? "";
const form = byId("policy", HTMLFormElement);
const offered = await get("/api/v1/options", options);
const policies = offered?.policies ?? [];
const base = policies.find(({ name }) => name === asked.get("from")) ?? policies[0];

const preset = element(
  "select",
  { name: "from" },
  ...policies.map(({ name }) => element("option", { value: name }, name)),
);
const sliders = new Map(
  policyAxes.map((axis) => [
    axis,
    element("input", { id: `weight-${axis}`, type: "range", min: "0", max: "1", step: "0.05", name: axis }),
  ]),
);

/** What each slider says, in figures beside it. */
const outputs = new Map(policyAxes.map((axis) => [axis, element("output", { for: `weight-${axis}` })]));
function showWeights(): void {
  for (const [axis, slider] of sliders) {
    const output = outputs.get(axis);
    if (output !== undefined) output.textContent = Number(slider.value).toFixed(2);
  }
}

/** The policy that the form says: the chosen one's prices and requirements under the sliders' weights. */
function policyNow() {
  const from = policies.find(({ name }) => name === preset.value);
  if (from === undefined) return null;
  const weight = (axis: PolicyAxis): number => Number(sliders.get(axis)?.value ?? 0);
  const weights = {
    latencyTail: weight("latencyTail"),
    throughput: weight("throughput"),
    cpuCost: weight("cpuCost"),
    memory: weight("memory"),
    startup: weight("startup"),
  };
  const isAsIs = policyAxes.every((axis) => Math.abs(weights[axis] - from.weights[axis]) < 0.025);
  return isAsIs ? from : { ...from, name: "own weights", weights };
}

let latest = 0;
async function decide(): Promise<void> {
  const policy = policyNow();
  if (policy === null) return;
  const query = new URLSearchParams({ id, from: preset.value });
  for (const [axis, slider] of sliders) query.set(axis, slider.value);
  history.replaceState(null, "", `?${query}`);
  latest += 1;
  const request = latest;
  const response = await post(`/api/v1/runs/${encodeURIComponent(id)}/decision`, { policy });
  if (response === null) return;
  const { headline, decision } = decisionAnswer.parse(await response.json());
  // An answer that a later move has overtaken is not shown.
  if (request !== latest) return;
  byId("headline", HTMLElement).textContent = headline;
  byId("answer", HTMLElement).textContent = `Under ${policy.name}: ${decision.answer}`;
  const rows = decision.scores.map(({ candidate, score, axes }) => [
    candidate,
    formatRatio(score),
    ...policyAxes.map((axis) => {
      const of = axes.find((one) => one.axis === axis);
      if (of === undefined) return "–";
      const interval = formatRatioInterval(of.ciLow, of.ciHigh);
      return `${formatRatio(of.ratio)}${interval === null ? "" : ` (${interval})`}, ${of.reads}`;
    }),
  ]);
  byId("ranking", HTMLElement).replaceChildren(
    table(
      `The leader${decision.leader === null ? "" : `, ${decision.leader},`} against each other candidate, by axis`,
      ["Candidate", "Score", ...policyAxes.map((axis) => axisLabels[axis])],
      rows,
    ),
  );
}

function take(from: (typeof policies)[number], weights: URLSearchParams | null): void {
  preset.value = from.name;
  for (const [axis, slider] of sliders) slider.value = weights?.get(axis) ?? String(from.weights[axis]);
  showWeights();
}

form.append(
  element("label", {}, "Start from", preset),
  ...[...sliders].map(([axis, slider]) =>
    element(
      "div",
      { class: "weight" },
      element("label", {}, axisLabels[axis], slider),
      outputs.get(axis) ?? "",
    ),
  ),
);
preset.addEventListener("change", () => {
  const chosen = policies.find(({ name }) => name === preset.value);
  if (chosen !== undefined) take(chosen, null);
});
form.addEventListener("input", showWeights);
form.addEventListener("change", () => void decide());
byId("run", HTMLAnchorElement).href = `/run?id=${encodeURIComponent(id)}`;
if (id === "") byId("said", HTMLElement).textContent = noneNamed;
else if (base !== undefined) {
  take(base, asked);
  await decide();
}
