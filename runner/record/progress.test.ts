import { describe, expect, test } from "bun:test";
import { formatDuration } from "../../reports/format.ts";
import type { RunEvent } from "../../schemas/event.ts";
import { planFrom } from "../fixtures/planned.ts";
import { tasksOf } from "../plan/schedule.ts";
import { createProgress, expectedMs } from "./progress.ts";

const plan = planFrom("--profile", "smoke", "--candidates", "node/ws", "--workloads", "echo*c1w1");
const tasks = tasksOf(plan, [], new Set());

function follow(terminal: boolean) {
  let text = "";
  let now = 0;
  const progress = createProgress(tasks, [], plan, {
    write: (piece) => {
      text += piece;
    },
    terminal,
    columns: 60,
    now: () => now,
  });
  return {
    progress,
    at: (ms: number) => {
      now = ms;
    },
    text: () => text,
  };
}

const failed: RunEvent = {
  type: "trial-failed",
  at: "2026-01-01T00:00:00.000Z",
  candidate: "node/ws",
  cell: null,
  round: 0,
  phase: "start",
  reason: "no ready line",
  stderr: [],
};
const ceiling = (round: number): RunEvent => {
  return {
    type: "ceiling-measured",
    at: failed.at,
    round,
    cell: plan.cells[0]?.id ?? "",
    ceilingHz: 1,
    tookMs: 1,
  };
};

describe("progress", () => {
  test("no terminal: a plain line a round, with the time left", () => {
    const { progress, at, text } = follow(false);
    progress.onEvent(ceiling(0));
    at(1000);
    progress.onEvent(ceiling(1));
    const lines = text().trimEnd().split("\n");
    expect(lines[0]).toBe(`round 1/2 · 0 % · ${formatDuration(expectedMs(plan, tasks))} left`);
    expect(lines[1]).toMatch(/^round 2\/2 · \d+ % · \d+ s left$/);
    expect(text()).not.toContain("\r");
  });

  test("a terminal: one line rewritten, and cut to its width", () => {
    const { progress, text } = follow(true);
    progress.onEvent(ceiling(0));
    progress.onEvent(ceiling(0));
    for (const line of text().split("\r\x1b[2K")) expect(line.length).toBeLessThan(60);
    expect(text()).not.toContain("\n");
    progress.end();
    expect(text()).toEndWith("\r\x1b[2K");
  });

  test("a failure is reported at once, on a line of its own", () => {
    const { progress, text } = follow(false);
    progress.onEvent(failed);
    expect(text()).toBe("node/ws failed in start: no ready line\n");
  });
});
