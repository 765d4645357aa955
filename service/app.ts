import { Elysia } from "elysia";
import { z } from "zod";
import { validate } from "../schemas/validation.ts";
import type { Access } from "./guard.ts";
import { Guard } from "./guard.ts";
import { everywhere, pagePolicy } from "./headers.ts";
import { methodsAt } from "./methods.ts";
import { openApiOf } from "./openapi.ts";
import type { PageFile } from "./page-files.ts";
import { problemResponse, RequestError } from "./problem.ts";
import { historyRoutes } from "./routes/history.ts";
import { liveRoutes } from "./routes/live.ts";
import { optionRoutes } from "./routes/options.ts";
import { problemRoutes } from "./routes/problems.ts";
import { type RunParts, runRoutes } from "./routes/runs.ts";
import { sessionRoutes } from "./routes/session.ts";
import { watchRoutes } from "./routes/watch.ts";
import { isUnwritable } from "./store/store.ts";
import type { Watch } from "./watch/watch.ts";

/** What the service is made of. */
export interface Parts extends RunParts {
  readonly watch: Watch;
  readonly access: Access;
  readonly pages: ReadonlyMap<string, PageFile>;
  readonly toolVersion: string;
  /** Called with each fault of the service itself, for its log. */
  readonly complain: (error: unknown) => void;
}

/** Largest body: a report of a long run, with room. */
const bodyBytesMax = 32 * 2 ** 20;

/** What may wait for a viewer, and what one may send: nothing is heard, so that anything ends the socket. */
const slowBytesMax = 4 * 2 ** 20;
const heardBytesMax = 1024;

/** Paths that need no token: the shell of the dashboard holds nothing of a run, and has to ask for the token. */
const open = (path: string, pages: Parts["pages"]): boolean => pages.has(path) || path === "/api/v1/session";

/** The service as an Elysia app, not listening yet. */
export function createApp(parts: Parts) {
  const { pages, access, complain } = parts;
  const guard = new Guard(access);
  // Who reads too slowly is let go, and comes back with the id of the last event that it has.
  const websocket = {
    closeOnBackpressureLimit: true,
    backpressureLimit: slowBytesMax,
    maxPayloadLength: heardBytesMax,
  };
  const app = new Elysia({ websocket, serve: { maxRequestBodySize: bodyBytesMax, development: false } })
    .onRequest(({ request, set }) => {
      Object.assign(set.headers, everywhere);
      guard.checkSource(request);
      const { pathname } = new URL(request.url);
      if (!open(pathname, pages)) guard.checkToken(request);
      checkMethod(request.method, pathname);
      checkBodyType(request);
    })
    .onError(({ error, code, set }) => {
      const refused = refusalOf(error, code);
      if (refused.code === "internal") complain(error);
      const response = problemResponse(refused);
      for (const [name, value] of Object.entries(everywhere)) response.headers.set(name, value);
      set.status = response.status;
      return response;
    })
    .get("/api/v1/openapi.json", () => described(), { detail: { hide: true } })
    .use(runRoutes(parts))
    .use(historyRoutes(parts))
    .use(watchRoutes(parts.watch))
    .use(liveRoutes(parts.jobs))
    .use(optionRoutes(parts.candidates))
    .use(sessionRoutes(guard))
    .use(problemRoutes())
    .get(
      "/*",
      ({ path }) => {
        const file = pages.get(path);
        if (file === undefined && allowedAt(path).length > 0)
          throw new RequestError("upgrade-needed", `${path}: must be opened as a WebSocket`);
        if (file === undefined) throw new RequestError("not-found", `${path}: there is no such page`);
        const keep = file.isHashed ? { "cache-control": "public, max-age=31536000, immutable" } : {};
        return new Response(file.body, {
          headers: {
            ...everywhere,
            ...keep,
            "content-type": file.mediaType,
            "content-security-policy": pagePolicy,
          },
        });
      },
      { detail: { hide: true } },
    );
  const description = openApiOf(app, parts.toolVersion);
  const described = (): typeof description => description;
  const allowedAt = methodsAt(app.routes, pages);
  /** A path that exists gets another status than one that does not, whatever the method. */
  const checkMethod = (method: string, path: string): void => {
    const allowed = allowedAt(path);
    if (allowed.length === 0 || allowed.includes(method)) return;
    const text = `${path}: must be asked by ${allowed.join(" or ")}, got ${method}`;
    throw new RequestError("method-not-allowed", text, allowed);
  };
  return app;
}

/** A form of another site's can send text, but no JSON. */
function checkBodyType(request: Request): void {
  if (request.method === "GET" || request.method === "HEAD" || request.body === null) return;
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new RequestError(
      "unsupported-media-type",
      `Content-Type: must be application/json, got ${type || "none"}`,
    );
  }
}

const validationFault = z.object({
  type: z.string(),
  value: z.unknown(),
  validator: z.object({ schema: z.instanceof(z.ZodType) }),
});

function refusalOf(error: unknown, code: string | number): RequestError {
  if (error instanceof RequestError) return error;
  if (isUnwritable(error)) {
    return new RequestError(
      "store-failed",
      `the store cannot be written, got ${error.code}; stored runs are kept`,
    );
  }
  if (code === "NOT_FOUND") return new RequestError("not-found", "no such path");
  if (code === "PARSE") return new RequestError("not-json", "body: must be JSON");
  const fault = validationFault.safeParse(error);
  if (code === "VALIDATION" && fault.success && fault.data.type !== "response") {
    const checked = validate(fault.data.validator.schema, fault.data.value);
    const text = "error" in checked ? checked.error.text : "must be another value";
    return new RequestError("not-valid", `${fault.data.type}: ${text}`);
  }
  return new RequestError("internal", "internal error; see the service's log");
}
