import { z } from "zod";
import { prose } from "../../schemas/prose.ts";

/** What can be wrong with a request, and the status that it is answered with. */
export const problemKinds = {
  "not-valid": { status: 422, title: "The request is not valid" },
  "not-json": { status: 400, title: "The body is not JSON" },
  "not-found": { status: 404, title: "Not found" },
  "method-not-allowed": { status: 405, title: "The method is not allowed here" },
  "upgrade-needed": { status: 426, title: "A WebSocket is opened here" },
  "too-large": { status: 413, title: "The body is too large" },
  "unsupported-media-type": { status: 415, title: "The body must be application/json" },
  "token-needed": { status: 401, title: "A token is needed" },
  "host-not-allowed": { status: 421, title: "The service does not answer to this host name" },
  "origin-not-allowed": { status: 403, title: "Requests from other origins are refused" },
  "run-stored-already": { status: 409, title: "Another report of this run is stored" },
  "wrong-state": { status: 409, title: "The run's state does not allow this" },
  "queue-full": { status: 429, title: "The queue is full" },
  "no-report": { status: 404, title: "The run has no report" },
  "no-browser": { status: 501, title: "The form needs a browser" },
  "store-failed": { status: 507, title: "The store cannot be written" },
  internal: { status: 500, title: "The service failed" },
} as const;
export type ProblemCode = keyof typeof problemKinds;
const codes = Object.keys(problemKinds) as [ProblemCode, ...ProblemCode[]];

/** RFC 9457 problem details, `application/problem+json`. `code` is what a program reads; the rest is for people. */
export const problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.enum(codes),
  detail: prose,
});
export type Problem = z.infer<typeof problem>;
