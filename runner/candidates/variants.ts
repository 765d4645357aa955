import { type ServerFactor, type ServerLevels, serverFactors } from "../../schemas/factor.ts";
import type { PlannedCandidate } from "../../schemas/plan.ts";
import type { Candidate } from "../../servers/manifest.ts";

/** The levels of each feature of a server that a run measures, in the order given: `--tls off,on`. */
export type AskedLevels = Readonly<Record<ServerFactor, readonly boolean[]>>;

/** Every combination of the levels, the first feature's changing slowest. */
function combinations(asked: AskedLevels): ServerLevels[] {
  return asked.tls.flatMap((tls) => asked.deflate.map((deflate) => ({ tls, deflate })));
}

/** What a variant's name ends with: `+tls+deflate`; nothing where all is off. */
const suffixOf = (levels: ServerLevels): string =>
  serverFactors
    .filter((factor) => levels[factor])
    .map((factor) => `+${factor}`)
    .join("");

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
    const missing = serverFactors.find((factor) => levels[factor] && lacks[factor] !== undefined);
    const reason = missing === undefined ? undefined : lacks[missing];
    const contrasts = serverFactors
      .filter((factor) => levels[factor] && asked[factor].length > 1)
      .map((factor) => ({
        factor,
        against: `${candidate.name}${suffixOf({ ...levels, [factor]: false })}`,
      }));
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
