import { expect, test } from "bun:test";
import { report } from "../../schemas/report.ts";
import { tornReport } from "../../tests/browser/torn-report.ts";
import { answerTitle, writingFirst } from "../wording.ts";
import { renderSlides } from "./slides.ts";

test("the deck tells the answer, what decides, latency, cost, changes, limits and method, in one file", async () => {
  const page = renderSlides(await tornReport());
  const slides = page.split("<section ").slice(1);
  expect(slides.map((s) => /<h1[^>]*>([^<]*)</.exec(s)?.[1])).toEqual([
    "bun/serve or bun/elysia: a trade-off",
    "bun/serve leads bun/elysia most in throughput",
    expect.stringMatching(/^bun\/serve has the lowest latency p99: [\d.]+ µs$/),
    "Each latency is the median of its rounds, with a 95 % interval",
    expect.stringMatching(/^A billion deliveries cost [\d.]+ USD on bun\/serve$/),
    expect.stringContaining("would give another answer"),
    "What this run did not measure",
    "Every candidate was measured in the same way",
  ]);
  const fetched = [
    ...page.matchAll(/(?:src|href|srcset)="([^"]*)"|@import|url\((?!'?"?data:)[^)]*\)/g),
  ].filter(([, target]) => !target?.startsWith("data:"));
  expect(fetched).toEqual([]);
});

test("the first slide has the answer and three numbers, and what matters more than it", async () => {
  const golden = report.parse(await Bun.file("tests/golden/report.json").json());
  const [, first = ""] = renderSlides(golden).split("<section ");
  expect(/<h1[^>]*>([^<]*)</.exec(first)?.[1]).toBe(answerTitle(golden.decision));
  expect(first.match(/<div><strong>/g)).toHaveLength(3);
  expect(first).toContain(writingFirst(golden) ?? "nothing first");
  // One measure of each kind of loop: all the ratios would be too small to read.
  const ratios = /<img alt="(Against [^"]*)"/.exec(renderSlides(golden))?.[1] ?? "";
  expect(new Set(ratios.match(/latency p\d+|throughput|CPU per message/g))).toEqual(
    new Set(["latency p99", "throughput"]),
  );
});

test("a run that was cut tells the rounds that it ran", async () => {
  const whole = await tornReport();
  const page = renderSlides({ ...whole, run: { ...whole.run, rounds: 10, roundsRun: 4, interrupted: true } });
  expect(page.includes("4 rounds in random order")).toBe(true);
});

test("of many candidates one cell's throughput is drawn, since all would be too small to read", async () => {
  const few = await tornReport();
  const [first] = few.candidates;
  if (first === undefined) throw new Error("the golden report has candidates");
  const more = Array.from({ length: 5 }, (_, i) => ({ ...first, id: `more/${i}`, program: `more/${i}` }));
  const onlyClosed = few.results.filter((r) => r.workload === "echo");
  const cells = (report: typeof few) => {
    const alt = /<img alt="(Echo throughput[^"]*)"/.exec(renderSlides(report))?.[1] ?? "";
    return alt.match(/in flight/g)?.length ?? 0;
  };
  expect(cells({ ...few, results: onlyClosed })).toBeGreaterThan(1);
  expect(cells({ ...few, results: onlyClosed, candidates: [...few.candidates, ...more] })).toBe(1);
});
