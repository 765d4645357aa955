import { Elysia } from "elysia";
import { z } from "zod";
import { problem, problemKinds } from "../api/problem.ts";

/** What the `type` of a problem leads to. */
export const problemRoutes = () =>
  new Elysia({ prefix: "/api/v1" }).get(
    "/problems/:code",
    ({ params: { code } }) => ({ code, ...problemKinds[code] }),
    {
      params: z.object({ code: problem.shape.code }),
      response: { 200: problem.pick({ code: true, title: true, status: true }) },
      detail: { summary: "A kind of problem", tags: ["problems"] },
    },
  );
