import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { problem } from "./api/problem.ts";
import { runSummary } from "./api/run.ts";
import { appWithoutSocket } from "./fixtures/app.ts";
import { reportOfDay } from "./fixtures/reports.ts";
import { openDatabase } from "./store/database.ts";
import { Store } from "./store/store.ts";

const token = "a-token-of-some-length";
let store: Store;
beforeEach(() => {
  store = new Store(openDatabase(":memory:"));
});
afterEach(() => store.close());

const appOf = (access?: Parameters<typeof appWithoutSocket>[1]) => appWithoutSocket(store, access);

/** What an answer that refuses says, held to RFC 9457. */
async function refusal(answer: Response | Promise<Response>) {
  const response = await answer;
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const body = problem.parse(await response.json());
  expect(body.status).toBe(response.status);
  return body;
}

describe("who may ask", () => {
  test.each([
    "evil.example",
    "127.0.0.1.evil.example",
    "evil.example:4600",
    "",
    "127.0.0.1:4600@evil.example",
  ])("not by the name %p", async (host) => {
    const { code } = await refusal(appOf().ask("/api/v1/runs", { headers: { host } }));
    expect(code).toBe("host-not-allowed");
  });

  test("by the names of loopback, with any port", async () => {
    for (const host of ["localhost", "LOCALHOST:1", "127.0.0.1:4600", "[::1]:4600"]) {
      expect((await appOf().ask("/api/v1/runs", { headers: { host } })).status).toBe(200);
    }
  });

  test("not a page of another origin", async () => {
    const { ask, post } = appOf();
    for (const origin of ["http://evil.example", "null", "http://127.0.0.1:4601", "http://localhost:4600"]) {
      expect((await refusal(post("/api/v1/runs", {}, { origin }))).code).toBe("origin-not-allowed");
    }
    const crossSite = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" };
    expect((await refusal(ask("/api/v1/runs", { headers: crossSite }))).code).toBe("origin-not-allowed");
    expect((await ask("/", { headers: { ...crossSite, "sec-fetch-mode": "navigate" } })).status).toBe(200);
    expect((await ask("/api/v1/runs", { headers: { origin: "http://127.0.0.1:4600" } })).status).toBe(200);
  });

  test("not by a form, which could be of any site", async () => {
    const { post } = appOf();
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/jsonp",
    ]) {
      expect((await refusal(post("/api/v1/runs", "{}", { "content-type": type }))).code).toBe(
        "unsupported-media-type",
      );
    }
  });

  test("with the token or a session of it, where one is set; and it is never told", async () => {
    const { ask, post, complaints } = appOf({ token });
    const said = await refusal(ask("/api/v1/runs"));
    expect(said.code).toBe("token-needed");
    expect((await refusal(ask("/api/v1/openapi.json"))).code).toBe("token-needed");
    for (const given of [
      "Bearer",
      "Bearer ",
      `Bearer ${token}x`,
      `Basic ${token}`,
      token,
      `Bearer ${token.slice(1)}`,
    ]) {
      expect((await refusal(ask("/api/v1/runs", { headers: { authorization: given } }))).code).toBe(
        "token-needed",
      );
    }
    expect((await ask("/api/v1/runs", { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
    // The shell of the dashboard has to ask for it.
    expect((await ask("/")).status).toBe(200);
    const wrong = await refusal(post("/api/v1/session", { token: "another-token-of-some" }));
    expect(JSON.stringify([wrong, complaints])).not.toContain("another-token");
    const opened = await post("/api/v1/session", { token });
    const cookie = opened.headers.get("set-cookie") ?? "";
    expect(opened.status).toBe(204);
    expect(cookie).toMatch(/^tickbench-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
    expect(cookie).not.toContain(token);
    const [session = ""] = cookie.split(";");
    expect((await ask("/api/v1/runs", { headers: { cookie: `other=1; ${session}` } })).status).toBe(200);
    await ask("/api/v1/session", { method: "DELETE", headers: { cookie: session } });
    expect((await refusal(ask("/api/v1/runs", { headers: { cookie: session } }))).code).toBe("token-needed");
  });
});

describe("what is asked", () => {
  test.each([
    [{ candidates: ["mine=node evil.js"] }, "candidates"],
    [{ candidates: ["--candidate"] }, "candidates"],
    [{ candidates: [] }, "candidates"],
    [{ workloads: ["feed --config=/etc/passwd"] }, "workloads"],
    [{ workloads: ["nonsense/json"] }, "workloads"],
    [{ runtimes: ["node=/bin/sh"] }, "runtimes"],
    [{ runtimes: ["node@24;id"] }, "runtimes"],
    [{ feed: "capture:/etc/passwd" }, "feed"],
    [{ policy: "/etc/passwd" }, "policy"],
    [{ rounds: 1e9 }, "rounds"],
    [{ seed: -1 }, "seed"],
    [{ command: ["sh"] }, "command"],
    [{ config: "mine.json" }, "config"],
  ])("names no command, file or address: %j", async (body, field) => {
    const { code, detail } = await refusal(appOf().post("/api/v1/runs", body));
    expect(code).toBe("not-valid");
    expect(detail).toContain(field);
    expect(store.list({ limit: 1 }).total).toBe(0);
  });

  test("is reported with what is wrong", async () => {
    const { ask, post, complaints } = appOf();
    expect(await refusal(post("/api/v1/runs", "{"))).toMatchObject({ code: "not-json", status: 400 });
    expect((await refusal(ask("/api/v1/runs?limit=0"))).detail).toBe(
      'query: limit: must be at least 1, got "0"',
    );
    expect((await refusal(ask("/api/v1/runs?from=yesterday"))).detail).toBe(
      'query: from: must be a date such as 2026-11-29, got "yesterday"',
    );
    expect((await refusal(post("/api/v1/runs", { policy: { name: "mine" } }))).detail).toStartWith(
      "body: policy.policyVersion: must be 1, got nothing",
    );
    expect((await refusal(ask("/api/v1/runs/..%2F..%2Fetc%2Fpasswd"))).code).toBe("not-valid");
    expect((await refusal(ask("/api/v1/runs/20260101T000000Z-smoke-abcdef"))).code).toBe("not-found");
    expect((await refusal(ask("/api/v1/nothing"))).code).toBe("not-found");
    expect((await refusal(ask("/nothing"))).code).toBe("not-found");
    expect(complaints).toEqual([]);
  });

  test("by another method than those of a path is told which they are", async () => {
    const { ask, post, complaints } = appOf();
    const id = "20260101T000000Z-smoke-abcdef";
    for (const [method, path, allow] of [
      ["PUT", "/api/v1/runs", "GET, HEAD, POST"],
      ["PATCH", `/api/v1/runs/${id}`, "DELETE, GET, HEAD"],
      ["GET", `/api/v1/runs/${id}/cancel`, "POST"],
      ["POST", `/api/v1/runs/${id}/files/html/report.html`, "GET, HEAD"],
      ["DELETE", `/api/v1/runs/${id}/live`, "GET, HEAD"],
      ["GET", "/api/v1/import", "POST"],
      ["OPTIONS", "/api/v1/session", "DELETE, POST"],
      ["POST", "/api/v1/openapi.json", "GET, HEAD"],
      ["POST", "/", "GET, HEAD"],
    ] as const) {
      const answer = await ask(path, { method });
      expect([path, answer.status, answer.headers.get("allow")]).toEqual([path, 405, allow]);
      const { code, detail } = await refusal(answer);
      expect(code).toBe("method-not-allowed");
      expect(detail).toContain(`got ${method}`);
    }
    // The body's type is not what is wrong with it.
    const form = await post("/api/v1/options", "a=b", { "content-type": "text/plain" });
    expect(form.status).toBe(405);
    const socket = await ask("/api/v1/live");
    expect([socket.status, socket.headers.get("upgrade")]).toEqual([426, "websocket"]);
    expect((await refusal(socket)).code).toBe("upgrade-needed");
    for (const path of ["/api/v1/nothing", "/api/v1/runs/", `/api/v1/runs/${id}/nothing`, "/nothing"]) {
      expect((await refusal(ask(path, { method: "DELETE" }))).code).toBe("not-found");
    }
    expect((await ask("/api/v1/runs", { method: "HEAD" })).status).toBe(200);
    expect(complaints).toEqual([]);
  });

  test("waits for its turn, is cancelled, and removed", async () => {
    const { ask, post } = appOf();
    const [first, second] = await Promise.all([1, 2].map(() => post("/api/v1/runs", { profile: "smoke" })));
    const runs = [first, second].map((answer) => answer?.headers.get("location") ?? "");
    const [a, b] = await Promise.all(
      runs.map(async (path) => (await ask(path)).json() as Promise<{ id: string; place: number }>),
    );
    expect([a?.place, b?.place].sort()).toEqual([1, 2]);
    const cancelled = await post(`/api/v1/runs/${a?.id}/cancel`, "");
    expect([cancelled.status, runSummary.parse(await cancelled.json()).state]).toEqual([202, "cancelled"]);
    expect((await refusal(post(`/api/v1/runs/${a?.id}/cancel`, ""))).code).toBe("wrong-state");
    expect((await refusal(post(`/api/v1/runs/${a?.id}/resume`, ""))).code).toBe("wrong-state");
    expect((await refusal(ask(`/api/v1/runs/${b?.id}`, { method: "DELETE" }))).code).toBe("wrong-state");
    expect((await ask(`/api/v1/runs/${a?.id}`, { method: "DELETE" })).status).toBe(204);
  });
});

describe("an imported report", () => {
  test("is new, known or taken", async () => {
    const { post } = appOf();
    const report = reportOfDay(0);
    const first = await post("/api/v1/import", report);
    const { id } = runSummary.parse(await first.json());
    expect([first.status, first.headers.get("location")]).toEqual([201, `/api/v1/runs/${id}`]);
    expect((await post("/api/v1/import", report)).status).toBe(200);
    const other = await refusal(
      post("/api/v1/import", { ...report, decision: { ...report.decision, policy: "x" } }),
    );
    expect([other.code, other.status]).toEqual(["run-stored-already", 409]);
    expect(other.detail).toContain(id);
  });

  test.each([
    ["nothing", ""],
    ["no object", "[]"],
    ["another thing", '{"a":1}'],
    ["half a report", JSON.stringify(reportOfDay(0)).slice(0, 5000)],
    ["a newer version", JSON.stringify({ ...reportOfDay(0), schemaVersion: 99 })],
    ["nesting without an end", `${"[".repeat(200_000)}`],
  ])("that is %s is refused in a line", async (_, body) => {
    const { post, complaints } = appOf();
    const { code, detail } = await refusal(post("/api/v1/import", body));
    expect(["not-valid", "not-json"]).toContain(code);
    expect(detail).not.toContain("\n");
    expect(complaints).toEqual([]);
    expect(store.list({ limit: 1 }).total).toBe(0);
  });

  test("with markup, line breaks and headers in its texts runs nothing, wherever it is shown", async () => {
    const { ask, post } = appOf();
    const hostile = '"><script>alert(1)</script>\r\nset-cookie: a=b\u2028';
    const report = reportOfDay(0);
    const rename = (id: string) => (id === "node/ws" ? hostile : id);
    const given = await post("/api/v1/import", {
      ...report,
      run: { ...report.run, id: hostile, reference: rename(report.run.reference) },
      host: { ...report.host, cpu: hostile },
      candidates: report.candidates.map((c) => ({ ...c, id: rename(c.id) })),
      results: report.results.map((r) => ({ ...r, candidate: rename(r.candidate) })),
      decision: { ...report.decision, answer: hostile, recommended: hostile },
    });
    const { id } = runSummary.parse(await given.json());
    expect(given.headers.get("set-cookie")).toBeNull();
    for (const form of ["html", "slides", "card"]) {
      const { files } = (await (await ask(`/api/v1/runs/${id}/forms/${form}`)).json()) as {
        files: { url: string }[];
      };
      const page = await ask(files[0]?.url ?? "");
      expect(page.status).toBe(200);
      const policy = page.headers.get("content-security-policy") ?? "";
      expect(policy).toStartWith(
        "sandbox allow-scripts allow-popups allow-downloads; default-src 'none'; script-src ",
      );
      expect(policy).not.toContain("script-src 'unsafe-inline'");
      const text = await page.text();
      expect(text).not.toContain("<script>alert");
      // Of the scripts in it, those that the policy lets run are the tool's own.
      for (const [, script = ""] of text.matchAll(/<script>(.*?)<\/script>/gs)) {
        expect(policy).toContain(new Bun.CryptoHasher("sha256").update(script).digest("base64"));
      }
    }
    const csv = (await (await ask(`/api/v1/runs/${id}/forms/hlog`)).json()) as {
      files: { path: string; url: string }[];
    };
    for (const { path, url } of csv.files) {
      expect(path).not.toMatch(/[<>\r\n]|\.\./);
      expect((await ask(url)).status).toBe(200);
    }
  });
});

test("a store that cannot be written says so, and keeps what it has", async () => {
  const { ask, post } = appOf();
  await post("/api/v1/import", reportOfDay(0));
  const pages =
    Object.values(store.db.query<Record<string, number>, []>("PRAGMA page_count").get() ?? {})[0] ?? 0;
  store.db.run(`PRAGMA max_page_count = ${pages}`);
  let said: { code: string; status: number } | null = null;
  for (let day = 1; day < 20 && said === null; day += 1) {
    const answer = await post("/api/v1/import", reportOfDay(day));
    if (answer.status !== 201) said = await refusal(answer);
  }
  expect(said).toMatchObject({ code: "store-failed", status: 507 });
  expect((await ask("/api/v1/runs")).status).toBe(200);
});

interface Described {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly requestBody?: { readonly content: object };
  readonly responses: object;
}

test("what a problem is called leads to what it is", async () => {
  const { ask } = appOf();
  const { type, code, title, status } = await refusal(ask("/nothing"));
  expect(await (await ask(type)).json()).toEqual({ code, title, status });
  expect((await refusal(ask("/api/v1/problems/none"))).code).toBe("not-valid");
});

test("the API is described with every route, and its pages come with a policy", async () => {
  const { ask } = appOf();
  const described = (await (await ask("/api/v1/openapi.json")).json()) as {
    paths: Record<string, Record<string, Described>>;
  };
  for (const path of [
    "/api/v1/runs",
    "/api/v1/runs/{id}/cancel",
    "/api/v1/compare",
    "/api/v1/trend",
    "/api/v1/import",
    "/api/v1/watch",
  ]) {
    expect(Object.keys(described.paths)).toContain(path);
  }
  // As the standard has it, and as the service does: bodies are JSON, and whatever is refused is a problem.
  for (const [path, item] of Object.entries(described.paths)) {
    for (const [method, { parameters = [], requestBody, responses }] of Object.entries(item)) {
      expect(["get", "post", "delete"]).toContain(method);
      const inPath = parameters.filter((one) => one.in === "path").map(({ name }) => `{${name}}`);
      expect([path, inPath.toSorted()]).toEqual([path, (path.match(/\{[a-z]+\}/g) ?? []).toSorted()]);
      expect(path).not.toContain("*");
      if (requestBody !== undefined) expect(Object.keys(requestBody.content)).toEqual(["application/json"]);
      const [success, ...others] = Object.keys(responses);
      expect(success).toMatch(/^(101|20\d)$/);
      expect(others).toContain("default");
    }
  }
  const page = await ask("/");
  expect(page.headers.get("content-security-policy")).toContain("script-src 'self'; style-src 'self'");
  expect(page.headers.get("content-security-policy")).not.toContain("unsafe");
  for (const answer of [page, await ask("/api/v1/runs"), await ask("/nothing")]) {
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("cache-control")).toBe("no-store");
  }
});
