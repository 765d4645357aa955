/// <reference lib="dom" />
import type { z } from "zod";
import { formatDay, formatMetric, formatRatio } from "../../reports/format.ts";
import { seriesList, type TrendAnswer, trendAnswer, type trendCheck } from "../api/history.ts";
import { orderChart } from "./chart.ts";
import { get, post } from "./client.ts";
import { byId, element } from "./element.ts";
import { formatMoment } from "./run-name.ts";
import { table } from "./table.ts";

const select = byId("choice", HTMLFormElement).querySelector("select");
const keyOf = (of: { candidate: string; cell: string; metric: string }): string =>
  String(new URLSearchParams({ candidate: of.candidate, cell: of.cell, metric: of.metric }));

function show({
  label,
  candidate,
  cell,
  metric,
  caution,
  settings,
  points,
  changes,
  upgrades,
}: TrendAnswer): void {
  const cautionElement = byId("caution", HTMLElement);
  cautionElement.hidden = false;
  cautionElement.textContent = caution;
  const format = (value: number) => formatMetric(metric, value);
  const times = new Map(points.map(({ run, at }) => [run, at]));
  const runLink = (id: string) => {
    const at = times.get(id);
    return element("a", { href: `/run?id=${id}` }, at === undefined ? id : formatMoment(at));
  };
  // Points of another machine or profile are drawn apart: they are not held against each other.
  const charts = settings.flatMap(({ key, cpu, cores, kernel, profile }) => {
    const ofSetting = points.filter(({ setting }) => setting === key);
    const marks = new Map<number, string>();
    for (const [at, point] of ofSetting.entries()) {
      const before = ofSetting[at - 1];
      const versions =
        before === undefined
          ? []
          : (["runtime", "framework", "toolVersion"] as const)
              .filter((what) => before[what] !== point[what])
              .map((what) => `${what === "toolVersion" ? "tickbench " : ""}${point[what]}`);
      const change = changes.find((one) => one.setting === key && one.run === point.run);
      const texts = [...(change === undefined ? [] : [change.state]), ...versions];
      if (texts.length > 0) marks.set(at, texts.join(", "));
    }
    const dots = ofSetting.map(({ median, ciLow, ciHigh, isBound, at, run }) => ({
      value: median,
      ciLow,
      ciHigh,
      isFull: !isBound,
      title: `${formatMoment(at)}, ${run}: ${format(median)}`,
    }));
    const where = `${cpu}, ${cores} cores, kernel ${kernel}, ${profile}`;
    return [
      element("h2", {}, where),
      orderChart(`${label} of ${candidate}, ${cell}: ${dots.length} runs, oldest first`, dots, marks, {
        format,
        ends: [ofSetting[0], ofSetting.at(-1)].map((point) =>
          point === undefined ? "" : formatDay(point.at),
        ),
      }),
    ];
  });
  byId("trend", HTMLElement).replaceChildren(
    ...charts,
    element("h2", {}, "Change points"),
    changes.length === 0
      ? element("p", {}, "No suspected changes.")
      : table(
          "Suspected changes, and the result of measuring old and new in one run",
          ["From run", "Before", "After", "After ÷ before", "p", "Versions", "State"],
          changes.map(({ run, before, after, ratio, p, versions, state, check }) => [
            runLink(run),
            format(before),
            format(after),
            formatRatio(ratio),
            p.toPrecision(2),
            versions.map(({ what, from, to }) => `${what} ${from} → ${to}`).join(", ") || "–",
            check !== null
              ? element("a", { href: `/run?id=${check}` }, state)
              : state === "suspected"
                ? checkButton({ candidate, cell, metric, run })
                : state,
          ]),
        ),
    ...(upgrades.length === 0
      ? []
      : [
          element("h2", {}, "Upgrades"),
          table(
            "Old and new in one sitting",
            ["Upgrade", "Reads", "Newer against older", "Run"],
            upgrades.map(({ run, subject, from, to, reading, words }) => [
              `${subject} ${from} → ${to}`,
              reading,
              words,
              runLink(run),
            ]),
          ),
        ]),
    element(
      "details",
      {},
      element("summary", {}, `All ${points.length} points`),
      table(
        "Oldest first",
        ["Run", "Median", "95 % interval", "Runtime", "Framework"],
        points.map(({ run, median, ciLow, ciHigh, isBound, runtime, framework }) => [
          runLink(run),
          `${isBound ? "≥ " : ""}${format(median)}`,
          ciLow === null || ciHigh === null ? "–" : `${format(ciLow)} to ${format(ciHigh)}`,
          runtime,
          framework,
        ]),
      ),
    ),
  );
}

/** Asks for a run of old and new together, which alone makes a finding of a suspicion. */
function checkButton(of: z.infer<typeof trendCheck>): HTMLElement {
  const made = element("button", { type: "button" }, "Measure old and new together");
  made.addEventListener("click", async () => {
    made.disabled = true;
    if ((await post("/api/v1/trend/check", of)) !== null) await load();
    made.disabled = false;
  });
  return element("span", {}, "suspected ", made);
}

async function load(): Promise<void> {
  const key = select?.value ?? "";
  if (key === "") return;
  history.replaceState(null, "", `?${key}`);
  const answer = await get(`/api/v1/trend?${key}`, trendAnswer);
  if (answer !== null) show(answer);
}

const listed = await get("/api/v1/series", seriesList);
const series = listed?.series ?? [];
select?.append(
  ...series.map((of) =>
    element("option", { value: keyOf(of) }, `${of.candidate}, ${of.cell}: ${of.label} (${of.runs})`),
  ),
);
const asked = new URLSearchParams(location.search);
const wanted = String(
  new URLSearchParams(["candidate", "cell", "metric"].map((name) => [name, asked.get(name) ?? ""])),
);
// Where none is asked for, the figure that a feed is chosen by.
const usual = series.find(({ metric }) => metric === "latencyNsP99");
if (select !== null && series.some((of) => keyOf(of) === wanted)) select.value = wanted;
else if (select !== null && usual !== undefined) select.value = keyOf(usual);
select?.addEventListener("change", () => void load());
if (series.length === 0) byId("trend", HTMLElement).append("No finished run is stored yet.");
await load();
