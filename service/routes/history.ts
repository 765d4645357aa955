import { Elysia } from "elysia";
import { metricKinds } from "../../schemas/metric.ts";
import { compareQuery, comparisonAnswer, seriesList, seriesQuery, trendAnswer } from "../api/history.ts";
import { comparisonOf } from "../history/comparison.ts";
import { trendOf } from "../history/trend.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { Store } from "../store/store.ts";
import { seriesOf, trendRows } from "../store/trends.ts";
import type { Watch } from "../watch/watch.ts";
import { reportOf } from "./runs.ts";

const tags = ["history"];

/** What several runs show together. */
export const historyRoutes = ({
  store,
  jobs,
  watch,
}: {
  readonly store: Store;
  readonly jobs: Jobs;
  readonly watch: Watch;
}) =>
  new Elysia({ prefix: "/api/v1" })
    .get(
      "/compare",
      ({ query: { a, b, all } }) => {
        const side = (id: string) => ({ report: reportOf(store, id), run: jobs.summary(id) });
        return comparisonOf(side(a), side(b), all === "true");
      },
      {
        query: compareQuery,
        response: { 200: comparisonAnswer },
        detail: {
          summary: "Two runs, candidate by candidate, with the differences between their environments",
          tags,
        },
      },
    )
    .get(
      "/series",
      () => ({
        series: seriesOf(store.db).map((row) => ({ ...row, label: metricKinds[row.metric].label })),
      }),
      { response: { 200: seriesList }, detail: { summary: "The figures that have trends", tags } },
    )
    .get(
      "/trend",
      ({ query }) => {
        const { candidate, cell, metric } = query;
        const rows = trendRows(store.db, candidate, cell, metric);
        return {
          ...trendOf(query, rows, (pair) => watch.looked(pair)),
          upgrades: watch.upgradesOf(query),
        };
      },
      {
        query: seriesQuery,
        response: { 200: trendAnswer },
        detail: { summary: "A figure over all runs, with its change points", tags },
      },
    );
