import { Elysia } from "elysia";
import { trendCheck } from "../api/history.ts";
import { startWatch, watchAnswer } from "../api/watch.ts";
import type { Watch } from "../watch/watch.ts";

const tags = ["watch"];

/** What upgrades change. */
export const watchRoutes = (watch: Watch) =>
  new Elysia({ prefix: "/api/v1" })
    .get("/watch", () => watch.answer(), {
      response: { 200: watchAnswer },
      detail: { summary: "Findings of the upgrade watch", tags },
    })
    .post(
      "/watch",
      async ({ body, set }) => {
        await watch.look(body);
        set.status = 202;
        return watch.answer();
      },
      {
        body: startWatch,
        response: { 202: watchAnswer },
        detail: { summary: "Look for newer runtimes, and measure old and new of each in one run", tags },
      },
    )
    .post(
      "/trend/check",
      ({ body, set }) => {
        watch.check(body);
        set.status = 202;
        return watch.answer();
      },
      {
        body: trendCheck,
        response: { 202: watchAnswer },
        detail: { summary: "Measure old and new of a suspected change in one run", tags },
      },
    );
