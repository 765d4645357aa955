import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { workloads } from "../../schemas/cell.ts";

const root = join(import.meta.dir, "..", "..");

/** Where a workload may be named: its own files and the registry of each room, and what measures a known answer of one. */
const mayName = [
  /^(runner|reports)\/workloads\/index\.ts$/,
  new RegExp(`^(schemas|runner|reports)/workloads/(phases/)?(${workloads.join("|")})(\\.ts$|/)`),
  // The known answers are of particular cells: a case says which.
  /^runner\/calibrate\//,
  // `/feed` is the path that subscribers connect to, whatever the workload.
  /^runner\/workloads\/subscribe\.ts$/,
  // `feed` is a field of a cell here, and of a report's environment.
  /^reports\/diff\/(environment|runs)\.ts$/,
  // What codecs cost stands beside the transcoded feed, which bears the same cost.
  /^reports\/sections\/codec\.ts$/,
  /^schemas\/cell\.ts$/,
  /^servers\//,
];

/** The texts of a file's string literals, and what its templates begin with; its comments may name what they like. */
function literalsOf(file: string): string[] {
  const code = new Bun.Transpiler({ loader: "ts" }).transformSync(readFileSync(join(root, file), "utf8"));
  return [...code.matchAll(/"((?:[^"\\\n]|\\.)*)"|`([^`$]*)/g)].map((m) => m[1] ?? m[2] ?? "");
}

const names = new RegExp(`^!?(?:${workloads.join("|")})(?:/.*)?$`);

test("a workload is named in its own files and the registries alone", () => {
  const files = [...new Bun.Glob("{schemas,stats,reports,runner}/**/*.ts").scanSync(root)]
    .filter((file) => !/\.(test|arbitrary)\.ts$|\/fixtures\/|fixture\.ts$/.test(file))
    .filter((file) => !mayName.some((allowed) => allowed.test(file)));
  const found = files.flatMap((file) =>
    literalsOf(file)
      // `codec` is a field of every cell too, and a flag.
      .filter((text) => text !== "codec" && names.test(text))
      .map((text) => `${file}: ${text}`),
  );
  expect(found).toEqual([]);
});
