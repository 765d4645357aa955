/// <reference lib="dom" />
import { profiles } from "../../schemas/names.ts";
import { type RunSummary, runList, runOrigins, runSummary } from "../api/run.ts";
import { startRun } from "../api/start.ts";
import { runStates } from "../names.ts";
import { ask, follow, post } from "./client.ts";
import { byId, element } from "./element.ts";
import { fieldsOf } from "./fields.ts";
import { runName } from "./run-name.ts";

/** How many runs a page of the list has. */
const pageOf = 50;
const rows = byId("runs", HTMLTableSectionElement);
const start = byId("start", HTMLFormElement);
const filter = byId("filter", HTMLFormElement);
const bring = byId("import", HTMLFormElement);
const count = byId("count", HTMLElement);
const older = byId("older", HTMLButtonElement);
let next: string | null = null;
/** Counts how often the list was begun, so that an answer to an earlier question is not shown. */
let begun = 0;
let total = 0;

function stateOf({ state, place, progress, problem: why }: RunSummary): (Node | string)[] {
  const badge = element("span", { class: `state ${state}` }, state);
  if (state === "queued") return [badge, ` place ${place ?? "?"}`];
  if (state === "running" && progress !== null)
    return [badge, ` round ${progress.round} of ${progress.rounds}`];
  return why === null ? [badge] : [badge, " ", element("small", {}, why.text)];
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
    ...(run.state === "queued" || run.state === "running" ? [] : [button("Remove", () => remove(run))]),
    ...(run.canResume ? [button("Resume", () => post(`/api/v1/runs/${run.id}/resume`, {}))] : []),
  ];
}

/** Removes a run for good, once whoever asks has said so twice. */
async function remove({ id, label }: RunSummary): Promise<void> {
  if (!confirm(`Remove ${label ?? id} with its report and record? It cannot be had back.`)) return;
  await ask(`/api/v1/runs/${id}`, { method: "DELETE" });
}

function rowOf(run: RunSummary): HTMLTableRowElement {
  const cells = [
    [element("a", { href: `/run?id=${run.id}` }, runName(run)), element("code", {}, run.id)],
    stateOf(run),
    [run.headline ?? "–"],
    [run.candidates.join(", ")],
    actions(run),
  ];
  return element("tr", { id: run.id }, ...cells.map((content) => element("td", {}, ...content)));
}

function show(run: RunSummary): void {
  const shown = document.getElementById(run.id);
  // A filtered list takes up no run by itself: whether the run passes the filter is for the API to say.
  if (shown !== null) shown.replaceWith(rowOf(run));
  else if (query().size === 0) {
    rows.prepend(rowOf(run));
    total += 1;
  }
}

function drop(id: string): void {
  const shown = document.getElementById(id);
  if (shown === null) return;
  shown.remove();
  total -= 1;
}

/** What is asked of the list. */
function query(): URLSearchParams {
  const made = new URLSearchParams();
  for (const [name, value] of new FormData(filter))
    if (String(value).trim() !== "") made.set(name, String(value).trim());
  return made;
}

/** The list from its newest run on. */
function begin(): void {
  rows.replaceChildren();
  next = null;
  begun += 1;
  void load();
}

function showCount(): void {
  count.textContent = `${rows.childElementCount} of ${total}`;
}

async function load(): Promise<void> {
  const nth = begun;
  const asked = query();
  asked.set("limit", String(pageOf));
  if (next !== null) asked.set("before", next);
  const page = await ask(`/api/v1/runs?${asked}`);
  if (page === null) return;
  const found = runList.parse(await page.json());
  if (begun !== nth) return;
  // One that was reported while the page was asked for is there already.
  rows.append(...found.runs.filter(({ id }) => document.getElementById(id) === null).map(rowOf));
  next = found.next;
  total = found.total;
  older.hidden = next === null;
  showCount();
}

// Where the window is narrow the list scrolls sideways, by keyboard too, though it may hold nothing to focus.
rows.closest("section")?.setAttribute("tabindex", "0");
const fields = fieldsOf(startRun);
start.append(
  ...[...fields.values()].map(({ label }) => label),
  element("button", { type: "submit" }, "Start"),
);
start.addEventListener("submit", (event) => {
  event.preventDefault();
  const asked = [...fields].map(([name, { value }]) => [name, value()]);
  void post("/api/v1/runs", Object.fromEntries(asked)).then(async (response) => {
    if (response === null) return;
    const run = runSummary.parse(await response.json());
    location.assign(`/run?id=${run.id}`);
  });
});
for (const [name, values] of Object.entries({ state: runStates, profile: profiles, origin: runOrigins })) {
  filter
    .querySelector(`select[name=${name}]`)
    ?.append(...values.map((value) => element("option", { value }, value)));
}
bring.addEventListener("submit", (event) => {
  event.preventDefault();
  const file = new FormData(bring).get("file");
  if (!(file instanceof File)) return;
  void ask("/api/v1/import", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: file,
  }).then(async (response) => {
    if (response === null) return;
    const { id } = runSummary.parse(await response.json());
    location.assign(`/run?id=${id}`);
  });
});
filter.addEventListener("submit", (event) => {
  event.preventDefault();
  begin();
});
older.addEventListener("click", () => void load());

if ((await ask("/api/v1/runs?limit=1")) !== null) {
  follow({
    path: () => "/api/v1/live",
    // What was missed while there was no connection is loaded anew.
    opened: begin,
    heard: (message) => {
      if (message.kind === "run") show(message.run);
      else if (message.kind === "removed") drop(message.id);
      showCount();
    },
    goesOn: () => true,
  });
}
