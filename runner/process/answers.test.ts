import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KnownAnswers, questionOf, restsOf } from "./answers.ts";

const folder = mkdtempSync(join(tmpdir(), "tickbench-answers-"));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe("an answer", () => {
  const store = join(folder, "store", "answers.json");
  const program = fileOf("program", "\x7fELF 1");
  const absent = join(folder, "absent");

  test("is known to the next process while what it rests on is the same", () => {
    new KnownAnswers(store).keep("a", "1.2.3", [program, absent]);
    new KnownAnswers(store).keep("b", "4.5.6", [program]);
    expect(["a", "b", "c"].map((q) => new KnownAnswers(store).find(q))).toEqual(["1.2.3", "4.5.6", null]);
  });

  test("is asked for again once the program was exchanged, with its time set back too", () => {
    new KnownAnswers(store).keep("a", "1.2.3", [program]);
    rmSync(program);
    writeFileSync(program, "\x7fELF 2");
    utimesSync(program, 0, 0);
    expect(new KnownAnswers(store).find("a")).toBeNull();
  });

  test("is asked for again once a file is there that was not", () => {
    new KnownAnswers(store).keep("a", "1.2.3", [absent]);
    writeFileSync(absent, "");
    expect(new KnownAnswers(store).find("a")).toBeNull();
  });

  test("stays known in number: the oldest goes", () => {
    const known = new KnownAnswers(store);
    for (let n = 0; n <= 100; n++) known.keep(`n${n}`, `${n}`, []);
    expect([known.find("n0"), known.find("n1"), known.find("n100")]).toEqual([null, "1", "100"]);
  });

  test("is not known where the store is none, or cannot be written", () => {
    expect(new KnownAnswers(fileOf("odd.json", '{"a": 1}')).find("a")).toBeNull();
    const nowhere = new KnownAnswers(join(program, "answers.json"));
    nowhere.keep("a", "1.2.3", []);
    expect(nowhere.find("a")).toBe("1.2.3");
  });
});

test("a script in front of others is asked anew in each folder, and rests on what chooses for it", () => {
  mkdirSync(join(folder, "shims"));
  const shim = fileOf("shims/python3", "#!/bin/sh\n");
  const binary = fileOf("python3", "\x7fELF");
  expect(questionOf([shim, "-V"], "/a")).not.toBe(questionOf([shim, "-V"], "/b"));
  expect(questionOf([binary, "-V"], "/a")).toBe(questionOf([binary, "-V"], "/b"));
  expect(restsOf(shim, "/a/b")).toEqual(
    expect.arrayContaining([shim, join(folder, "version"), "/a/.python-version", "/.tool-versions"]),
  );
  expect(restsOf(binary, "/a/b")).toEqual([binary]);
});
