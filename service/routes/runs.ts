import { Elysia } from "elysia";
import { listQuery, runList } from "../api/run.ts";
import { RequestError } from "../problem.ts";
import { type Store, summaryOf } from "../store/store.ts";

/** Runs: the list of them. */
export const runRoutes = ({ store }: { readonly store: Store }) =>
  new Elysia({ prefix: "/api/v1" }).get(
    "/runs",
    ({ query }) => {
      if (query.before !== undefined && store.get(query.before) === null) {
        throw new RequestError("not-found", `before: must be a stored run, got ${query.before}`);
      }
      const { rows, total, next } = store.list(query);
      const places = store.places();
      return { runs: rows.map((row) => summaryOf(row, places.get(row.id) ?? null)), total, next };
    },
    {
      query: listQuery,
      response: { 200: runList },
      detail: { summary: "List runs, the newest first", tags: ["runs"] },
    },
  );
