import { formatNs, formatShare } from "../../reports/format.ts";
import type { Disturbance } from "../../schemas/calibration.ts";
import type { CoreUse, Measurement } from "../../schemas/load.ts";
import { foreignShareMax, latenessNsP99Max, stealShareMax } from "../quality/trial-quality.ts";

/** What was seen of the machine over one window. */
export interface MachineUse {
  readonly elapsedNs: number;
  readonly cores: readonly CoreUse[];
  readonly hiccupNsMax: number | null;
  readonly latenessNsP99: number | null;
}

/** What a measurement says of the machine it was taken on. */
export function machineUseOf({ elapsedNs, cores, generator }: Measurement): MachineUse {
  const { hiccupNsMax, latenessNsP99 } = generator;
  return { elapsedNs, cores, hiccupNsMax, latenessNsP99 };
}

/** Gap between two turns of the generator's loop beyond which a figure's maximum may be the machine's. */
const hiccupNsMax = 5e6;

/**
 * The worst of several windows, and whether it speaks against their figures: by the bounds that a comparison's own trials
 * are held to, and since here every maximum has a known answer, by single stalls too. A case that stops the generator
 * itself says for how long in `pausedNs`, so that only what is beyond it counts.
 */
export function disturbanceOf(uses: readonly MachineUse[], pausedNs: number): Disturbance {
  const worst = (of: (use: MachineUse) => readonly number[]) => Math.max(0, ...uses.flatMap(of));
  const worstKnown = (of: (use: MachineUse) => number | null) => {
    const known = uses.flatMap((use) => of(use) ?? []);
    return known.length === 0 ? null : Math.max(...known);
  };
  const seen = {
    foreignShareMax: worst((use) => use.cores.map((core) => core.foreignNs / core.elapsedNs)),
    stealShareMax: worst((use) => use.cores.map((core) => core.stealNs / core.elapsedNs)),
    hiccupNsMax: worstKnown((use) => use.hiccupNsMax),
    latenessNsP99: worstKnown((use) => use.latenessNsP99),
  };
  return { ...seen, disturbedBy: disturbedBy(seen, pausedNs) };
}

function disturbedBy(seen: Omit<Disturbance, "disturbedBy">, pausedNs: number): string | null {
  const { foreignShareMax: foreign, stealShareMax: stolen, hiccupNsMax: gap, latenessNsP99: late } = seen;
  if (foreign > foreignShareMax) return `other processes took ${formatShare(foreign)} of a core`;
  if (stolen > stealShareMax) return `the hypervisor took ${formatShare(stolen)} of a core`;
  if (gap !== null && gap > pausedNs + hiccupNsMax) return `the generator did not run for ${formatNs(gap)}`;
  if (late !== null && late > pausedNs + latenessNsP99Max) {
    return `the generator was ${formatNs(late)} late at its 99th percentile`;
  }
  return null;
}
