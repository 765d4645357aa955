import { timingSafeEqual } from "node:crypto";
import { RequestError } from "./problem.ts";

/** Whom the service answers. */
export interface Access {
  /** Names that it may be asked by, without a port: what a page of another site has its browser resolve to it is none of them. */
  readonly hosts: ReadonlySet<string>;
  /** Asked of everybody; null on loopback, where none was set. */
  readonly token: string | null;
}

/** Hosts that reach this machine alone. */
export const loopback: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

export const sessionCookie = "tickbench-session";
/** Long enough for a working day; a service that starts anew forgets all. */
const sessionMs = 12 * 3600_000;

/** Lets in who may ask, and opens sessions for browsers, which cannot send a token with a page or a socket. */
export class Guard {
  readonly #access: Access;
  readonly #now: () => number;
  /** Ends of sessions, by id. */
  readonly #sessions = new Map<string, number>();

  constructor(access: Access, now: () => number = Date.now) {
    this.#access = access;
    this.#now = now;
  }

  /** Throws RequestError for a name that is not the service's, and for what a page of another origin asks. */
  checkSource(request: Request): void {
    const host = request.headers.get("host") ?? "";
    const name = hostName(host);
    if (name === null || !this.#access.hosts.has(name)) {
      throw new RequestError(
        "host-not-allowed",
        `Host: must be one of ${[...this.#access.hosts].join(", ")}, got ${JSON.stringify(host.slice(0, 100))}; start the service with --allow-host for another name`,
      );
    }
    const origin = request.headers.get("origin");
    if (origin !== null && origin !== `http://${host}` && origin !== `https://${host}`) {
      throw new RequestError(
        "origin-not-allowed",
        `Origin: must be that of the service, got ${JSON.stringify(origin.slice(0, 100))}`,
      );
    }
    // A link from another site may open a page; nothing else may come from there.
    const site = request.headers.get("sec-fetch-site");
    const isLink = request.method === "GET" && request.headers.get("sec-fetch-mode") === "navigate";
    if (site === "cross-site" && !isLink) {
      throw new RequestError("origin-not-allowed", "Sec-Fetch-Site: must not be cross-site");
    }
  }

  /** Throws RequestError where a token is needed and neither it nor a session came. */
  checkToken(request: Request): void {
    const { token } = this.#access;
    if (token === null) return;
    const [scheme, given] = (request.headers.get("authorization") ?? "").split(" ");
    if (scheme?.toLowerCase() === "bearer" && given !== undefined && equals(given, token)) return;
    const session = cookieOf(request, sessionCookie);
    if (session !== null && (this.#sessions.get(session) ?? 0) > this.#now()) return;
    throw new RequestError(
      "token-needed",
      "Authorization: must be Bearer with the service's token, or open a session",
    );
  }

  /** The cookie of a new session. Throws RequestError for a wrong token. */
  open(token: string, isSecure: boolean): string {
    if (this.#access.token === null || !equals(token, this.#access.token)) {
      throw new RequestError("token-needed", "token: must be the service's token");
    }
    for (const [id, end] of this.#sessions) if (end <= this.#now()) this.#sessions.delete(id);
    const id = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
    this.#sessions.set(id, this.#now() + sessionMs);
    return `${sessionCookie}=${id}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${sessionMs / 1000}${isSecure ? "; Secure" : ""}`;
  }

  /** Ends the session of a request, and gives the cookie that takes it from the browser. */
  close(request: Request): string {
    this.#sessions.delete(cookieOf(request, sessionCookie) ?? "");
    return `${sessionCookie}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`;
  }

  /** Whether a token is asked for at all. */
  get asks(): boolean {
    return this.#access.token !== null;
  }
}

/** The host without its port, in lower case; null for what is no host. */
function hostName(host: string): string | null {
  const found = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/.exec(host.toLowerCase());
  return found?.[1] ?? null;
}

/** Takes as long for a token that is nearly right as for any other, of whatever length. */
function equals(given: string, token: string): boolean {
  const digest = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function cookieOf(request: Request, name: string): string | null {
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim().split("="));
  return pairs.find(([key]) => key === name)?.[1] ?? null;
}
