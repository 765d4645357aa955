import { visible } from "../schemas/visible.ts";
import { type Problem, type ProblemCode, problemKinds } from "./api/problem.ts";

/** Why a request is not answered as it was asked; `detail` is one line for whoever asked. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly code: ProblemCode;
  /** The methods that are answered there, for one that is not. */
  readonly allow: readonly string[];

  constructor(code: ProblemCode, detail: string, allow: readonly string[] = []) {
    super(visible(detail));
    this.code = code;
    this.allow = allow;
  }
}

/** The answer that describes it (RFC 9457). */
export function problemResponse({ code, message, allow }: RequestError): Response {
  const { status, title } = problemKinds[code];
  const body: Problem = { type: `/api/v1/problems/${code}`, title, status, code, detail: message };
  const headers: Record<string, string> = { "content-type": "application/problem+json" };
  if (code === "token-needed") headers["www-authenticate"] = "Bearer";
  if (code === "upgrade-needed") headers.upgrade = "websocket";
  if (code === "method-not-allowed") headers.allow = allow.join(", ");
  return new Response(JSON.stringify(body), { status, headers });
}
