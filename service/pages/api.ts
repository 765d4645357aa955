/// <reference lib="dom" />
import { z } from "zod";
import { get } from "./client.ts";
import { byId, element } from "./element.ts";

const operation = z.object({
  summary: z.string().optional(),
  parameters: z
    .array(z.object({ name: z.string(), in: z.enum(["path", "query", "header", "cookie"]) }))
    .default([]),
  requestBody: z.unknown().optional(),
  responses: z.record(z.string(), z.unknown()),
});
type Operation = z.infer<typeof operation>;
const described = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

const methods = ["get", "post", "delete"] as const;

/** A form for one route, and what it answered last. */
function form(
  method: string,
  path: string,
  { summary = "", parameters, requestBody }: Operation,
): HTMLElement {
  const fields = parameters.filter((one) => one.in === "path" || one.in === "query");
  const inputs = new Map(fields.map((one) => [one.name, element("input", { name: one.name })]));
  const body = requestBody === undefined ? null : element("textarea", { rows: "4" }, "{}");
  const answer = element("pre", { role: "status", tabindex: "0", "aria-label": "answer" });
  const labelled = [...inputs].map(([name, input]) => element("label", {}, name, input));
  const made = element(
    "form",
    {},
    ...labelled,
    ...(body === null ? [] : [element("label", {}, "body", body)]),
    element("button", { type: "submit" }, "Send"),
  );
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    const query = new URLSearchParams();
    let target = path;
    for (const one of fields) {
      const value = inputs.get(one.name)?.value ?? "";
      if (one.in === "path")
        target = target.replace(`{${one.name}}`, value.split("/").map(encodeURIComponent).join("/"));
      else if (value !== "") query.set(one.name, value);
    }
    const url = query.size === 0 ? target : `${target}?${query}`;
    const init = body === null ? {} : { body: body.value, headers: { "content-type": "application/json" } };
    answer.textContent = "…";
    fetch(url, { method: method.toUpperCase(), ...init }).then(
      async (response) => {
        answer.textContent = `${response.status} ${response.statusText}\n\n${pretty(await response.text())}`;
      },
      (error: unknown) => {
        answer.textContent = String(error);
      },
    );
  });
  const name = element("code", {}, `${method.toUpperCase()} ${path}`);
  return element("details", {}, element("summary", {}, name, ` ${summary}`), made, answer);
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2).slice(0, 200_000);
  } catch {
    return text;
  }
}

const main = byId("operations", HTMLElement);
const api = await get("/api/v1/openapi.json", described);
if (api === null) main.replaceChildren();
else {
  const forms = Object.entries(api.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const described = operation.optional().parse(item[method]);
      // A socket is nothing that a form can ask for.
      return described === undefined || "101" in described.responses ? [] : [form(method, path, described)];
    }),
  );
  main.replaceChildren(...forms);
}
