import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

const root = join(import.meta.dir, "..", "..");

/** Which rooms and files each room may import from its own side of the house; see docs/ARCHITECTURE.md. */
const mayKnow: Record<string, readonly RegExp[]> = {
  schemas: [/^schemas\//],
  stats: [/^stats\//],
  servers: [/^schemas\//, /^servers\//],
  reports: [/^schemas\//, /^stats\//, /^reports\//],
  // Any file of the runner may take the words of `reports/`; its documents and decisions are of the files below alone.
  // Of the service the door alone knows a file, the command that reads its store. The tool's version stands in package.json.
  runner: [
    /^schemas\//,
    /^stats\//,
    /^runner\//,
    /^reports\/(format|text-table|command-error|whole-file|file|write)\.ts$/,
    /^servers\/manifest\.ts$/,
    /^package\.json$/,
    /^service\/runs-command\.ts$/,
  ],
  service: [/^schemas\//, /^stats\//, /^reports\//, /^service\//],
};
/** Where the runner hands a finished report over: what reads its flags, writes its forms and judges it. */
const handsOver = /^runner\/(cli|run-gates|verbs)\//;
/** Packages that belong to one room: a framework under test must not leak into what measures it. */
const packagesOf: Record<string, RegExp> = {
  schemas: /^zod$/,
  servers: /^(zod|ws|hono|elysia|@hono\/|@elysiajs\/|crossws)/,
  runner: /^(zod|commander|fastest-levenshtein|hdr-histogram-js|mitata|selfsigned|bullmq|ioredis)$/,
  reports:
    /^(zod|hono\/html|commander|fastest-levenshtein|hdr-histogram-js|echarts(\/.+)?|@marp-team\/marp-core)$/,
  service: /^(zod|commander|elysia|@elysiajs\/openapi|hono\/.+|echarts(\/.+)?)$/,
};

interface Import {
  readonly from: string;
  readonly to: string;
}

const sources = [
  ...new Bun.Glob("{schemas,stats,servers,reports,runner,service}/**/*.ts").scanSync(root),
].sort();
/** What no room holds keeps its files small too. */
const outside = [...new Bun.Glob("{tests,bench,docs}/**/*.ts").scanSync(root)].sort();
const isTest = (file: string) => /\.(test|arbitrary)\.ts$|\/fixtures\//.test(file);
const code = sources.filter((file) => !isTest(file));

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  const found = text.matchAll(
    /^(?:import|export)\s[^;]*?from\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gms,
  );
  return [...found].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

const arrows: Import[] = code.flatMap((from) =>
  importsOf(from).map((to) => ({
    from,
    to: to.startsWith(".") ? relative(root, normalize(join(root, dirname(from), to))) : to,
  })),
);
const isPackage = ({ from, to }: Import) => importsOf(from).includes(to) && !to.startsWith(".");

/** A program of `servers/`: its framework's own idiom, and no other candidate. */
const candidate = /^servers\/(bun|node)\//;

describe("who may know whom", () => {
  test("the arrows between rooms are those of the architecture", () => {
    const wrong = arrows.filter((arrow) => {
      if (isPackage(arrow)) return false;
      const room = arrow.from.split("/")[0] ?? "";
      if (handsOver.test(arrow.from) && arrow.to.startsWith("reports/")) return false;
      return !(mayKnow[room] ?? []).some((allowed) => allowed.test(arrow.to));
    });
    expect(wrong).toEqual([]);
  });

  test("a candidate never imports another", () => {
    const wrong = arrows.filter(({ from, to }) => candidate.test(from) && candidate.test(to) && from !== to);
    expect(wrong).toEqual([]);
  });

  test("packages stay in the room they belong to", () => {
    const wrong = arrows.filter((arrow) => {
      const allowed = packagesOf[arrow.from.split("/")[0] ?? ""];
      if (allowed === undefined || !isPackage(arrow)) return false;
      return !/^(node:|bun$|bun:)/.test(arrow.to) && !allowed.test(arrow.to);
    });
    expect(wrong).toEqual([]);
  });

  test("reports are pure: no clock, no randomness, no processes", () => {
    // A browser prints some forms; that is started in one place.
    const entries = /^reports\/(forms)\.ts$/;
    const impure = code.filter((file) => {
      if (!file.startsWith("reports/") || entries.test(file)) return false;
      const text = readFileSync(join(root, file), "utf8");
      return /Date\.now\(|new Date\(\)|Math\.random\(|performance\.now\(|Bun\.nanoseconds|Bun\.spawn/.test(
        text,
      );
    });
    expect(impure).toEqual([]);
  });

  test("there are no cycles", () => {
    const next = Map.groupBy(
      arrows.filter((arrow) => !isPackage(arrow)),
      (arrow) => arrow.from,
    );
    const state = new Map<string, "open" | "done">();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === "done") return;
      if (state.get(file) === "open") {
        cycles.push([...path.slice(path.indexOf(file)), file].join(" → "));
        return;
      }
      state.set(file, "open");
      for (const { to } of next.get(file) ?? []) visit(to, [...path, file]);
      state.set(file, "done");
    };
    for (const file of code) visit(file, []);
    expect(cycles).toEqual([]);
  });
});

describe("the size of things", () => {
  const lines = (file: string) => readFileSync(join(root, file), "utf8").split("\n").length;

  test("no file passes 600 lines", () => {
    expect([...sources, ...outside].filter((file) => lines(file) > 600)).toEqual([]);
  });

  test("a candidate fits 80 lines", () => {
    const candidates = code.filter((file) => candidate.test(file));
    expect(candidates.filter((file) => lines(file) > 81)).toEqual([]);
  });
});
