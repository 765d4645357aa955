import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeFiles, writeWhole } from "./write.ts";

const folder = mkdtempSync(join(tmpdir(), "tickbench-write-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("files are written with their folders, and what cannot be leaves all as it was", () => {
  writeFiles(folder, [{ path: "charts/a.svg", content: "<svg/>" }]);
  expect(readFileSync(join(folder, "charts", "a.svg"), "utf8")).toBe("<svg/>");
  mkdirSync(join(folder, "taken"));
  expect(() => writeWhole(join(folder, "taken"), "x")).toThrow("EISDIR");
  expect(readdirSync(folder).sort()).toEqual(["charts", "taken"]);
});

test("content made in parts is written in their order, and a part that fails leaves no file", () => {
  const file = join(folder, "parts", "results.csv");
  writeWhole(file, function* () {
    yield "a,ü\r\n";
    yield "b\r\n";
  });
  expect(readFileSync(file, "utf8")).toBe("a,ü\r\nb\r\n");
  const failing = () =>
    writeWhole(file, function* () {
      yield "half";
      throw new Error("no figure");
    });
  expect(failing).toThrow("no figure");
  expect(readdirSync(join(folder, "parts"))).toEqual(["results.csv"]);
  expect(readFileSync(file, "utf8")).toBe("a,ü\r\nb\r\n");
  rmSync(join(folder, "parts"), { recursive: true });
});

test("content made in parts is whole where a part is larger than what is written together, or ends it", () => {
  const file = join(folder, "long", "results.csv");
  const parts = ["ü".repeat(100_000), "€".repeat(100_000), "a", "b".repeat(2 ** 18 - 1), "c"];
  writeWhole(file, () => parts);
  expect(readFileSync(file, "utf8")).toBe(parts.join(""));
  rmSync(join(folder, "long"), { recursive: true });
});

test("a name shows the old file or the new one whole, never a part", () => {
  const file = join(folder, "report.json");
  const whole = ["a", "b"].map((letter) => letter.repeat(1 << 16));
  const watcher = new Worker(
    URL.createObjectURL(
      new Blob([
        `const fs = require("node:fs"); const seen = new Set();
         postMessage("ready");
         onmessage = () => { postMessage([...seen]); };
         setInterval(() => { for (let i = 0; i < 200; i += 1) { try { const t = fs.readFileSync(${JSON.stringify(file)}, "utf8"); seen.add(t.length + t[0]); } catch {} } }, 0);`,
      ]),
    ),
  );
  return new Promise<void>((resolve, reject) => {
    watcher.onmessage = ({ data }: MessageEvent<string | string[]>) => {
      if (data === "ready") {
        for (let i = 0; i < 500; i += 1) writeWhole(file, whole[i % 2] ?? "");
        watcher.postMessage("done");
        return;
      }
      watcher.terminate();
      const parts = (data as string[]).filter((seen) => !/^65536[ab]$/.test(seen));
      parts.length === 0 ? resolve() : reject(new Error(`seen: ${parts.join(", ")}`));
    };
  });
});
