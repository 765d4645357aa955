import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseStat, readProcLines, statusField, statusNumber } from "./procfs.ts";

// Made after proc_pid_stat(5): a name with a space and parentheses, and field n holding n from field 4 on.
const fields = Array.from({ length: 49 }, (_, i) => i + 4).join(" ");

test("reads the fields of stat by their numbers, whatever the name", () => {
  expect(parseStat(`42 (a (b) c) S ${fields}`)).toEqual({
    pid: 42,
    comm: "a (b) c",
    state: "S",
    ppid: 4,
    group: 5,
    cpuTicks: 14 + 15,
    threads: 20,
    startTicks: 22,
    core: 39,
  });
});

test("gives null for what is not a stat", () => {
  for (const text of ["", "42", "42 (x", "42 (x) S", "x (y) S 1 2"]) expect(parseStat(text)).toBeNull();
});

// From proc_pid_status(5): a name, a tab and a value padded to its unit.
const status =
  "Name:\tVmRSS:\nVmHWM:\t    1672 kB\nCpus_allowed_list:\t0-1\nnonvoluntary_ctxt_switches:\t7\n";

test("reads a field of status by its whole name at a line's start", () => {
  expect(statusField(status, "Name")).toBe("VmRSS:");
  expect(statusField(status, "Cpus_allowed_list")).toBe("0-1");
  expect(statusNumber(status, "VmHWM")).toBe(1672);
  expect(statusNumber(status, "nonvoluntary_ctxt_switches")).toBe(7);
  expect(statusField(status, "voluntary_ctxt_switches")).toBeNull();
  expect(statusField(status, "VmRSS")).toBeNull();
  expect(statusNumber(status, "Cpus_allowed")).toBeNull();
});

test("hands a file on in whole lines, whatever the size of a read, and nothing of one that is absent", () => {
  const folder = mkdtempSync(join(tmpdir(), "tickbench-lines-"));
  try {
    const path = join(folder, "table");
    const text = Array.from({ length: 5_000 }, (_, i) => `${i}: ${"x".repeat(i % 60)}\n`).join("");
    writeFileSync(path, `${text}without an end`);
    const pieces: string[] = [];
    readProcLines(path, (lines) => pieces.push(lines.toString()));
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.slice(0, -1).every((piece) => piece.endsWith("\n"))).toBe(true);
    expect(pieces.join("")).toBe(`${text}without an end`);
    readProcLines(join(folder, "absent"), () => {
      throw new Error("there is nothing to hand on");
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
