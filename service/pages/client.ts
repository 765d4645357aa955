/// <reference lib="dom" />
import type { z } from "zod";
import { type LiveMessage, liveMessage } from "../api/live.ts";
import { problem } from "../api/problem.ts";
import { byId } from "./element.ts";

/** Asks the API. What it refuses is said in the page's `#said`, and the answer is null then. */
export async function ask(path: string, init?: RequestInit): Promise<Response | null> {
  const notice = byId("said", HTMLElement);
  const response = await fetch(path, init);
  if (response.ok) {
    notice.textContent = "";
    return response;
  }
  if (response.status === 401) document.getElementById("session")?.removeAttribute("hidden");
  const refused = problem.safeParse(await response.json().catch(() => null));
  notice.textContent = refused.data?.detail ?? `${response.status} ${response.statusText}`;
  return null;
}

export const post = (path: string, body: unknown): Promise<Response | null> =>
  ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/** An answer of the API, held to its schema; null where it was refused. */
export async function get<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  const response = await ask(path);
  return response === null ? null : schema.parse(await response.json());
}

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
  socket.addEventListener("open", () => {
    wait = 1000;
    follower.opened?.();
  });
  socket.addEventListener("message", ({ data }) => {
    follower.heard(liveMessage.parse(JSON.parse(String(data))));
    if (!follower.goesOn()) socket.close();
  });
  socket.addEventListener("close", () => {
    if (follower.goesOn()) setTimeout(() => follow(follower, Math.min(2 * wait, waitMaxMs)), wait);
  });
}
