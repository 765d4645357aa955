import { closeSync, existsSync, readFileSync, statSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import { type EventOf, eventVersion, type RunEvent, storedEvent } from "../../schemas/event.ts";
import { isRetiredWarning } from "../../schemas/former-names.ts";
import { validate } from "../../schemas/validation.ts";
import { UsageError } from "../cli/usage-error.ts";
import { lockFile } from "../process/libc.ts";
import { appendLine, openForAppending } from "./run-directory.ts";

/** Appends events to a run's record. Each append reaches the file before it returns. */
export interface EventLog {
  append(event: RunEvent): void;
  /** Everything recorded so far, what an earlier, cut run left included. */
  readonly events: readonly RunEvent[];
  /** Lets go of the file. */
  close(): void;
}

/** Starts or goes on with `events.ndjson` in a run's folder, which no other run may write meanwhile. Throws UsageError. */
export function openEventLog(folder: string, earlier: readonly RunEvent[] = []): EventLog {
  const file = join(folder, "events.ndjson");
  const events = [...earlier];
  const held = hold(file);
  if (earlier.length > 0) dropTornLine(file);
  return {
    events,
    close: () => closeSync(held),
    append(event) {
      appendLine(file, JSON.stringify(event));
      events.push(event);
    },
  };
}

/** Opens a record for one run alone: two that went on with it would each measure what is left, and count it twice. */
function hold(file: string): number {
  const held = openForAppending(file);
  if (lockFile(held)) return held;
  closeSync(held);
  throw new UsageError(
    `--resume: ${file} must not be in use by another run; wait for that run to end, or end it`,
  );
}

/** Cuts off what stands behind the last newline, lest the next event be glued to half a line. */
function dropTornLine(file: string): void {
  const bytes = readFileSync(file);
  truncateSync(file, bytes.lastIndexOf("\n") + 1);
}

/** The first event of a record: what was planned, and where. */
export type RunStarted = EventOf<"run-started">;

/**
 * Reads the record of a cut run. A last line without its newline is what a crash leaves, and is dropped; any other
 * line that does not parse means that the run cannot be resumed. Throws UsageError.
 */
export function readEventLog(folder: string): { started: RunStarted; events: RunEvent[]; torn: boolean } {
  const file = join(folder, "events.ndjson");
  if (!existsSync(file)) throw noRecord(folder);
  const text = textOf(file);
  const lines = text.split("\n");
  const torn = lines.pop() !== "";
  const events = lines.flatMap((line, index) => parseLine(line, `${file}:${index + 1}`) ?? []);
  const started = events[0];
  if (started?.type !== "run-started") {
    throw new UsageError(
      `--resume: ${file} must begin with a run-started event, got ${started?.type ?? "nothing"}`,
    );
  }
  return { started, events, torn };
}

/** A file of a run is often given where its folder is meant. */
function noRecord(given: string): UsageError {
  const meant = dirname(given);
  return existsSync(given) && existsSync(join(meant, "events.ndjson")) && !statSync(given).isDirectory()
    ? new UsageError(`--resume: must be the folder of a run, got the file ${given}; give ${meant}`)
    : new UsageError(`--resume: ${given} must contain events.ndjson, found none`);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new UsageError(`--resume: ${file}: must be a readable file, got ${why}`);
  }
}

/** Null for a warning that is given no more. */
function parseLine(line: string, where: string): RunEvent | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new UsageError(
      `--resume: ${where}: must be one JSON event, got ${JSON.stringify(line.slice(0, 60))}`,
    );
  }
  refuseOtherVersion(value, where);
  if (isWarningEvent(value) && isRetiredWarning(value.warning)) return null;
  const parsed = validate(storedEvent, value);
  if ("error" in parsed) throw new UsageError(`--resume: ${where}: ${parsed.error.text}`);
  return parsed.data;
}

const isWarningEvent = (value: unknown): value is { readonly warning: unknown } =>
  typeof value === "object" && value !== null && "warning" in value;

/** Says what is wrong with the record of another version of the tool, of which no field would be the one to blame. */
function refuseOtherVersion(value: unknown, where: string): void {
  if (typeof value !== "object" || value === null || !("eventVersion" in value)) return;
  if (value.eventVersion === eventVersion) return;
  throw new UsageError(
    `--resume: ${where}: eventVersion must be ${eventVersion}, got ${JSON.stringify(value.eventVersion)}; resume it with the version that began it, or start a new run`,
  );
}
