import { Elysia } from "elysia";
import { session } from "../api/options.ts";
import type { Guard } from "../guard.ts";

/** Sessions of browsers, where the service asks for a token. */
export const sessionRoutes = (guard: Guard) =>
  new Elysia({ prefix: "/api/v1" })
    .post(
      "/session",
      ({ body, request, set }) => {
        const isSecure = request.headers.get("origin")?.startsWith("https://") === true;
        set.headers["set-cookie"] = guard.open(body.token, isSecure);
        set.status = 204;
      },
      {
        body: session,
        detail: {
          summary: "Open a session with the service's token",
          tags: ["session"],
          responses: { 204: { description: "It is open, by a cookie" } },
        },
      },
    )
    .delete(
      "/session",
      ({ request, set }) => {
        set.headers["set-cookie"] = guard.close(request);
        set.status = 204;
      },
      {
        detail: {
          summary: "End the session",
          tags: ["session"],
          responses: { 204: { description: "It is over" } },
        },
      },
    );
