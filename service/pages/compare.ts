/// <reference lib="dom" />
import { formatMetric, formatRatio, formatRatioInterval } from "../../reports/format.ts";
import { type ComparisonAnswer, comparisonAnswer } from "../api/history.ts";
import { type RunSummary, runList } from "../api/run.ts";
import { get } from "./client.ts";
import { byId, element } from "./element.ts";
import { runName } from "./run-name.ts";
import { table } from "./table.ts";

type Change = ComparisonAnswer["candidates"][number]["changes"][number];

const choice = byId("choice", HTMLFormElement);
const asked = new URLSearchParams(location.search);

function figure(metric: Change["metric"], { median, ciLow, ciHigh, isBound }: Change["a"]): string {
  const value = `${isBound ? "≥ " : ""}${formatMetric(metric, median)}`;
  if (ciLow === null || ciHigh === null) return value;
  return `${value} (${formatMetric(metric, ciLow)} to ${formatMetric(metric, ciHigh)})`;
}

function rowOf({ label, cell, metric, a, b, ratio, ciLow, ciHigh, words }: Change): string[] {
  const interval = formatRatioInterval(ciLow, ciHigh);
  const times = ratio === null ? "–" : `${formatRatio(ratio)}${interval === null ? "" : ` (${interval})`}`;
  return [`${label}, ${cell}`, figure(metric, a), figure(metric, b), times, words];
}

function show({ a, b, otherSitting, caution, differences, candidates, unmatched }: ComparisonAnswer): void {
  const words = (all: ComparisonAnswer["differences"]) =>
    element("ul", {}, ...all.map((one) => element("li", {}, one.words)));
  const head = ["Figure", "Run A", "Run B", "B ÷ A (95 % interval)", "Reads"];
  byId("comparison", HTMLElement).replaceChildren(
    element("p", { class: "caution" }, otherSitting ? element("strong", {}, "Other sitting. ") : "", caution),
    element("h2", {}, "What differs between the runs' environments"),
    differences.length === 0 ? element("p", {}, "Nothing that was recorded.") : words(differences),
    ...candidates.flatMap(({ candidate, differences, changes }) => [
      element("h2", {}, candidate),
      ...(differences.length === 0 ? [] : [words(differences)]),
      table(`${candidate}: A is ${runName(a)}, B is ${runName(b)}`, head, changes.map(rowOf)),
    ]),
    ...(unmatched.length === 0 ? [] : [element("p", {}, `In only one run: ${unmatched.join(", ")}`)]),
  );
}

const stored = await get("/api/v1/runs?limit=200", runList);
const runs = (stored?.runs ?? []).filter(({ hasReport }) => hasReport);
const select = (side: "a" | "b", otherwise: RunSummary | undefined): void => {
  const field = choice.elements.namedItem(side);
  if (!(field instanceof HTMLSelectElement)) return;
  field.append(...runs.map((run) => element("option", { value: run.id }, runName(run))));
  const value = asked.get(side) ?? otherwise?.id ?? "";
  // A run older than those listed is asked for by the address.
  if (value !== "" && !runs.some(({ id }) => id === value)) field.append(element("option", { value }, value));
  field.value = value;
};
// Given which one is B, so that a run is not compared with itself.
const newest = asked.get("b") ?? runs[0]?.id;
select("a", runs.find(({ id }) => id !== newest) ?? runs[0]);
select("b", runs[0]);

async function compare(): Promise<void> {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(choice)) query.set(name, String(value));
  if (!query.has("a") || !query.has("b")) return;
  history.replaceState(null, "", `?${query}`);
  const answer = await get(`/api/v1/compare?${query}`, comparisonAnswer);
  if (answer !== null) show(answer);
}
choice.addEventListener("submit", (event) => {
  event.preventDefault();
  void compare();
});
if (asked.has("a") && asked.has("b")) await compare();
