import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Report } from "../../schemas/report.ts";
import { renderCharts } from "../charts/svg.ts";
import { uncalibrated } from "../decision/fixture.ts";
import { parseReport } from "../json.ts";
import { repeatCommand } from "../sections/repeat.ts";
import { verdictWords } from "../wording.ts";
import { code, text } from "./element.ts";
import { renderDetails, renderMarkdown } from "./markdown.ts";

const stored = await Bun.file(join(import.meta.dir, "../../tests/golden/report.json")).text();
const report = parseReport(stored, "report.json");
const charts = renderCharts(report);
/** Both files, the short one first. */
const written = (of: Report, drawn = charts): string =>
  `${renderMarkdown(of, drawn)}\n${renderDetails(of, drawn)}`;
const render = (changed: Partial<Report> = {}): string => written({ ...report, ...changed });
const markdown = render();
/** Drawing the charts of ten candidates takes its time on a busy machine. */
const patience = 60_000;
const feed = "feed/json/passthrough/send/s10";

/** Every table of a text, as its lines. */
function tablesOf(md: string): string[][] {
  return md
    .split(/\n\n/)
    .map((part) => part.split("\n"))
    .filter((lines) => lines[0]?.startsWith("| "));
}
const columnsOf = (line: string): number => line.replaceAll("\\|", "").split("|").length - 2;
const section = (md: string, heading: string): string =>
  md.split(/^## /m).find((part) => part.startsWith(heading)) ?? "";

describe("the whole text", () => {
  test("shows no figure that is none", () => {
    expect(markdown).not.toMatch(/NaN|undefined|Infinity|\bnull\b(?! server)/);
    for (const { svgLight, svgDark } of charts)
      expect(svgLight + svgDark).not.toMatch(/NaN|undefined|Infinity/);
  });

  test("folds what would change the answer beyond the sixth", () => {
    const [first] = report.decision.reversals;
    if (first === undefined) throw new Error("the golden report has a reversal");
    const reversals = Array.from({ length: 18 }, (_, i) => ({ ...first, text: `change ${i + 1}` }));
    const text = render({ decision: { ...report.decision, reversals } });
    expect(text).toContain("- change 6\n\n<details>\n<summary>12 more</summary>\n\n- change 7\n");
    expect(markdown).not.toContain("<summary>12 more</summary>");
  });

  test("keeps tables narrow and whole", () => {
    const tables = tablesOf(markdown);
    expect(tables.length).toBeGreaterThan(20);
    for (const lines of tables) {
      expect(columnsOf(lines[0]!)).toBeLessThanOrEqual(7);
      for (const line of lines) expect(columnsOf(line)).toBe(columnsOf(lines[0]!));
    }
  });

  test("refers to charts that exist, for both themes, each once", () => {
    for (const { name } of charts) {
      expect(markdown.split(`charts/${name}-light.svg`)).toHaveLength(2);
      expect(markdown.split(`charts/${name}-dark.svg`)).toHaveLength(2);
    }
    expect(markdown.match(/charts\/[\w-]+\.svg/g)).toHaveLength(charts.length * 2);
  });

  test("begins with the answer, then one table, charts, confidence, cost, switch, limits, and how to repeat it", () => {
    const short = renderMarkdown(report, charts);
    const bold = ["How sure", "What it costs", "What would change it", "Limits"].map(
      (mark) => `**${mark}:**`,
    );
    const marks = ["**Answer:**", "**Asked:**", "| **bun/serve** |", "<picture>", ...bold, "## Repeat it"];
    const at = marks.map((mark) => short.indexOf(mark));
    expect(at.every((place) => place >= 0)).toBe(true);
    expect(at).toEqual(at.toSorted((a, b) => a - b));
    expect(tablesOf(short)).toHaveLength(1);
  });

  test("the answer stands in the first ten lines, and the whole is read in a few minutes", () => {
    const short = renderMarkdown(report, charts).split("\n");
    expect(short.slice(0, 10).join("\n")).toContain(text(report.decision.answer));
    expect(short.length).toBeLessThanOrEqual(120);
  });

  test("links lead to headings that are there", () => {
    const [short, details] = [renderMarkdown(report, charts), renderDetails(report, charts)];
    // As GitHub makes an anchor of a heading.
    const anchor = (heading: string) =>
      heading
        .toLowerCase()
        .replace(/[^\w -]/g, "")
        .replaceAll(" ", "-");
    const anchors = [...details.matchAll(/^## (.*)$/gm)].map((m) => anchor(m[1] ?? ""));
    const leads = [...short.matchAll(/\]\(([^)]+)\)/g)].map((m) => m[1] ?? "");
    expect(leads.length).toBeGreaterThan(10);
    for (const to of leads) expect(anchors.map((id) => `details.md#${id}`)).toContain(to);
    expect(details).toContain("](report.md)");
  });

  test("what was not declared has no row", () => {
    expect(report.comparisons.some((c) => !c.declared)).toBe(true);
    expect(markdown).not.toContain("exploratory");
  });

  test(
    "counts many candidates by runtime, draws them apart, and folds what would be a wall",
    () => {
      const [bun] = report.candidates.filter(({ id }) => id === "bun/serve");
      const more = Array.from({ length: 6 }, (_, i) => ({
        ...bun!,
        id: `python/${i}`,
        program: `python/${i}`,
      }));
      const served = report.results.filter((r) => r.candidate === "bun/serve");
      const results = more.flatMap(({ id }) => served.map((r) => ({ ...r, candidate: id })));
      const many = {
        ...report,
        candidates: [...report.candidates, ...more],
        results: [...report.results, ...results],
      };
      const drawn = renderCharts(many);
      const text = written(many, drawn);
      expect(text).toContain("10 candidates (2 on Node, 2 on Bun, 6 on Python)");
      expect(text).toContain("<summary>Every declared ratio</summary>");
      const latency = drawn.find(({ kind }) => kind === "latency")!;
      for (const runtime of ["Node", "Bun", "Python"])
        expect(latency.svgLight).toContain(`>${runtime}</text>`);
    },
    patience,
  );

  test("leaves out a percentile that no round has a sample beyond", () => {
    const heads = (due: number) => {
      const results = report.results.map((r) =>
        r.cell === feed ? { ...r, ledger: { ...r.ledger, due: due * r.rounds } } : r,
      );
      return tablesOf(section(render({ results }), "Latency of the feed"))[0]![0]!;
    };
    expect(heads(10_000)).toContain("p99.99");
    expect(heads(5_000)).not.toContain("p99.99");
    expect(heads(5_000)).toContain("p99.9 ");
  });

  test("renders a run that measured nothing", () => {
    const empty = { ...report, results: [], comparisons: [], decomposition: [], failures: [], warnings: [] };
    const bare = {
      ...empty,
      noise: { calibration: uncalibrated, aa: [], windows: null, contaminatedTrials: 0, retriedTrials: 0 },
    };
    expect(renderCharts(bare)).toEqual([]);
    expect(renderMarkdown(bare, [])).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe("honesty", () => {
  test("the next steps of one code are kept apart", () => {
    const warning = (nextStep: string) => {
      return { code: "steal", cause: "c", nextStep, cell: "x", touches: "cells" } as const;
    };
    const warnings = [warning("wait an hour"), warning("rent another machine")];
    expect(render({ warnings })).toContain("*Next:* wait an hour; rent another machine\n");
  });

  test("every warning appears with its cause and next step", () => {
    for (const { code: name, cause, nextStep } of report.warnings) {
      for (const part of [name, text(cause), text(nextStep)])
        expect(section(markdown, "Warnings")).toContain(part);
    }
  });

  test("what is not decided is not told as a difference", () => {
    const doubtful = report.comparisons.map((c) =>
      c.a === "bun/serve" && c.metric === "latencyNsP99" && c.cell === feed
        ? { ...c, verdict: "undecided" as const, code: "straddles-margin" as const, ciHigh: 1.02 }
        : c,
    );
    const row = (md: string) =>
      section(md, "Ratios").match(/`feed\/json[^\n]*latency p99,.*?\| (bun\/serve \|[^\n]*)/s)?.[1] ?? "";
    expect(row(markdown)).toContain("bun/serve is better");
    expect(row(render({ comparisons: doubtful }))).toMatch(/bun\/serve.*not decided/);
  });

  test("the headline table ends with the throughput that the answer rests on", () => {
    const head = (md: string) => tablesOf(md)[0]?.[0]?.split(" | ").at(-1);
    const runnerUp = { ...report.decision.runnerUp!, candidate: report.run.reference };
    const decision = { ...report.decision, runnerUp };
    const comparisons = report.comparisons.map((c) =>
      c.metric === "throughputHz" && c.cell !== "push/raw/64B/c8"
        ? { ...c, verdict: "undecided" as const, code: "straddles-margin" as const }
        : c,
    );
    expect(head(markdown)).toStartWith("echo 64 B");
    expect(head(render({ comparisons, decision }))).toStartWith("push 64 B<br>throughput");
  });

  test("bold is the best of a column whose deliveries were intact", () => {
    const bold = (md: string) =>
      tablesOf(md)[0]!
        .filter((line) => line.split(" | ")[1]?.includes("**"))
        .map((line) => line.split(" | ")[0]);
    const [best] = bold(markdown);
    expect(bold(markdown)).toHaveLength(1);
    const results = report.results.map((r) => (best?.includes(r.candidate) ? { ...r, reach: 0.99 } : r));
    expect(bold(render({ results }))).not.toContain(best ?? "");
  });

  test("says for how long a cell was measured, and how many messages a tail is of", () => {
    expect(markdown).toMatch(
      /\*\*How sure:\*\* \d+ rounds in random order, each cell for [\d]+( to \d+)? ms; /,
    );
    const few = report.results.map((r) =>
      r.params.workload === "fanout" && r.params.subscribers === 1_000
        ? { ...r, ledger: { ...r.ledger, due: 3_000 * r.rounds } }
        : r,
    );
    expect(section(render({ results: few }), "Scalability")).toMatch(
      /1,000 subscribers at 20 \/s, 3 messages a round/,
    );
  });

  test("memory per connection is reported where there are enough of them", () => {
    const tables = tablesOf(section(markdown, "Resource use"));
    const heads = (cell: RegExp) =>
      tables[
        section(markdown, "Resource use")
          .split("**")
          .filter((_, i) => i % 2 === 1)
          .findIndex((t) => cell.test(t))
      ]![0];
    expect(heads(/fanout: JSON to 100 subscribers/)).toContain("RSS per");
    expect(heads(/feed: JSON to 10 subscribers/)).not.toContain("RSS per");
  });

  test("a withheld verdict says why", () => {
    const [withheld] = report.comparisons.filter((c) => c.verdict === "withheld");
    const ratios = section(markdown, "Ratios").replaceAll("\u00a0", " ");
    expect(ratios).toContain(verdictWords(withheld!));
    expect(ratios).toContain(withheld!.why ?? "");
  });

  test("the A/A replicate appears in the section on noise alone", () => {
    expect(section(markdown, "Noise")).toContain("bun/serve#2");
    expect(markdown.split("bun/serve#2")).toHaveLength(2);
    for (const { svgLight } of charts) expect(svgLight).not.toContain("bun/serve#2");
  });

  test("lost deliveries are flagged and ranked after complete ones, however fast", () => {
    const fast = report.results.map((r) =>
      r.candidate === "bun/serve" && r.cell === feed ? { ...r, reach: 0.999996 } : r,
    );
    const [first] = tablesOf(section(render({ results: fast }), "Latency of the feed"));
    expect(first!.at(-1)).toContain("bun/serve ⚠ reach 99.9996\u00a0%");
  });

  test("a throughput near the generator's ceiling reads as a lower bound", () => {
    const { headroom, candidate } = report.results.find((r) => r.headroom !== null && r.headroom < 1.5)!;
    expect(headroom).toBeGreaterThan(1);
    expect(section(markdown, "Throughput")).toMatch(new RegExp(`${candidate} \\| at least [\\d.]+ M/s`));
  });

  test("open- and closed-loop cells share no table", () => {
    for (const lines of tablesOf(markdown)) {
      const whole = lines.join("\n");
      expect(/`(feed|fanout)\//.test(whole) && /`(echo|push)\//.test(whole)).toBe(false);
    }
  });

  test("every latency table names its rate in every row", () => {
    for (const heading of ["Latency of the feed", "Round trips"]) {
      for (const lines of tablesOf(section(markdown, heading))) {
        for (const line of lines.slice(2)) expect(line).toMatch(/<sub>at [\d.,]+ [kM]?\/s<\/sub>/);
      }
    }
  });

  test("gaps of one candidate and one reason are one line", () => {
    const gap = (name: string, reason = "reads all as text") => ({ case: name, reason });
    const candidates = report.candidates.map((c) =>
      c.id === "bun/elysia" ? { ...c, gaps: [gap("echo/a"), gap("echo/b", "other"), gap("echo/c")] } : c,
    );
    expect(section(render({ candidates }), "Declared gaps")).toBe(
      "Declared gaps\n\n- **bun/elysia**, `echo/a`, `echo/c`: reads all as text\n- **bun/elysia**, `echo/b`: other\n\n",
    );
  });

  test("a gap that is a rule of RFC 6455 has its section", () => {
    const gaps = [{ case: "frame/unmasked", reason: "takes any frame" }];
    const candidates = report.candidates.map((c) => (c.id === "bun/serve" ? { ...c, gaps } : c));
    expect(section(render({ candidates }), "Declared gaps")).toContain(
      "**bun/serve**, `frame/unmasked` (RFC 6455 5.1): takes any frame",
    );
  });

  test("failures carry phase, reason and last words; declared gaps their reason", () => {
    for (const { phase, reason, stderr } of report.failures) {
      for (const part of [`phase ${phase}`, reason, ...stderr])
        expect(section(markdown, "Failures")).toContain(part);
    }
    expect(section(markdown, "Declared gaps")).toContain("elysiajs/elysia#1911");
  });
});

describe("text from outside", () => {
  test("cannot break out of a line, a cell or a code span", () => {
    expect(text("a|b\n<img> *c* _d_")).toBe("a\\|b &lt;img> \\*c\\* \\_d\\_");
    expect(code("a`b")).toBe("`` a`b ``");
  });

  test("stderr with a fence of its own stays inside the block", () => {
    const [failure] = report.failures;
    const hostile = render({ failures: [{ ...failure!, stderr: ["```", "</details>"] }] });
    expect(hostile).toContain("````text\n```\n</details>\n````");
  });
});

describe("the command to repeat a run", () => {
  const commandOf = (argv: string[]) => repeatCommand({ ...report, run: { ...report.run, argv } });

  test("adds the seed that was drawn, and keeps one that was given", () => {
    expect(commandOf([])).toBe("bun run runner/compare.ts --seed 42");
    expect(commandOf(["--seed", "7"])).toBe("bun run runner/compare.ts --seed 7");
    expect(commandOf(["--seed=7"])).toBe("bun run runner/compare.ts --seed=7");
  });

  test("quotes what a shell would change", () => {
    expect(commandOf(["--seed=1", "--slo", "p99<5ms", "it's"])).toBe(
      "bun run runner/compare.ts --seed=1 --slo 'p99<5ms' 'it'\\''s'",
    );
  });
});
