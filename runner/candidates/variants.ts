import { type ServerFactor, type ServerLevels, serverFactors, serverSwitches } from "../../schemas/factor.ts";
import type { PlannedCandidate } from "../../schemas/plan.ts";
import type { Candidate } from "../../servers/manifest.ts";

/** The levels of each feature of a server that a run measures, in the order given: `--tls off,on`. */
export type AskedLevels = { readonly [Factor in ServerFactor]: readonly ServerLevels[Factor][] };

/** What a candidate runs with where nothing is asked for. */
const plain: ServerLevels = { tls: false, deflate: false, cores: 1 };

/** Processes that the largest of the candidates runs as: it needs as many cores. */
export const mostCoresOf = (candidates: readonly PlannedCandidate[]): number =>
  Math.max(...candidates.map(({ levels }) => levels?.cores ?? 1));

/** Every combination of the levels, the first feature's changing slowest. */
function combinations(asked: AskedLevels): ServerLevels[] {
  return asked.tls.flatMap((tls) =>
    asked.deflate.flatMap((deflate) => asked.cores.map((cores) => ({ tls, deflate, cores }))),
  );
}

/** What a variant's name ends with: `+tls+deflate+2-cores`; nothing where all is off. */
function suffixOf(levels: ServerLevels): string {
  const on = serverSwitches.filter((factor) => levels[factor]).map((factor) => `+${factor}`);
  return [...on, ...(levels.cores === 1 ? [] : [`+${levels.cores}-cores`])].join("");
}

/** The same variant at the level of one feature that its cost is compared with; null where it is at that level. */
function without(levels: ServerLevels, factor: ServerFactor, asked: AskedLevels): ServerLevels | null {
  const base = factor === "cores" ? { cores: Math.min(...asked.cores) } : { [factor]: false };
  const other = { ...levels, ...base };
  return asked[factor].length === 1 || other[factor] === levels[factor] ? null : other;
}

/**
 * A candidate as it is run at each of the levels. A server of the user's own runs as it is. `lacks` are the features that it
 * has no way to: its variants with them serve nothing, and say why.
 */
export function variantsOf(
  candidate: PlannedCandidate,
  asked: AskedLevels,
  lacks: Candidate["lacks"] = {},
): PlannedCandidate[] {
  if (candidate.launch.kind !== "program") return [candidate];
  const all = combinations(asked);
  return all.map((levels) => {
    const suffix = suffixOf(levels);
    if (suffix === "") return candidate;
    const missing = serverFactors.find(
      (factor) => levels[factor] !== plain[factor] && lacks[factor] !== undefined,
    );
    const reason = missing === undefined ? undefined : lacks[missing];
    const contrasts = serverFactors.flatMap((factor) => {
      const other = without(levels, factor, asked);
      return other === null ? [] : [{ factor, against: `${candidate.name}${suffixOf(other)}` }];
    });
    return {
      ...candidate,
      name: `${candidate.name}${suffix}`,
      // What a difference is split by is the runtime and the framework at the same levels.
      runtime: `${candidate.runtime}${suffix}`,
      levels,
      ...(contrasts.length === 0 ? {} : { contrasts }),
      ...(candidate.upgradeFrom === null ? {} : { upgradeFrom: `${candidate.upgradeFrom}${suffix}` }),
      ...(reason === undefined
        ? {}
        : {
            serves: [],
            notServed: [...candidate.notServed, ...candidate.serves.map((service) => ({ service, reason }))],
          }),
    };
  });
}
