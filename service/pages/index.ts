/// <reference lib="dom" />
import { profiles } from "../../schemas/names.ts";
import { type RunSummary, runList, runSummary } from "../api/run.ts";
import { ask, follow, post } from "./client.ts";
import { byId, element } from "./element.ts";

const rows = byId("runs", HTMLTableSectionElement);
const said = byId("said", HTMLElement);
const start = byId("start", HTMLFormElement);
const session = byId("session", HTMLFormElement);
const older = byId("older", HTMLButtonElement);
let next: string | null = null;

function stateOf({ state, place, progress, problem: why }: RunSummary): string {
  if (state === "queued") return `queued, place ${place ?? "?"}`;
  if (state === "running" && progress !== null)
    return `running, round ${progress.round} of ${progress.rounds}`;
  return why === null ? state : `${state}: ${why.text}`;
}

/** What can be done with a run as it stands. */
function actions(run: RunSummary): (Node | string)[] {
  const button = (text: string, act: () => Promise<unknown>) => {
    const made = element("button", { type: "button", "aria-label": `${text} ${run.id}` }, text);
    made.addEventListener("click", () => void act());
    return made;
  };
  const report = `/api/v1/runs/${run.id}/files/html/report.html`;
  return [
    ...(run.hasReport ? [element("a", { href: report }, "report"), " "] : []),
    ...(run.state === "queued" || run.state === "running"
      ? [button("Cancel", () => post(`/api/v1/runs/${run.id}/cancel`, {}))]
      : []),
    ...(run.canResume ? [button("Resume", () => post(`/api/v1/runs/${run.id}/resume`, {}))] : []),
  ];
}

function rowOf(run: RunSummary): HTMLTableRowElement {
  const cells = [
    [element("a", { href: `/run?id=${run.id}` }, run.label === null ? run.id : `${run.label} (${run.id})`)],
    [stateOf(run)],
    [run.headline ?? "–"],
    [run.candidates.join(", ")],
    actions(run),
  ];
  return element("tr", { id: run.id }, ...cells.map((content) => element("td", {}, ...content)));
}

function show(run: RunSummary): void {
  const shown = document.getElementById(run.id);
  if (shown === null) rows.prepend(rowOf(run));
  else shown.replaceWith(rowOf(run));
}

async function load(): Promise<void> {
  const page = await ask(next === null ? "/api/v1/runs" : `/api/v1/runs?before=${next}`);
  if (page === null) return;
  const { runs, next: behind } = runList.parse(await page.json());
  rows.append(...runs.map(rowOf));
  next = behind;
  older.hidden = behind === null;
}

start
  .querySelector("select")
  ?.append(...profiles.map((name) => element("option", name === "quick" ? { selected: "" } : {}, name)));
start.addEventListener("submit", (event) => {
  event.preventDefault();
  const given = new FormData(start);
  const label = String(given.get("label") ?? "").trim();
  const candidates = String(given.get("candidates") ?? "")
    .split(/[\s,]+/)
    .filter((name) => name !== "");
  void post("/api/v1/runs", {
    profile: given.get("profile"),
    candidates,
    ...(label === "" ? {} : { label }),
  }).then(async (response) => {
    if (response === null) return;
    const run = runSummary.parse(await response.json());
    said.textContent = `${run.id} waits for its turn`;
    show(run);
  });
});
session.addEventListener("submit", (event) => {
  event.preventDefault();
  void post("/api/v1/session", { token: new FormData(session).get("token") }).then((response) => {
    if (response !== null) location.reload();
  });
});
older.addEventListener("click", () => void load());

if ((await ask("/api/v1/runs?limit=1")) !== null) {
  follow({
    path: () => "/api/v1/live",
    // What was missed while there was no connection is loaded anew.
    opened: () => {
      rows.replaceChildren();
      next = null;
      void load();
    },
    heard: (message) => {
      if (message.kind === "run") show(message.run);
    },
    goesOn: () => true,
  });
}
