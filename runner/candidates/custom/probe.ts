import { serviceOf, smallestOf } from "../../../schemas/cell.ts";
import type { Launch, NotServed, Plan, PlannedCandidate, PlannedCell } from "../../../schemas/plan.ts";
import { type RunWarning, warning } from "../../../schemas/warning.ts";
import { type Bench, measureOnce, type RunningServer, type TrialFailure } from "../../experiment.ts";

/** A plan that says what each server of the user's own serves, and why some could not be asked. */
export interface Probed {
  readonly plan: Plan;
  /** By the candidate's name. */
  readonly failures: ReadonlyMap<string, TrialFailure>;
  /** What a user should know of how each was found, by its name. */
  readonly notes: ReadonlyMap<string, readonly string[]>;
}

/** What is asked of a bench here. */
export type Probing = Pick<Bench, "start" | "open">;

/** Bounds of one look: a server that does not serve a workload is silent, and is not to be waited for long. */
const probeLimits = { connectMs: 1_000, drainMs: 300, trialGraceMs: 1_500 };

/** The plan with the bounds that a bench for probing works under. */
export function forProbing(plan: Plan): Plan {
  return { ...plan, limits: { ...plan.limits, ...probeLimits } };
}

/**
 * Asks each of the user's servers, and each with a named version of a package, for every service that the plan's cells need: the cell's own workload, with one
 * connection and for a moment, must pass its check of every message. What fails is not served, which is no fault.
 */
export async function probeOwn(plan: Plan, bench: Probing): Promise<Probed> {
  const failures = new Map<string, TrialFailure>();
  const found = new Map<string, Pick<PlannedCandidate, "serves" | "notServed" | "launch">>();
  const notes = new Map<string, readonly string[]>();
  for (const candidate of plan.candidates) {
    if (!isToProve(candidate) || candidate.replicateOf !== null) continue;
    const declared = (service: PlannedCell) =>
      candidate.launch.kind !== "program" || candidate.serves.includes(service.id);
    const services = servicesOf(plan).filter(declared);
    if (services.length === 0) continue;
    const { served, failure, server } = await probe(candidate, services, bench);
    const notServed = candidate.launch.kind === "program" ? candidate.notServed : [];
    found.set(candidate.name, {
      serves: served.serves,
      notServed: [...notServed, ...served.notServed],
      launch: launchAt(candidate, server),
    });
    notes.set(candidate.name, server?.notes ?? []);
    if (failure !== null) failures.set(candidate.name, failure);
  }
  const candidates = plan.candidates.map((c) => ({ ...c, ...found.get(c.replicateOf ?? c.name) }));
  return { plan: { ...plan, candidates }, failures, notes };
}

/** Whether a server has to show first that it keeps the contract: the user's, and one with another package than the lockfile's. */
const isToProve = ({ launch }: PlannedCandidate): boolean =>
  launch.kind !== "program" || launch.package !== undefined;

/** A server that was seen to listen elsewhere than PORT says is looked for there from now on. */
function launchAt({ launch }: PlannedCandidate, server: RunningServer | null): Launch {
  const listensOn = server?.listensOn ?? null;
  return launch.kind === "command" && listensOn !== null ? { ...launch, listensOn } : launch;
}

/** The most that a way out can say of it: a path that is not there can be set. */
function notServedAs(service: string, { reason, refused }: TrialFailure): NotServed {
  if (refused === undefined) return { service, code: "wrong-answer", reason };
  const { path, status } = refused;
  return status === 404
    ? {
        service,
        code: "no-such-path",
        path,
        status,
        reason: `no such path (404) on ${path}; set paths in a config file`,
      }
    : { service, code: "refused", path, status, reason: `the upgrade on ${path} was refused (${status})` };
}

/** The smallest cell of each service that the plan needs. */
export function servicesOf(plan: Plan): PlannedCell[] {
  const small = plan.cells.map(({ spec }) => [serviceOf(spec), smallestOf(spec)] as const);
  return [...new Map(small)].map(([id, spec]) => ({
    id,
    spec,
    windows: 1,
    longWindowMs: null,
    everyRounds: 1,
    headline: [],
  }));
}

/**
 * Asks one server for each service in turn, and starts it again where it died of one. A failure says that it did not
 * start, or serves nothing of it.
 */
export async function probe(candidate: PlannedCandidate, services: readonly PlannedCell[], bench: Probing) {
  const serves: string[] = [];
  const notServed: NotServed[] = [];
  let stderr: readonly string[] = [];
  const none = (failure: TrialFailure) => ({ served: { serves: [], notServed: [] }, failure, server: null });
  let started = await bench.start(candidate);
  for (const service of services) {
    if ("failure" in started) return none(started.failure);
    const outcome = await measureOnce(bench, started.server, service);
    if ("measurement" in outcome) serves.push(service.id);
    else {
      notServed.push(notServedAs(service.id, outcome.failure));
      if (stderr.length === 0) stderr = outcome.failure.stderr;
    }
    if (started.server.alive()) continue;
    await started.server.stop();
    started = await bench.start(candidate);
  }
  if ("failure" in started) return none(started.failure);
  const { server } = started;
  await server.stop();
  if (serves.length > 0) return { served: { serves, notServed }, failure: null, server };
  const [first] = notServed;
  const reason = `it serves none of the services; ${first?.service}: ${first?.reason}`;
  const failure: TrialFailure = { phase: "verify", reason, stderr };
  return { served: { serves, notServed }, failure, server };
}

/** What the report says of a server that was found elsewhere than PORT says. */
export function foundWarning(cell: string, cause: string): RunWarning {
  return warning("found-elsewhere", cause, { cell });
}
