import { closeSync, existsSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { type RunEvent, storedEvent } from "../../schemas/event.ts";
import type { LiveEvent } from "../api/live.ts";
import { ProgressMeter } from "./progress.ts";

const chunkBytes = 2 ** 20;

/** Name of the folder that the runner made in a run's own; null before it has begun its record. */
export function recordIn(folder: string): string | null {
  if (!existsSync(folder)) return null;
  const made = readdirSync(folder).filter(
    (name) => name !== "latest" && existsSync(join(folder, name, "events.ndjson")),
  );
  return made.sort().at(-1) ?? null;
}

/** Follows a run's record as it grows. The number of a line is the id of its event. */
export class Record {
  readonly events: LiveEvent[] = [];
  readonly meter = new ProgressMeter();
  readonly #file: string;
  #offset = 0;
  #lines = 0;
  #rest = Buffer.alloc(0);

  constructor(folder: string) {
    this.#file = join(folder, "events.ndjson");
  }

  /** Reads what has been appended since, and gives the events in it that a page needs. */
  read(): LiveEvent[] {
    const fresh: LiveEvent[] = [];
    for (const line of this.#appended()) {
      this.#lines += 1;
      const event = eventOf(line);
      if (event === null) continue;
      this.meter.see(event, this.#lines);
      const live = liveEventOf(event, this.#lines);
      if (live !== null) fresh.push(live);
    }
    this.events.push(...fresh);
    return fresh;
  }

  *#appended(): Generator<string> {
    if (!existsSync(this.#file)) return;
    const file = openSync(this.#file, "r");
    try {
      const chunk = Buffer.alloc(chunkBytes);
      for (;;) {
        const length = readSync(file, chunk, 0, chunkBytes, this.#offset);
        if (length === 0) return;
        this.#offset += length;
        let bytes = Buffer.concat([this.#rest, chunk.subarray(0, length)]);
        for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10)) {
          yield bytes.subarray(0, end).toString("utf8");
          bytes = bytes.subarray(end + 1);
        }
        this.#rest = bytes;
      }
    } finally {
      closeSync(file);
    }
  }
}

/** Null for a line of another version: the runner itself judges it, where it goes on with it. */
function eventOf(line: string): RunEvent | null {
  try {
    return storedEvent.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

/** What pages need of an event; null where they need nothing. */
function liveEventOf(event: RunEvent, id: number): LiveEvent | null {
  const { at } = event;
  switch (event.type) {
    case "run-started": {
      const { plan, expectedMs = null } = event;
      return {
        id,
        at,
        type: event.type,
        rounds: plan.rounds,
        candidates: plan.candidates.filter((c) => c.replicateOf === null).map((c) => c.name),
        cells: plan.cells.map((cell) => ({ id: cell.id, headline: cell.headline })),
        expectedMs,
      };
    }
    case "run-resumed":
      return { id, at, type: event.type };
    case "server-started": {
      const { type, candidate, round, startupNs } = event;
      return { id, at, type, candidate, round, startupNs };
    }
    case "ceiling-measured": {
      const { type, cell, round } = event;
      return { id, at, type, cell, round };
    }
    case "window-finished": {
      const { type, candidate, cell, round, measurement, counted, doubt } = event;
      const { windowMs, metrics } = measurement;
      return { id, at, type, candidate, cell, round, windowMs, counted, doubt: doubt?.code ?? null, metrics };
    }
    case "trial-finished": {
      const { type, candidate, cell, round, missing } = event;
      return { id, at, type, candidate, cell, round, missing };
    }
    case "trial-failed": {
      const { type, candidate, cell, round, phase, reason } = event;
      return { id, at, type, candidate, cell, round, phase, reason };
    }
    case "candidate-unavailable": {
      const { type, candidate, reason, nextStep } = event;
      return { id, at, type, candidate, reason, nextStep };
    }
    case "warning":
      return { id, at, type: event.type, code: event.warning.code };
    case "run-finished": {
      const { type, durationMs, interrupted } = event;
      return { id, at, type, durationMs, interrupted };
    }
    default:
      return null;
  }
}
