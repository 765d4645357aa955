import { type CellSpec, cellId } from "../../schemas/cell.ts";
import type { LoadFactor } from "../../schemas/factor.ts";
import type { ProfileCell } from "./depth.ts";

/** The levels of each parameter of the load that a run measures; null leaves those of the profile. */
export type AskedLoads = Readonly<Record<LoadFactor, readonly number[] | null>>;

/** The parameter of a cell that is such a factor; null where the cell has none. */
export function loadOf(spec: CellSpec, factor: LoadFactor): number | null {
  if (factor === "payload") return "bytes" in spec ? spec.bytes : null;
  return "subscribers" in spec ? spec.subscribers : null;
}

/** The same cell at another level. */
export function atLoad(spec: CellSpec, factor: LoadFactor, level: number): CellSpec {
  return { ...spec, [factor === "payload" ? "bytes" : "subscribers"]: level } as CellSpec;
}

/**
 * The cells of a profile at each level that was asked for: a cell that has the parameter stands once for each level, one that
 * has not stays as it is.
 */
export function withLoads(cells: readonly ProfileCell[], asked: AskedLoads): ProfileCell[] {
  const payloads = atLevels(cells, "payload", asked.payload);
  const all = atLevels(payloads, "subscribers", asked.subscribers);
  // Cells that differed in the parameter alone are one now.
  const byId = new Map<string, ProfileCell>();
  for (const cell of all) {
    const id = cellId(cell.spec);
    if (!byId.has(id)) byId.set(id, cell);
  }
  return [...byId.values()];
}

function atLevels(
  cells: readonly ProfileCell[],
  factor: LoadFactor,
  levels: readonly number[] | null,
): readonly ProfileCell[] {
  if (levels === null) return cells;
  return cells.flatMap((cell) =>
    loadOf(cell.spec, factor) === null
      ? [cell]
      : levels.map((level) => ({ ...cell, spec: atLoad(cell.spec, factor, level) })),
  );
}
