import { Elysia } from "elysia";
import { z } from "zod";
import { decide } from "../../reports/decision/decide.ts";
import { ReportFormatError, reportJson } from "../../reports/json.ts";
import { policyByName } from "../../reports/policies.ts";
import { readStoredText } from "../../reports/read-report.ts";
import { headline } from "../../reports/wording.ts";
import type { Report } from "../../schemas/report.ts";
import { decide as decideBody, decisionAnswer } from "../api/history.ts";
import { listQuery, runDetail, runFiles, runId, runList, runSummary } from "../api/run.ts";
import { startRun } from "../api/start.ts";
import type { Candidates } from "../candidates.ts";
import type { Forms } from "../forms.ts";
import type { Jobs } from "../jobs/jobs.ts";
import { RequestError } from "../problem.ts";
import { type Store, summaryOf } from "../store/store.ts";

export interface RunParts {
  readonly store: Store;
  readonly jobs: Jobs;
  readonly forms: Forms;
  readonly candidates: Candidates;
}

const byId = z.object({ id: runId });
const byForm = byId.extend({ form: z.string().max(20) });
const tags = ["runs"];

/** Runs: asked for, listed, looked at, ended, resumed, removed and brought in. */
export const runRoutes = ({ store, jobs, forms, candidates }: RunParts) =>
  new Elysia({ prefix: "/api/v1" })
    .get(
      "/runs",
      ({ query }) => {
        if (query.before !== undefined && store.get(query.before) === null) {
          throw new RequestError("not-found", `before: must be a stored run, got ${query.before}`);
        }
        const { rows, total, next } = store.list(query);
        const places = store.places();
        const runs = rows.map((row) =>
          row.state === "running" ? jobs.summary(row.id) : summaryOf(row, places.get(row.id) ?? null),
        );
        return { runs, total, next };
      },
      {
        query: listQuery,
        response: { 200: runList },
        detail: { summary: "List runs, newest first", tags },
      },
    )
    .post(
      "/runs",
      ({ body, set }) => {
        candidates.check(body);
        const run = jobs.start(body);
        set.status = 201;
        set.headers.location = `/api/v1/runs/${run.id}`;
        return run;
      },
      {
        body: startRun,
        response: { 201: runSummary },
        detail: { summary: "Queue a run", tags },
      },
    )
    .get(
      "/runs/:id",
      ({ params: { id } }) => {
        const summary = jobs.summary(id);
        const row = store.get(id);
        return { ...summary, request: row?.request ?? null, answer: row?.facts?.answer ?? null };
      },
      {
        params: byId,
        response: { 200: runDetail },
        detail: { summary: "One run and its request", tags },
      },
    )
    .delete(
      "/runs/:id",
      ({ params: { id }, set }) => {
        jobs.delete(id);
        set.status = 204;
      },
      {
        params: byId,
        detail: {
          summary: "Remove a run that has ended, with its report and record",
          tags,
          responses: { 204: { description: "It is removed" } },
        },
      },
    )
    .post(
      "/runs/:id/cancel",
      ({ params: { id }, set }) => {
        set.status = 202;
        return jobs.cancel(id);
      },
      {
        params: byId,
        response: { 202: runSummary },
        detail: { summary: "Cancel a queued or running run", tags },
      },
    )
    .post(
      "/runs/:id/resume",
      ({ params: { id }, set }) => {
        set.status = 202;
        return jobs.resume(id);
      },
      {
        params: byId,
        response: { 202: runSummary },
        detail: { summary: "Resume an interrupted run", tags },
      },
    )
    .get(
      "/runs/:id/report",
      ({ params: { id } }) =>
        new Response(reportJson(reportOf(store, id)), {
          headers: { "content-type": "application/json;charset=utf-8" },
        }),
      {
        params: byId,
        detail: {
          summary: "The report.json of a run (schemas/report.schema.json)",
          tags,
          responses: { 200: { description: "The report", content: { "application/json": {} } } },
        },
      },
    )
    .get(
      "/runs/:id/forms/:form",
      async ({ params: { id, form } }) => {
        const files = await forms.of(id, form, () => reportOf(store, id), jobs.isMeasuring);
        return {
          files: files.map(({ path, mediaType, body }) => {
            return { form, path, mediaType, bytes: body.length, url: urlOf(id, form, path) };
          }),
        };
      },
      {
        params: byForm,
        response: { 200: runFiles },
        detail: { summary: "The files of a rendered form", tags },
      },
    )
    .get(
      "/runs/:id/files/:form/*",
      async ({ params: { id, form }, path: asked, set }) => {
        const files = await forms.of(id, form, () => reportOf(store, id), jobs.isMeasuring);
        const file = files.find(({ path }) => urlOf(id, form, path) === asked);
        if (file === undefined)
          throw new RequestError("not-found", `${form}: must be one of its files, got ${asked}`);
        set.headers["content-security-policy"] = file.policy;
        set.headers["content-type"] = file.mediaType;
        return new Response(file.body);
      },
      {
        params: byForm.extend({ "*": z.string().max(500) }),
        detail: {
          summary: "A file of a rendered form",
          tags,
          responses: { 200: { description: "The file, of its own media type", content: { "*/*": {} } } },
        },
      },
    )
    .post(
      "/runs/:id/decision",
      ({ params: { id }, body: { policy } }) => {
        const chosen = typeof policy === "string" ? policyByName(policy) : policy;
        if (chosen === undefined)
          throw new RequestError("not-valid", `policy: there is none called ${String(policy)}`);
        const decision = decide(reportOf(store, id), chosen);
        return { headline: headline(decision), decision };
      },
      {
        params: byId,
        body: decideBody,
        response: { 200: decisionAnswer },
        detail: { summary: "Decide a stored run under a policy", tags },
      },
    )
    .post(
      "/import",
      ({ body, set }) => {
        const stored = store.importReport(parsed(body));
        if (stored.kind === "taken") {
          throw new RequestError(
            "run-stored-already",
            `another report of this run is stored as ${stored.id}; remove it first`,
          );
        }
        set.status = stored.kind === "new" ? 201 : 200;
        set.headers.location = `/api/v1/runs/${stored.id}`;
        return stored.kind === "new" ? jobs.imported(stored.id) : jobs.summary(stored.id);
      },
      {
        parse: "text",
        body: z.string(),
        response: { 200: runSummary, 201: runSummary },
        detail: { summary: "Bring in a report.json: 201, or 200 where it is stored already", tags },
      },
    );

const urlOf = (id: string, form: string, path: string): string =>
  `/api/v1/runs/${id}/files/${form}/${path.split("/").map(encodeURIComponent).join("/")}`;

/** Throws RequestError where a run has none. */
export function reportOf(store: Store, id: string): Report {
  if (store.get(id) === null) throw new RequestError("not-found", `${id}: no such run`);
  const report = store.report(id);
  if (report === null) throw new RequestError("no-report", `${id}: has no report yet`);
  return report;
}

function parsed(text: string): Report {
  try {
    return readStoredText(text, "body");
  } catch (error) {
    // Nesting without an end is met by the parser's own stack.
    if (error instanceof RangeError) throw new RequestError("not-valid", "body: is nested too deeply");
    if (!(error instanceof ReportFormatError)) throw error;
    throw new RequestError("not-valid", error.message);
  }
}
