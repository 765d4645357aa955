/// <reference lib="dom" />
import { profiles } from "../../schemas/names.ts";
import { liveMessage } from "../api/live.ts";
import { problem } from "../api/problem.ts";
import { type RunSummary, runList, runSummary } from "../api/run.ts";
import { byId, element } from "./element.ts";

const rows = byId("runs", HTMLTableSectionElement);
const said = byId("said", HTMLElement);
const start = byId("start", HTMLFormElement);
const session = byId("session", HTMLFormElement);
const older = byId("older", HTMLButtonElement);
let next: string | null = null;

/** Asks the API; what it refuses is said on the page. */
async function ask(path: string, init?: RequestInit): Promise<Response | null> {
  const response = await fetch(path, init);
  if (response.ok) return response;
  const refused = problem.safeParse(await response.json());
  said.textContent = refused.data?.detail ?? `${response.status} ${response.statusText}`;
  session.hidden = response.status !== 401;
  return null;
}

const post = (path: string, body: unknown): Promise<Response | null> =>
  ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

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
    [run.label === null ? run.id : `${run.label} (${run.id})`],
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

/** Longest wait before a lost connection is tried again, in ms. */
const waitMaxMs = 30_000;

/** Follows what changes; what was missed while a connection was lost is loaded anew. */
function follow(waitMs = 1000): void {
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}/api/v1/live`);
  let wait = waitMs;
  socket.addEventListener("open", () => {
    wait = 1000;
    rows.replaceChildren();
    next = null;
    void load();
  });
  socket.addEventListener("message", ({ data }) => {
    const message = liveMessage.parse(JSON.parse(String(data)));
    if (message.kind === "run") show(message.run);
  });
  socket.addEventListener("close", () => setTimeout(() => follow(Math.min(2 * wait, waitMaxMs)), wait));
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

if ((await ask("/api/v1/runs?limit=1")) !== null) follow();
