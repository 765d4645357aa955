/** Writes the tables of docs/POLICY.md that follow from the schemas: `bun docs/policy-tables.ts`. A test keeps them in step. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "../reports/markdown/element.ts";
import { metricKinds, metricUnits } from "../schemas/metric.ts";
import { defaultEvidence, policyAxes } from "../schemas/policy.ts";

const file = join(import.meta.dir, "POLICY.md");

const unitNames = {
  ns: "ns (1 ms is `1000000`)",
  Hz: "Hz, a second",
  bytes: "bytes",
  count: "count",
} as const satisfies Record<(typeof metricUnits)[number], string>;

const code = (name: string): string => `\`${name}\``;

/** Every metric under its unit. */
function metricsTable(): string {
  const rows = metricUnits.map((unit) => {
    const names = Object.entries(metricKinds).flatMap(([name, kind]) =>
      kind.unit === unit ? [code(name)] : [],
    );
    return [unitNames[unit], names.join(", ")];
  });
  return table(["unit", "metrics"], "ll", rows);
}

/** What each axis is judged by where a policy names nothing else. */
function evidenceTable(): string {
  const cellsOf = (cells: readonly string[]) => {
    const [taken, left] = [cells.filter((c) => !c.startsWith("!")), cells.filter((c) => c.startsWith("!"))];
    const words = taken.map((cell) => (cell === "*" ? "every cell" : code(cell))).join(", ");
    return left.length === 0 ? words : `${words} but for ${left.map((c) => code(c.slice(1))).join(", ")}`;
  };
  const rows = policyAxes.map((axis) => [
    code(axis),
    defaultEvidence[axis].map(({ metric, cells }) => `${code(metric)} in ${cellsOf(cells)}`).join("; "),
  ]);
  return table(["axis", "figures"], "ll", rows);
}

/** The document with its tables made anew. */
export function policyDoc(text: string): string {
  const tables = new Map([
    ["unit", metricsTable()],
    ["axis", evidenceTable()],
  ]);
  return text.replace(/^\| (unit|axis) \|.*\n(?:\|.*\n)*/gm, (_, head: string) => `${tables.get(head)}\n`);
}

if (import.meta.main) writeFileSync(file, policyDoc(readFileSync(file, "utf8")));
