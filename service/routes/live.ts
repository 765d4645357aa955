import { Elysia } from "elysia";
import { z } from "zod";
import { type LiveMessage, liveQuery } from "../api/live.ts";
import { runId } from "../api/run.ts";
import type { Jobs } from "../jobs/jobs.ts";
import { RequestError } from "../problem.ts";

/** Topics of the sockets: a message is written once, however many watch. */
export const topicOf = (id: string): string => `run ${id}`;
export const everyRun = "runs";

const text = (message: LiveMessage): string => JSON.stringify(message);

/** What happens, as it happens (service/api/live.ts). Nothing is heard from those who watch. */
export const liveRoutes = (jobs: Jobs) =>
  new Elysia({ prefix: "/api/v1" })
    .ws("/runs/:id/live", {
      params: z.object({ id: runId }),
      query: liveQuery,
      beforeHandle: ({ params: { id } }) => void jobs.summary(id),
      open(ws) {
        const { id } = ws.data.params;
        try {
          ws.send(text({ kind: "run", run: jobs.summary(id) }));
          const behind = jobs.eventsAfter(id, ws.data.query.since);
          if (behind !== null && behind.events.length > 0) {
            const progress = behind.record.meter.at(Date.now());
            ws.send(text({ kind: "events", events: behind.events, progress }));
          }
          ws.subscribe(topicOf(id));
        } catch (error) {
          if (!(error instanceof RequestError)) throw error;
          ws.close(1008, error.code);
        }
      },
      message(ws) {
        ws.close(1008, "this socket takes no messages");
      },
      detail: { summary: "A run as it is measured", tags: ["live"] },
    })
    .ws("/live", {
      open(ws) {
        ws.subscribe(everyRun);
      },
      message(ws) {
        ws.close(1008, "this socket takes no messages");
      },
      detail: { summary: "Every run whose state changes", tags: ["live"] },
    });
