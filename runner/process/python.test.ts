import { expect, test } from "bun:test";
import { findPython, type Interpreter, type PythonHost } from "./python.ts";

const system: Interpreter = { path: "/usr/bin/python3", version: "3.11.2", modules: ["aiohttp", "uvloop"] };
const shim: Interpreter = { path: "/opt/py/bin/python3", version: "3.13.5", modules: ["uvloop"] };

const hostOf = (interpreters: Readonly<Record<string, Interpreter>>, onPath: string | null): PythonHost => ({
  platform: "linux",
  which: () => onPath,
  interpreter: (path) => interpreters[path] ?? null,
});
const both = hostOf({ "/home/u/shims/python3": shim, "/usr/bin/python3": system }, "/home/u/shims/python3");

test("the Python on PATH comes first, by its own path", () => {
  expect(findPython(["uvloop"], null, both)).toEqual({
    runtime: "python",
    path: "/opt/py/bin/python3",
    version: "3.13.5",
    origin: "PATH: /home/u/shims/python3",
    pinned: false,
  });
});

test("the system's own is taken where the one on PATH lacks a package, or there is none", () => {
  const expected = {
    runtime: "python",
    path: "/usr/bin/python3",
    version: "3.11.2",
    origin: "/usr/bin/python3",
    pinned: false,
  } as const;
  expect(findPython(["aiohttp", "uvloop"], null, both)).toEqual(expected);
  expect(findPython(["aiohttp"], null, hostOf({ "/usr/bin/python3": system }, null))).toEqual(expected);
  expect(findPython(["aiohttp"], null, hostOf({ "/usr/bin/python3": system }, "/broken/python3"))).toEqual(
    expected,
  );
});

test("what is missing is named for every interpreter, with both install lines", () => {
  expect(findPython(["aiohttp", "fastapi"], null, both)).toEqual({
    unavailable:
      "/opt/py/bin/python3 (3.13.5) lacks aiohttp, fastapi; /usr/bin/python3 (3.11.2) lacks fastapi",
    nextStep:
      "on Debian run `apt-get install -y python3-aiohttp python3-fastapi python3-uvicorn python3-uvloop python3-httptools python3-websockets`, elsewhere `python3 -m pip install aiohttp fastapi uvicorn uvloop httptools websockets`",
  });
});

test("no Python at all, and no Unix", () => {
  expect(findPython([], null, hostOf({}, null))).toMatchObject({
    unavailable: "there is no python3 on PATH",
    nextStep: expect.stringMatching(/^install python3, then on Debian run/),
  });
  expect(findPython([], null, { ...both, platform: "win32" })).toMatchObject({
    unavailable: "the Python candidates need a Unix system",
  });
});

test("an interpreter of this machine answers with its path and version", () => {
  const found = findPython([]);
  if ("unavailable" in found) expect(found.nextStep).not.toBe("");
  else expect(found.version).toMatch(/^3\.\d+\.\d+/);
});
