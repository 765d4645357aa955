/// <reference lib="dom" />
import type { z } from "zod";
import { type LiveMessage, liveMessage } from "../api/live.ts";
import { problem } from "../api/problem.ts";
import { byId, element } from "./element.ts";

const unreachable = "The service does not answer.";

/** Asks the API. What it refuses is said in the page's `#said`, and the answer is null then. */
export async function ask(path: string, init?: RequestInit): Promise<Response | null> {
  const notice = byId("said", HTMLElement);
  const response = await fetch(path, init).catch(() => null);
  if (response === null) {
    notice.textContent = unreachable;
    return null;
  }
  if (response.ok) {
    notice.textContent = "";
    return response;
  }
  const refused = problem.safeParse(await response.json().catch(() => null));
  notice.textContent = refused.data?.detail ?? `${response.status} ${response.statusText}`;
  if (response.status === 401) askForToken(notice);
  return null;
}

/** Any page may be the first that somebody opens, by an address that was sent. */
function askForToken(above: HTMLElement): void {
  if (document.getElementById("session") !== null) return;
  const token = element("input", { type: "password", autocomplete: "current-password", required: "" });
  const form = element(
    "form",
    { id: "session" },
    element("label", {}, "Token of this service", token),
    element("button", { type: "submit" }, "Enter"),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if ((await post("/api/v1/session", { token: token.value })) !== null) location.reload();
  });
  above.after(form);
}

export const post = (path: string, body: unknown): Promise<Response | null> =>
  ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/** An answer of the API, held to its schema; null where it was refused. */
export async function get<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  const response = await ask(path);
  return response === null ? null : schema.parse(await response.json());
}

const cut = "The connection is lost; it is tried again.";
/** Longest wait before a lost connection is tried again, in ms. */
const waitMaxMs = 30_000;

export interface Follower {
  /** Path of the socket, asked for anew before each connection, so that it can name the last event that is known. */
  readonly path: () => string;
  readonly opened?: () => void;
  readonly heard: (message: LiveMessage) => void;
  /** Whether there is more to come once a connection ends. */
  readonly goesOn: () => boolean;
}

/** Follows a live socket over broken connections, each wait twice the one before. */
export function follow(follower: Follower, waitMs = 1000): void {
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}${follower.path()}`);
  let wait = waitMs;
  const notice = byId("said", HTMLElement);
  socket.addEventListener("open", () => {
    wait = 1000;
    if (notice.textContent === cut) notice.textContent = "";
    follower.opened?.();
  });
  socket.addEventListener("message", ({ data }) => {
    follower.heard(liveMessage.parse(JSON.parse(String(data))));
    if (!follower.goesOn()) socket.close();
  });
  socket.addEventListener("close", () => {
    if (!follower.goesOn()) return;
    // What is shown may be old from here on.
    notice.textContent = cut;
    setTimeout(() => follow(follower, Math.min(2 * wait, waitMaxMs)), wait);
  });
}
