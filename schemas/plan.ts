import { z } from "zod";
import { cellSpec } from "./cell.ts";
import { endpoint } from "./endpoint.ts";
import { contrast, serverLevels } from "./factor.ts";
import { metricName } from "./metric.ts";
import { profiles, runtimeNames } from "./names.ts";
import { prose } from "./prose.ts";
import { slowConsumerPolicy } from "./ready.ts";

/** A name or an address of a host. */
export const hostAddress = z
  .string()
  .regex(/^[\w.:-]{1,253}$/, "must be a name or an address of a host, without a port");

/**
 * Servers on a host that is given by its address. An `agent` of that host starts them, on `port` where it is not 0, and looks at
 * what they use; or one runs there already, which is `nobody`'s of this run.
 */
export const target = z.strictObject({
  host: hostAddress,
  port: z.int().min(0).max(65535),
  startedBy: z.enum(["agent", "nobody"]),
});
export type Target = z.infer<typeof target>;

export const profile = z.enum(profiles);
export type Profile = z.infer<typeof profile>;

/** One cell of the plan: how many of the run's rounds it takes part in, and whether its metrics are headlines. */
export const plannedCell = z.strictObject({
  id: z.string(),
  spec: cellSpec,
  /** Typical windows in each visit, of `spec.windowMs` each. */
  windows: z.int().min(1).max(100),
  /** Length of the one long window of a visit, in which stalls are looked for; null for none. */
  longWindowMs: z.int().min(100).nullable(),
  /** Takes part in every k-th round, so that costly exploratory cells do not starve the headline ones. */
  everyRounds: z.int().positive(),
  /** Metrics whose comparison belongs to the declared family; empty for an exploratory cell. */
  headline: z.array(metricName),
});
export type PlannedCell = z.infer<typeof plannedCell>;

export const runtimeName = z.enum(runtimeNames);
export type RuntimeName = z.infer<typeof runtimeName>;

/** Which build of a runtime is meant. */
export const runtimeChoice = z.discriminatedUnion("kind", [
  /** The one that the lockfile fixes; the system's for Python. */
  z.strictObject({ kind: z.literal("pinned") }),
  /** The first on the user's PATH. */
  z.strictObject({ kind: z.literal("path") }),
  /** The newest version of a line from the registry, e.g. `24` or `1.3` or `24.8.0`. */
  z.strictObject({ kind: z.literal("line"), line: z.string() }),
  z.strictObject({ kind: z.literal("file"), file: z.string(), version: z.string() }),
]);
export type RuntimeChoice = z.infer<typeof runtimeChoice>;

/** How a candidate comes to run. */
export const launch = z.discriminatedUnion("kind", [
  /** A program of `servers/`, by its id in the manifest. */
  z.strictObject({
    kind: z.literal("program"),
    runtime: runtimeName,
    choice: runtimeChoice,
    /** A package that it runs with in another install than the lockfile's, e.g. ws 8.23.0; absent where it has the lockfile's. */
    package: z.strictObject({ name: z.string(), version: z.string().regex(/^\d+\.\d+\.\d+$/) }).optional(),
  }),
  /** The user's: started with PORT in its environment. */
  z.strictObject({
    kind: z.literal("command"),
    command: z.array(z.string()).min(1),
    cwd: z.string(),
    env: z.record(z.string(), z.string()),
    /** Where it was seen to listen in spite of PORT; null for one that listens on PORT. */
    listensOn: z.int().min(1).max(65535).nullable().default(null),
  }),
  /** The user's and running already: measured and left alone. */
  z.strictObject({
    kind: z.literal("running"),
    port: z.int().min(1).max(65535),
    pid: z.int().positive().nullable(),
  }),
]);
export type Launch = z.infer<typeof launch>;

/** Why a service is not served: the path that was asked for is not there, or refuses; or what came back was not as it has to be. */
export const notServedCodes = ["no-such-path", "refused", "wrong-answer"] as const;

/** A service (see `serviceOf`) that a candidate was found not to offer. */
export const notServed = z.strictObject({
  service: z.string(),
  /** Absent where the manifest declares it, and nothing was asked. */
  code: z.enum(notServedCodes).optional(),
  reason: prose,
  /** The path that was asked for, and the status of the answer, where an upgrade was refused. */
  path: z.string().optional(),
  status: z.int().optional(),
});
export type NotServed = z.infer<typeof notServed>;

/** A candidate under the name the report gives it. An A/A replicate is the same program under another name. */
export const plannedCandidate = z.strictObject({
  name: z.string(),
  id: z.string(),
  replicateOf: z.string().nullable(),
  /** What a difference between two candidates is split by; a runtime named by version holds it. */
  runtime: z.string(),
  framework: z.string(),
  launch,
  endpoint,
  /** The services it offers, as far as the plan has them (see `serviceOf`). */
  serves: z.array(z.string()),
  notServed: z.array(notServed),
  gaps: z.array(z.strictObject({ case: z.string(), reason: prose })),
  /** The same program on the oldest version of the runtime, or of the package, that takes part: what upgrading brings is compared with it. */
  upgradeFrom: z.string().nullable(),
  /** Features that it is run with; absent where they are off. */
  levels: serverLevels.optional(),
  /** The candidates that it differs from in one feature: what that costs is compared with them. */
  contrasts: z.array(contrast).optional(),
});
export type PlannedCandidate = z.infer<typeof plannedCandidate>;

/** What size of a difference matters, in percent of the smaller side. */
export const margin = z.strictObject({
  /** The smallest difference worth a verdict: the whole interval has to lie beyond it. */
  thresholdPct: z.number().nonnegative(),
  /** Two sides are equal where an equivalence test shows their difference to lie within this. */
  equalPct: z.number().positive(),
});

/** The margins of each family of metrics. */
export const margins = z.strictObject({ latency: margin, rate: margin, cost: margin });
export type Margins = z.infer<typeof margins>;

/** Everything decided before the first measurement. Written first into events.ndjson; a resumed run follows it. */
export const plan = z.strictObject({
  profile,
  seed: z.int().nonnegative().max(0xffffffff),
  rounds: z.int().min(1).max(1000),
  candidates: z.array(plannedCandidate).min(1),
  cells: z.array(plannedCell).min(1),
  /** Name of the candidate that headline metrics are compared with. */
  reference: z.string(),
  margins,
  /** Whether the time of the rounds after the fourth goes to the cells that need it (runner/plan/allocation.ts). */
  allocated: z.boolean(),
  processPerTrial: z.boolean(),
  /** How many processes share each cell's connections, on cores of this machine or on their own hosts; absent for one. */
  load: z
    .strictObject({
      on: z.enum(["cores", "hosts"]),
      processes: z.int().min(1).max(1000),
    })
    .optional(),
  /** Where the servers are, where that is not this process's machine by itself; absent for loopback. */
  target: target.optional(),
  /** Trials after the rounds, of which nothing is compared; absent for none. */
  extras: z
    .strictObject({
      /** How long each candidate is held under the feed's load, in ms; null where none is. */
      soakMs: z.int().positive().nullable(),
      /** Whether it is looked into why the cell that decides costs what it does. */
      why: z.boolean().default(false),
    })
    .optional(),
  /** Windows that others disturbed count all the same, where they would be discarded: such figures decide nothing. */
  keepDisturbed: z.boolean(),
  slowConsumer: slowConsumerPolicy,
  backpressureLimitBytes: z.int().positive(),
  limits: z.strictObject({
    readyMs: z.int().positive(),
    connectMs: z.int().positive(),
    drainMs: z.int().positive(),
    /** Beyond warm-up and window, how long a trial may take in all. */
    trialGraceMs: z.int().positive(),
    stopMs: z.int().positive(),
  }),
});
export type Plan = z.infer<typeof plan>;
