import { type CellSpec, serviceOf } from "../../../schemas/cell.ts";
import type { Plan, PlannedCandidate, PlannedCell } from "../../../schemas/plan.ts";
import type { Bench, TrialFailure } from "../../experiment.ts";

/** A plan that says what each server of the user's own serves, and why some could not be asked. */
export interface Probed {
  readonly plan: Plan;
  /** By the candidate's name. */
  readonly failures: ReadonlyMap<string, TrialFailure>;
}

/** What is asked of a bench here. */
export type Probing = Pick<Bench, "start" | "measure">;

/** Bounds of one look: a server that does not serve a workload is silent, and is not to be waited for long. */
const probeLimits = { connectMs: 1_000, drainMs: 300, trialGraceMs: 1_500 };

/** The plan with the bounds that a bench for probing works under. */
export function forProbing(plan: Plan): Plan {
  return { ...plan, limits: { ...plan.limits, ...probeLimits } };
}

/**
 * Asks each server of the user's own for every service that the plan's cells need: the cell's own workload, with one
 * connection and for a moment, must pass its check of every message. What fails is not served, which is no fault.
 */
export async function probeOwn(plan: Plan, bench: Probing): Promise<Probed> {
  const failures = new Map<string, TrialFailure>();
  const found = new Map<string, Pick<PlannedCandidate, "serves" | "notServed">>();
  for (const candidate of plan.candidates) {
    if (candidate.launch.kind === "program" || candidate.twinOf !== null) continue;
    const { served, failure } = await probe(candidate, servicesOf(plan), bench);
    found.set(candidate.name, served);
    if (failure !== null) failures.set(candidate.name, failure);
  }
  const candidates = plan.candidates.map((c) => ({ ...c, ...found.get(c.twinOf ?? c.name) }));
  return { plan: { ...plan, candidates }, failures };
}

/** The smallest cell of each service that the plan needs. */
export function servicesOf(plan: Plan): PlannedCell[] {
  const small = plan.cells.map(({ spec }) => [serviceOf(spec), smallest(spec)] as const);
  return [...new Map(small)].map(([id, spec]) => ({ id, spec, everyRounds: 1, headline: [] }));
}

function smallest(spec: CellSpec): CellSpec {
  const short = { warmupMs: 5, windowMs: 20 };
  switch (spec.workload) {
    case "echo":
      return { ...spec, ...short, bytes: spec.bytes === null ? null : 64, connections: 1, window: 2 };
    case "push":
      return { ...spec, ...short, connections: 1, count: 10 };
    case "feed": {
      const feed = { source: "synthetic", preset: "flat", seed: 1, rate: 1, meanHz: 1000 } as const;
      return { ...spec, ...short, subscribers: 1, feed };
    }
    case "fanout":
      return { ...spec, ...short, subscribers: 1, rateHz: 1000 };
  }
}

/**
 * Asks one server for each service in turn, and starts it again where it died of one. A failure says that it did not
 * start, or serves nothing of it.
 */
export async function probe(candidate: PlannedCandidate, services: readonly PlannedCell[], bench: Probing) {
  const serves: string[] = [];
  const notServed: { service: string; reason: string }[] = [];
  let stderr: readonly string[] = [];
  const none = (failure: TrialFailure) => ({ served: { serves: [], notServed: [] }, failure });
  let started = await bench.start(candidate);
  for (const service of services) {
    if ("failure" in started) return none(started.failure);
    const outcome = await bench.measure(started.server, service);
    if ("measurement" in outcome) serves.push(service.id);
    else {
      notServed.push({ service: service.id, reason: outcome.failure.reason });
      if (stderr.length === 0) stderr = outcome.failure.stderr;
    }
    if (started.server.alive()) continue;
    await started.server.stop();
    started = await bench.start(candidate);
  }
  if ("failure" in started) return none(started.failure);
  await started.server.stop();
  if (serves.length > 0) return { served: { serves, notServed }, failure: null };
  const [first] = notServed;
  const reason = `it serves nothing that was asked for; ${first?.service}: ${first?.reason}`;
  return { served: { serves, notServed }, failure: { phase: "verify", reason, stderr } as TrialFailure };
}
