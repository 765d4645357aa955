import { toOpenAPISchema } from "@elysiajs/openapi";
import type { AnyElysia } from "elysia";
import { z } from "zod";
import { problem } from "./api/problem.ts";
import { sessionCookie } from "./guard.ts";

type Content = Readonly<Record<string, { readonly schema?: unknown }>>;
interface Operation {
  readonly parameters?: readonly { readonly name: string }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses?: Readonly<Record<string, unknown>>;
}

const jsonSchema = (schema: z.ZodType) => z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
const anyReport = { type: "object", description: "A report.json (schemas/report.schema.json)" };
const problemRef = { $ref: "#/components/responses/Problem" };

/** The routes of the service as OpenAPI: what the framework knows of them, held to what the service really takes and answers. */
export function openApiOf(app: AnyElysia, version: string) {
  const { paths } = toOpenAPISchema(app, { paths: ["/*"] }, undefined, { zod: jsonSchema });
  const described = Object.entries(paths).map(([path, item]) => {
    const operations = Object.entries(item ?? {}) as unknown as [string, Operation][];
    return [path.replace("*", "{path}"), Object.fromEntries(operations.map(mended))];
  });
  return {
    openapi: "3.1.2",
    info: {
      title: "tickbench",
      version,
      description:
        "Starts comparisons of WebSocket servers, shows them live, stores and compares their reports.",
    },
    // A service on loopback asks for neither.
    security: [{}, { token: [] }, { session: [] }],
    paths: Object.fromEntries(described),
    components: {
      schemas: { Problem: jsonSchema(problem) },
      responses: {
        Problem: {
          description: "What is wrong with the request (RFC 9457)",
          content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
        },
      },
      securitySchemes: {
        token: { type: "http", scheme: "bearer" },
        session: { type: "apiKey", in: "cookie", name: sessionCookie },
      },
    },
  };
}

/** The framework offers bodies as forms too and has its own method for sockets; neither is true of what is served. */
function mended([method, { parameters, requestBody, responses = {}, ...operation }]: [string, Operation]) {
  const isSocket = method === "ws";
  const success = isSocket
    ? { 101: { description: "A WebSocket, which sends JSON (service/api/live.ts)" } }
    : responses;
  return [
    isSocket ? "get" : method,
    {
      ...operation,
      ...(parameters && {
        parameters: parameters.map((one) => (one.name === "*" ? { ...one, name: "path" } : one)),
      }),
      ...(requestBody && { requestBody: { required: true, content: jsonOf(requestBody.content) } }),
      responses: { ...success, default: problemRef },
    },
  ] as const;
}

/** A body that is read as text by its route is JSON all the same. */
const jsonOf = ({ "application/json": json }: Content): Content => ({
  "application/json": json ?? { schema: anyReport },
});
