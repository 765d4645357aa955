import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../cli/usage-error.ts";
import { planFrom } from "../fixtures/planned.ts";
import { openEventLog, type RunStarted, readEventLog } from "./event-log.ts";

const folder = mkdtempSync(join(tmpdir(), "tickbench-events-"));
afterAll(() => rmSync(folder, { recursive: true }));

function started(): RunStarted {
  return {
    type: "run-started",
    at: "2026-01-02T03:04:05.000Z",
    eventVersion: 2,
    runId: "r",
    argv: [],
    toolVersion: "0",
    host: {
      cpu: "x",
      cores: 2,
      os: "x",
      kernel: "x",
      memoryBytes: 1,
      governor: null,
      virtualised: null,
      cpuQuotaCores: null,
      memoryLimitBytes: null,
      cpuset: "0-1",
      pinning: { pinned: false, how: "x", serverCores: [], loadCores: [] },
    },
    clockResolutionNs: 10,
    plan: planFrom("--profile", "smoke"),
  };
}

const write = (text: string) => writeFileSync(join(folder, "events.ndjson"), text);

function usageError(): string {
  try {
    readEventLog(folder);
  } catch (error) {
    if (error instanceof UsageError) return error.message.replaceAll(folder, "DIR");
    throw error;
  }
  return "none";
}

describe("the event log", () => {
  test("each append is on the disk at once, and is read back", () => {
    write("");
    const log = openEventLog(folder);
    log.append(started());
    log.append({ type: "run-resumed", at: "2026-01-02T03:04:06.000Z" });
    expect(readFileSync(join(folder, "events.ndjson"), "utf8").split("\n").length).toBe(3);
    expect(readEventLog(folder)).toMatchObject({
      torn: false,
      events: [{ type: "run-started" }, { type: "run-resumed" }],
    });
    log.close();
  });

  test("a record that an earlier version began is read under the present names, without a warning that is given no more", () => {
    const run = mkdtempSync(join(folder, "run-"));
    const begun = started();
    const { candidates } = begun.plan;
    const former = candidates.map(({ replicateOf, ...rest }) => ({ ...rest, twinOf: replicateOf }));
    const warning = {
      code: "runtime-end-of-life",
      cause: "node 18 has had no fixes",
      nextStep: "choose another",
    };
    const lines = [
      { ...begun, plan: { ...begun.plan, candidates: former } },
      { type: "warning", at: begun.at, warning },
    ];
    writeFileSync(join(run, "events.ndjson"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const read = readEventLog(run);
    expect(read.events).toHaveLength(1);
    expect(read.started.plan).toEqual(begun.plan);
    expect(read.started.plan.candidates.some((c) => c.replicateOf !== null)).toBe(true);
  });

  test("a last line that a crash cut is dropped, and what follows starts on a line of its own", () => {
    write(`${JSON.stringify(started())}\n{"type":"run-res`);
    const { events, torn } = readEventLog(folder);
    expect([events.length, torn]).toEqual([1, true]);
    const log = openEventLog(folder, events);
    log.append({ type: "run-resumed", at: "2026-01-02T03:04:06.000Z" });
    log.close();
    expect(readEventLog(folder).events.map((e) => e.type)).toEqual(["run-started", "run-resumed"]);
  });

  test("two runs never write one record", () => {
    write(`${JSON.stringify(started())}\n`);
    const first = openEventLog(folder, [started()]);
    expect(() => openEventLog(folder, [started()])).toThrow(
      `--resume: ${folder}/events.ndjson must not be in use by another run; wait for that run to end, or end it`,
    );
    first.close();
    openEventLog(folder, [started()]).close();
  });

  test.each([
    ["", "--resume: DIR/events.ndjson must begin with a run-started event, got nothing"],
    ["not json\n", '--resume: DIR/events.ndjson:1: must be one JSON event, got "not json"'],
    [
      '{"type":"run-resumed","at":"2026-01-02T03:04:06.000Z"}\n',
      "--resume: DIR/events.ndjson must begin with a run-started event, got run-resumed",
    ],
  ])("%p is one clear line", (text, message) => {
    write(text);
    expect(usageError()).toBe(message);
  });

  test("a wrong field is named by its path and line", () => {
    write(
      `${JSON.stringify(started())}\n${JSON.stringify({ type: "run-finished", at: "now", durationMs: 1, interrupted: false })}\n`,
    );
    expect(usageError()).toStartWith("--resume: DIR/events.ndjson:2: at: ");
  });

  test("a folder without a record is named, and so is one whose record is no file", () => {
    rmSync(join(folder, "events.ndjson"));
    expect(usageError()).toBe("--resume: DIR must contain events.ndjson, found none");
    mkdirSync(join(folder, "events.ndjson"));
    expect(usageError()).toBe("--resume: DIR/events.ndjson: must be a readable file, got EISDIR");
    expect(() => openEventLog(folder)).toThrow(UsageError);
  });
});
