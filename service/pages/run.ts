/// <reference lib="dom" />
import { z } from "zod";
import { formatDuration, formatMetric } from "../../reports/format.ts";
import { metricKinds } from "../../schemas/metric.ts";
import type { LiveEvent } from "../api/live.ts";
import { options } from "../api/options.ts";
import { type Progress, type RunDetail, type RunSummary, runDetail, runFiles } from "../api/run.ts";
import { type Dot, rowChart } from "./chart.ts";
import { follow, get, post } from "./client.ts";
import { byId, element } from "./element.ts";
import { figureOf, filledFigure } from "./figure.ts";
import { noneNamed, runName } from "./run-name.ts";

const id = z.string().catch("").parse(new URLSearchParams(location.search).get("id"));
const path = `/api/v1/runs/${encodeURIComponent(id)}`;
const figure = byId("figure", HTMLSelectElement);
const live = byId("live", HTMLElement);
const windows: Extract<LiveEvent, { type: "window-finished" }>[] = [];
let candidates: readonly string[] = [];
let lastEvent = 0;
let hasEnded = false;
let hasChosen = false;

const isOver = ({ state }: RunSummary): boolean => state !== "queued" && state !== "running";

function draw(): void {
  const of = figureOf(figure.value);
  if (of === null) return;
  const format = (value: number) => formatMetric(of.metric, value);
  const rows = new Map<string, Dot[]>(candidates.map((name) => [name, []]));
  for (const { candidate, cell, counted, doubt, round, metrics } of windows) {
    const value = metrics[of.metric];
    if (cell !== of.cell || value === undefined) continue;
    const title = `${candidate}, round ${round}: ${format(value)}${doubt === null ? "" : ` (${doubt})`}`;
    rows.set(candidate, [
      ...(rows.get(candidate) ?? []),
      { value, isFull: counted && doubt === null, title },
    ]);
  }
  byId("chart", HTMLElement).replaceChildren(
    rowChart(`${metricKinds[of.metric].label}, ${of.cell}, by candidate`, rows, format),
  );
}

function take(event: LiveEvent): void {
  // After a reconnection nothing is taken twice.
  if (event.id <= lastEvent) return;
  lastEvent = event.id;
  if (event.type === "run-started") {
    candidates = event.candidates;
    const figures = event.cells.flatMap((cell) =>
      cell.headline.map((metric) =>
        element("option", { value: `${metric} ${cell.id}` }, `${cell.id}: ${metricKinds[metric].label}`),
      ),
    );
    figure.replaceChildren(...figures);
  } else if (event.type === "window-finished") windows.push(event);
}

function showProgress(now: Progress): void {
  live.hidden = false;
  const bar = byId("bar", HTMLProgressElement);
  bar.max = Math.max(1, now.elapsedMs + (now.leftMs ?? 0));
  bar.value = now.leftMs === null ? 0 : now.elapsedMs;
  const facts: [string, string][] = [
    ["Cell", now.cell ?? "–"],
    ["Candidate", now.candidate ?? "–"],
    ["Round", `${now.round} of ${now.rounds}`],
    ["Time left", now.leftMs === null ? "not known yet" : formatDuration(now.leftMs)],
    ["Clean time so far", formatDuration(now.cleanMs)],
    ["Windows", `${now.windows.counted} counted, ${now.windows.discarded} discarded`],
    ["Failures", String(now.failures)],
  ];
  byId("facts", HTMLElement).replaceChildren(
    ...facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
  );
}

async function showEnd(run: RunSummary): Promise<void> {
  const detail = await get(path, runDetail);
  byId("answer", HTMLElement).textContent = detail?.answer ?? run.headline ?? "";
  if (!run.hasReport) return;
  byId("ended", HTMLElement).hidden = false;
  const offered = await get("/api/v1/options", options);
  const link = (href: string, text: string) => element("li", {}, element("a", { href }, text));
  const form = (name: string, writes: string) => {
    const button = element("button", { type: "button" }, `${name} (${writes})`);
    button.addEventListener("click", async () => {
      const made = await get(`${path}/forms/${name}`, runFiles);
      if (made === null) return;
      const links = made.files.map(({ url, path: file }) =>
        element("li", {}, element("a", { href: url, download: "" }, file)),
      );
      button.replaceWith(element("span", {}, name, element("ul", {}, ...links)));
    });
    return element("li", {}, button);
  };
  byId("links", HTMLElement).replaceChildren(
    link(`${path}/files/html/report.html`, "Open the report in its own page"),
    link(`/decision?id=${id}`, "Decide with other weights"),
    link(`/compare?b=${id}`, "Compare with another run"),
    link(`${path}/files/card/card.svg`, "A picture of the answer to share (SVG)"),
    link(`${path}/files/png/card.png`, "The same for a chat (PNG)"),
    link(`${path}/report`, "report.json"),
    element(
      "li",
      {},
      element(
        "details",
        {},
        element("summary", {}, "Other formats, made on request"),
        element("ul", {}, ...(offered?.forms ?? []).map(({ name, writes }) => form(name, writes))),
      ),
    ),
  );
  byId("report", HTMLIFrameElement).src = `${path}/files/html/report.html`;
}

/** What can be done with a run as it stands. */
function actionsOf(run: RunSummary): Node[] {
  const button = (text: string, act: string, then: () => void) => {
    const made = element("button", { type: "button" }, text);
    made.addEventListener("click", async () => {
      made.disabled = true;
      if ((await post(`${path}/${act}`, {})) === null) made.disabled = false;
      else then();
    });
    return made;
  };
  if (!isOver(run)) return [button("Cancel", "cancel", () => undefined)];
  // Its page begins anew, with what was measured before.
  return run.canResume ? [button("Resume", "resume", () => location.reload())] : [];
}

/** What a run was asked for; nothing of one that was imported. */
function showRequest(request: RunDetail["request"]): void {
  if (request === null) return;
  byId("asked", HTMLElement).hidden = false;
  const texts = Object.entries(request).map(([name, value]): [string, string] => [
    name,
    typeof value === "object" && !Array.isArray(value) ? JSON.stringify(value) : String(value),
  ]);
  byId("request", HTMLElement).replaceChildren(
    ...texts
      .filter(([, text]) => text !== "")
      .map(([name, text]) => element("div", {}, element("dt", {}, name), element("dd", {}, text))),
  );
}

function show(run: RunSummary): void {
  byId("name", HTMLElement).textContent = runName(run);
  document.title = `${runName(run)} · tickbench`;
  byId("state", HTMLElement).replaceChildren(
    element("span", { class: `state ${run.state}` }, run.state),
    run.place === null ? " " : ` place ${run.place} `,
    element("code", {}, run.id),
  );
  const problem = byId("problem", HTMLElement);
  problem.hidden = run.problem === null;
  problem.textContent = run.problem?.text ?? "";
  byId("actions", HTMLElement).replaceChildren(...actionsOf(run));
  if (run.progress !== null && !isOver(run)) showProgress(run.progress);
  if (!isOver(run) || hasEnded) return;
  hasEnded = true;
  void showEnd(run);
}

figure.addEventListener("change", () => {
  hasChosen = true;
  draw();
});
const begun = id === "" ? null : await get(path, runDetail);
if (id === "") byId("said", HTMLElement).textContent = noneNamed;
if (begun !== null) {
  showRequest(begun.request);
  show(begun);
  if (!hasEnded)
    follow({
      path: () => `${path}/live?since=${lastEvent}`,
      heard: (message) => {
        if (message.kind === "run") show(message.run);
        else if (message.kind === "events") {
          for (const event of message.events) take(event);
          showProgress(message.progress);
          const all = [...figure.options].map(({ value }) => value);
          if (!hasChosen) figure.value = filledFigure(figure.value, all, windows);
          draw();
        }
      },
      goesOn: () => !hasEnded,
    });
}
