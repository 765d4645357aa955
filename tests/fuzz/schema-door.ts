import { z } from "zod";
import * as agent from "../../schemas/agent.ts";
import { calibration } from "../../schemas/calibration.ts";
import { probeAnswer, probeRequest } from "../../schemas/codec-probe.ts";
import { controlReply, parseControl, pushRequest, readControl } from "../../schemas/control.ts";
import { runEvent } from "../../schemas/event.ts";
import { insideReply, insideRequest } from "../../schemas/inside.ts";
import { candidateListing, planListing } from "../../schemas/listing.ts";
import { loadReply, loadRequest } from "../../schemas/load.ts";
import { plan } from "../../schemas/plan.ts";
import { policy } from "../../schemas/policy.ts";
import { health, readyLine } from "../../schemas/ready.ts";
import { report } from "../../schemas/report.ts";
import { summary } from "../../schemas/summary.ts";
import { trialReport } from "../../schemas/trial.ts";
import { validate } from "../../schemas/validation.ts";
import { verification } from "../../schemas/verification.ts";
import { liveMessage } from "../../service/api/live.ts";
import { startRun } from "../../service/api/start.ts";
import { appWithoutSocket } from "../../service/fixtures/app.ts";
import { openDatabase } from "../../service/store/database.ts";
import { Store } from "../../service/store/store.ts";
import type { Random } from "../../stats/random.ts";
import type { Door } from "./fuzz.ts";
import { mutateBytes, mutateJson, pick } from "./mutate.ts";
import { sampleOf } from "./sample.ts";

/** What crosses a process, a file or a socket, each at its outermost. */
const entries: Readonly<Record<string, z.ZodType>> = {
  ...{ agentRequest: agent.agentRequest, agentReply: agent.agentReply, agentFacts: agent.agentFacts },
  ...{ loadRequest, loadReply, readyLine, health, probeRequest, probeAnswer, insideRequest, insideReply },
  ...{ controlReply, pushRequest, liveMessage, startRun },
  ...{
    plan,
    planListing,
    policy,
    candidateListing,
    runEvent,
    trialReport,
    verification,
    calibration,
    summary,
  },
  report,
};

/** Values nearly as a schema has them: taken or refused on one line, and what is taken is taken again as it was written. */
const schemaDoor: Door = {
  name: "schemas",
  try(random) {
    const [name, schema] = pick(random, Object.entries(entries));
    const whole = sampleOf(random, schema);
    const checked = validate(schema, random.below(4) === 0 ? whole : mutateJson(random, whole));
    if ("error" in checked) {
      if (/\p{Cc}/u.test(checked.error.text))
        throw new Error(`${name}: ${JSON.stringify(checked.error.text)}`);
      return;
    }
    const again = validate(schema, JSON.parse(JSON.stringify(checked.data)));
    if ("error" in again) throw new Error(`${name}: what was taken is refused: ${again.error.text}`);
  },
};

/** Control frames as a client sends them: each has an answer, which a client can read. */
const controlDoor: Door = {
  name: "control frames",
  try(random) {
    const frame = {
      method: pick(random, ["SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS"]),
      params: ["btcusdt@trade", "ethusdt@depth20@100ms"],
      id: pick<unknown>(random, [1, "a", null]),
    };
    const changed: unknown = mutateJson(random, frame);
    const text = JSON.stringify(changed) ?? "";
    const given =
      random.below(3) === 0 ? Buffer.from(mutateBytes(random, Buffer.from(text))).toString() : text;
    for (const answer of [parseControl(given), readControl(changed)]) {
      if ("error" in answer) controlReply.parse(JSON.parse(JSON.stringify(answer)));
    }
  },
};

/** Requests that one app is asked before another takes its place: what it was asked to keep is gone with it. */
const askedMax = 2000;

/** Requests to the service. It answers each, and refuses by RFC 9457; its own fault is no answer. */
function apiDoor(): Door {
  let store = new Store(openDatabase(":memory:"));
  let app = appWithoutSocket(store);
  let asked = 0;
  const renew = (): void => {
    store.close();
    store = new Store(openDatabase(":memory:"));
    app = appWithoutSocket(store);
    asked = 0;
  };
  const id = (random: Random): string =>
    encodeURIComponent(
      pick(random, ["0", "x", "../..", "\u0000", "day-1", "é", "a".repeat(300), "%00", "latest"]),
    );
  const query = (random: Random): string =>
    pick(random, [
      "",
      "?limit=1",
      "?limit=-1",
      "?before=x",
      "?a=x&b=y",
      "?candidate=a&cell=b&metric=latencyNsP99",
      "?%",
      "?state=done&state=x",
    ]);
  return {
    name: "the service's API",
    async try(random) {
      asked += 1;
      if (asked > askedMax) renew();
      const posts: readonly (readonly [path: string, schema: z.ZodType])[] = [
        ["/runs", startRun],
        [`/runs/${id(random)}/decide`, z.strictObject({ policy })],
        ["/watch", z.record(z.string(), z.boolean())],
        ["/trend/check", z.record(z.string(), z.string())],
        ["/session", z.strictObject({ token: z.string() })],
      ];
      const gets = [
        "/runs",
        `/runs/${id(random)}`,
        `/runs/${id(random)}/report`,
        `/runs/${id(random)}/forms/md`,
        "/compare",
        "/series",
        "/trend",
        "/options",
        "/watch",
        "/nothing",
      ];
      const [path, schema] = pick(random, posts);
      const body = JSON.stringify(mutateJson(random, sampleOf(random, schema))) ?? "";
      const response = await (random.below(2) === 0
        ? app.ask(`/api/v1${pick(random, gets)}${query(random)}`)
        : app.post(
            `/api/v1${path}`,
            random.below(4) === 0 ? Buffer.from(mutateBytes(random, Buffer.from(body))).toString() : body,
          ));
      const text = await response.text();
      if (response.status >= 500 || app.complaints.length > 0) {
        const why = app.complaints.map(String).join("; ");
        renew();
        throw new Error(`${response.status} ${text} ${why}`);
      }
      if (response.status >= 400 && response.headers.get("content-type") !== "application/problem+json")
        throw new Error(`${response.status} as ${response.headers.get("content-type")}`);
    },
    close: () => store.close(),
  };
}

/** What another process, a client or a program that asks the service sends. */
export function schemaDoors(): Door[] {
  return [schemaDoor, controlDoor, apiDoor()];
}
