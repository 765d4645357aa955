import { expect, test } from "bun:test";
import { report as reportSchema } from "../../schemas/report.ts";
import { renderDiff } from "./forms.ts";
import { compareRuns } from "./runs.ts";

const first = reportSchema.parse(await Bun.file("tests/golden/report.json").json());

/** The same run again, in which one candidate spends half as much again on a message, and the kernel is another. */
function later() {
  const results = first.results.map((result) => {
    const found = result.metrics.cpuNsPerMessage;
    if (result.candidate !== "bun/elysia" || found === undefined) return result;
    const perRound = found.perRound.map((v) => (v === null ? null : 1.5 * v));
    return {
      ...result,
      metrics: { ...result.metrics, cpuNsPerMessage: { ...found, median: 1.5 * found.median, perRound } },
    };
  });
  return {
    ...first,
    run: { ...first.run, id: "later <b>run</b>" },
    host: { ...first.host, kernel: "9.9" },
    results,
  };
}

const filesOf = (a: typeof first, b: typeof first) =>
  new Map(
    renderDiff(a, b, compareRuns(a, b), ["html", "md"]).map(({ path, content }) => [path, String(content)]),
  );

test("what is shown to have changed stands first, and what is equal or not decided is folded", () => {
  const text = filesOf(first, later()).get("diff.md") ?? "";
  const [head = "", rest = ""] = text.split("## Unchanged, or not known");
  expect(head).toContain("made at different times");
  expect(head).toContain("9.9");
  const rows = head.split("\n").filter((row) => row.includes("| worse |"));
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.every((row) => row.includes("server CPU per message") && /1\.5\d?\s×\smore/.test(row))).toBe(
    true,
  );
  expect(head).not.toContain("| better |");
  expect(rest).toContain("<summary>Not decided: ");
});

test("the page draws each interval, runs no program, and keeps hostile names as text", () => {
  const page = filesOf(first, later()).get("diff.html") ?? "";
  const [shown = ""] = page.split("Unchanged, or not known");
  expect(shown.match(/class="interval worse"/g)?.length).toBe(
    compareRuns(first, later()).candidates.flatMap((c) => c.changes.filter((x) => x.reading === "worse"))
      .length,
  );
  expect(page).not.toContain("<script");
  expect(page).not.toContain("<b>run</b>");
});

test("a run beside itself says so", () => {
  const text = filesOf(first, first).get("diff.md") ?? "";
  expect(text).toContain("This is one run, compared with itself.");
  expect(text).toContain("No figure is shown to differ");
});
