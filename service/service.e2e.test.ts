import { expect, setDefaultTimeout, test } from "bun:test";
import { report as reportSchema } from "../schemas/report.ts";
import { decisionAnswer } from "./api/history.ts";
import { runFiles, runList, runSummary } from "./api/run.ts";
import { hasEnded, ownFolder, shortRun, startService } from "./fixtures/service.ts";

setDefaultTimeout(60_000);

test("a run is asked for, watched to its end, and its report had in every way", async () => {
  using own = ownFolder();
  await using service = await startService(own.folder);
  const asked = await service.post("/api/v1/runs", { ...shortRun, label: "first" });
  expect(asked.status).toBe(201);
  const { id } = runSummary.parse(await asked.json());
  expect(asked.headers.get("location")).toBe(`/api/v1/runs/${id}`);
  const seen = await service.watch(`/api/v1/runs/${id}/live`, hasEnded);
  const events = seen.flatMap((message) => (message.kind === "events" ? message.events : []));
  expect(events.map(({ id: number }) => number)).toEqual(
    events.map(({ id: number }) => number).toSorted((a, b) => a - b),
  );
  const types = new Set(events.map(({ type }) => type));
  for (const type of ["run-started", "window-finished", "run-finished"] as const)
    expect(types).toContain(type);
  const last = seen.at(-1);
  expect(last?.kind === "run" ? [last.run.state, last.run.hasReport, last.run.label] : null).toEqual([
    "finished",
    true,
    "first",
  ]);

  // Who comes back has what was missed and no more.
  const since = events[2]?.id ?? 0;
  const rest = await service.watch(`/api/v1/runs/${id}/live?since=${since}`, ({ kind }) => kind === "events");
  const again = rest.flatMap((message) => (message.kind === "events" ? message.events : []));
  expect(again).toEqual(events.filter((event) => event.id > since));

  const report = reportSchema.parse(await (await service.ask(`/api/v1/runs/${id}/report`)).json());
  expect(report.candidates.map((c) => c.id)).toContain("bun/serve");
  const html = (await service.get(`/api/v1/runs/${id}/forms/html`, runFiles)).files[0];
  const page = await service.ask(html?.url ?? "");
  expect(page.headers.get("content-type")).toStartWith("text/html");
  expect(page.headers.get("content-security-policy")).toMatch(/^sandbox allow-scripts.*script-src 'sha256-/);
  const decided = await service.post(`/api/v1/runs/${id}/decision`, { policy: "cost" });
  expect(decisionAnswer.parse(await decided.json()).decision.policy).toBe("cost");

  // Its own report brought in again is the same run.
  const imported = await service.post("/api/v1/import", report);
  expect([imported.status, runSummary.parse(await imported.json()).id]).toEqual([200, id]);
  const { runs } = await service.get("/api/v1/runs?candidate=bun/serve", runList);
  expect(runs.map((run) => run.id)).toEqual([id]);
  expect((await service.ask(`/api/v1/runs/${id}`, { method: "DELETE" })).status).toBe(204);
  expect((await service.get("/api/v1/runs", runList)).total).toBe(0);
});
