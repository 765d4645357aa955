import { z } from "zod";
import { factor, writingChoice, writingEffect, writingSplit } from "./broadcast-effects.ts";
import { codec, workload } from "./cell.ts";
import { cellResult, windowCounts } from "./cell-result.ts";
import { extraFailure } from "./extra.ts";
import { contrast, factorEffect, serverLevels } from "./factor.ts";
import { feedCoverage } from "./feed.ts";
import { failureCode, generatorFault } from "./load.ts";
import { loadSpread } from "./load-spread.ts";
import { marketOpen } from "./market-open.ts";
import { metricName } from "./metric.ts";
import { margins, notServed, profile, target } from "./plan.ts";
import { policy, policyAxis } from "./policy.ts";
import { prose } from "./prose.ts";
import { broadcast, serverOptions, versioned } from "./ready.ts";
import { soakResult } from "./soak.ts";
import { trialPhase } from "./trial-phase.ts";
import { type RunWarning, rankedWarning } from "./warning.ts";
import { whyResult } from "./why.ts";

export type { CellResult, MetricResult } from "./cell-result.ts";

export const reportSchemaVersion = 2;

export const hostFacts = z.strictObject({
  cpu: z.string(),
  cores: z.int().positive(),
  os: z.string(),
  kernel: z.string(),
  memoryBytes: z.int().positive(),
  governor: z.string().nullable(),
  virtualised: z.string().nullable(),
  /** CPU time per time that the tightest cgroup allows, in cores; null without a quota. */
  cpuQuotaCores: z.number().positive().nullable().default(null),
  /** Memory that the tightest cgroup allows; null without a limit below the machine's own. */
  memoryLimitBytes: z.int().positive().nullable().default(null),
  /** Cores that the run may use, as the kernel lists them: `0-2,5`; null where the system does not report it. */
  cpuset: z.string().nullable().default(null),
  pinning: z.strictObject({
    pinned: z.boolean(),
    /** Why not, or how. */
    how: prose,
    serverCores: z.array(z.int().nonnegative()),
    loadCores: z.array(z.int().nonnegative()),
  }),
});
export type HostFacts = z.infer<typeof hostFacts>;

export const candidateReport = z.strictObject({
  /** Name within this run. */
  id: z.string(),
  /** Id in the manifest; the same as `id` but for an A/A replicate. */
  program: z.string(),
  replicateOf: z.string().nullable(),
  runtime: versioned,
  framework: versioned,
  options: serverOptions.nullable(),
  gaps: z.array(z.strictObject({ case: z.string(), reason: prose })),
  /** What it was seen to do otherwise than byte for byte, whatever it declares. */
  observed: z.array(z.enum(["rewrites-json"])).default([]),
  /** What it was asked for and does not offer; a server of the user's own may offer an echo alone. */
  notServed: z.array(notServed).default([]),
  /** The same program on the oldest version of the runtime in this run; null where there is one version. */
  upgradeFrom: z.string().nullable().default(null),
  /** Features that it was run with; absent where they were off. */
  levels: serverLevels.optional(),
  /** The candidates that it differs from in one feature: it is measured for the feature's cost, and not to be chosen. */
  contrasts: z.array(contrast).optional(),
  status: z.enum(["ok", "failed", "unavailable"]),
  reason: prose.optional(),
  nextStep: prose.optional(),
});
export type CandidateReport = z.infer<typeof candidateReport>;

/** `undecided` is the tool's own failure to answer; `withheld` means that the evidence may not be used for an answer. */
export const verdict = z.enum(["a-better", "b-better", "equal", "undecided", "withheld"]);

/** How `a` reads beside `b`. */
export const readings = {
  "a-better": "better",
  "b-better": "worse",
  equal: "equal",
  undecided: "undecided",
  withheld: "withheld",
} as const satisfies Record<z.infer<typeof verdict>, string>;

/** Why a comparison has its verdict: the codes of each verdict in turn. */
export const comparisonCodes = [
  // a-better, b-better
  "beyond-margin",
  // equal
  "equal-within-margin",
  // undecided
  "straddles-margin",
  "not-significant-after-holm",
  "too-few-events",
  // withheld
  "too-few-rounds",
  "not-positive",
  "candidate-failed",
  "all-trials-void",
  "delivery-not-intact",
  "generator-limited",
  "both-generator-limited",
  "ceiling-unknown",
  "mostly-generator",
  "attribution-unknown",
  "exploratory",
  /** Of a report by an older version, which kept its reason as prose alone. */
  "not-recorded",
] as const;
export const comparisonCode = z.enum(comparisonCodes);
export type ComparisonCode = z.infer<typeof comparisonCode>;

/** What the log ratios of a comparison spread by, largest first in what it costs the answer. */
export const spreadSources = ["between-visits", "windows", "stretches", "contamination", "unknown"] as const;
export const spreadSource = z.enum(spreadSources);
export type SpreadSource = z.infer<typeof spreadSource>;

/** What a ratio is where the generator limited the rate of one side: the true one is no smaller, or no larger. */
export const bound = z.enum(["at-least", "at-most"]);
export type Bound = z.infer<typeof bound>;

/** Metric of `a` ÷ metric of `b`, paired by round. */
export const comparison = z.strictObject({
  cell: z.string(),
  workload,
  codec,
  metric: metricName,
  a: z.string(),
  b: z.string(),
  rounds: z.int().nonnegative(),
  ratio: z.number().nullable(),
  ciLow: z.number().nullable(),
  ciHigh: z.number().nullable(),
  /**
   * Degrees of freedom of the interval and of p: those of its own rounds, and what the other comparisons of its kind lend its
   * variance. Null where no interval rests on Student's t, and of a report by an older version.
   */
  df: z.number().positive().nullable().default(null),
  /** Left out where the ratio is no bound, or where both rates are lower bounds and so it says nothing. */
  bound: bound.optional(),
  /** Holm-adjusted p of the declared family; null for an exploratory comparison. */
  pHolm: z.number().nullable(),
  /** Declared before the run (gets a verdict), or shown for exploration. */
  declared: z.boolean(),
  /** Hodges–Lehmann estimate of the ratio, beside the mean of logs. */
  robustRatio: z.number().nullable(),
  /** Its own 95 % interval, of no assumed shape; null below 6 rounds. */
  robustCiLow: z.number().nullable().default(null),
  robustCiHigh: z.number().nullable().default(null),
  /** Smallest ratio away from 1 (in %) that this many rounds at this noise could have shown. */
  detectablePct: z.number().nullable(),
  /** Threshold of the metric's family, in %: a verdict has its whole interval beyond it. */
  marginPct: z.number().nonnegative(),
  /** Margin of the metric's family that "equal" was declared at, in %. */
  equalMarginPct: z.number().positive(),
  /** Smallest margin in % within which the equivalence test would call the two equal; null without an interval. */
  equalWithinPct: z.number().nonnegative().nullable(),
  /** Length in minutes of a run like this one that would decide it; null where it is decided, withheld, or cannot be known. */
  minutesToDecide: z.number().positive().nullable(),
  /** What an undecided comparison's rounds spread by; null elsewhere. */
  spread: z
    .strictObject({
      largest: spreadSource,
      /** Share of the variance of a round's log ratio, 0 to 1; what cannot be attributed is `unknown`. */
      shares: z.partialRecord(spreadSource, z.number().min(0).max(1)),
    })
    .nullable(),
  verdict,
  code: comparisonCode,
  /** The same in words, for display alone. */
  why: prose.optional(),
});
export type Comparison = z.infer<typeof comparison>;

export const decomposition = z.strictObject({
  cell: z.string(),
  workload,
  codec,
  metric: metricName,
  a: z.string(),
  b: z.string(),
  rounds: z.int().positive(),
  totalRatio: z.number(),
  totalCiLow: z.number(),
  totalCiHigh: z.number(),
  runtimeRatio: z.number(),
  runtimeCiLow: z.number(),
  runtimeCiHigh: z.number(),
  frameworkRatio: z.number(),
  frameworkCiLow: z.number(),
  frameworkCiHigh: z.number(),
  /** Framework's factor on a's runtime ÷ the same on b's; null where one bridge alone was measured. */
  interactionRatio: z.number().nullable(),
  interactionCiLow: z.number().nullable(),
  interactionCiHigh: z.number().nullable(),
  /** Candidates that bridge the two, in order. */
  path: z.array(z.string()),
});

export const failure = z.strictObject({
  candidate: z.string(),
  /** Null when the server failed before any cell began. */
  cell: z.string().nullable(),
  round: z.int(),
  phase: trialPhase,
  reason: prose,
  stderr: z.array(prose),
  code: failureCode.optional(),
  fault: generatorFault,
});

/** Why a candidate may not be recommended. */
export const exclusionCode = z.enum([
  "did-not-run",
  "trials-failed",
  "nothing-measured",
  "figure-missing",
  /** It stops serving again and again, and others do not, where latency weighs. */
  "stalls",
  /** The whole interval is on the wrong side of a limit, or what is counted is. */
  "limit-missed",
  /** The interval reaches beyond the limit, so that the limit may hold and is not shown to. */
  "limit-not-shown",
  "limit-not-measured",
]);

/** A candidate that may not be recommended, the requirement it misses and the figure that shows it. */
export const exclusion = z.strictObject({
  candidate: z.string(),
  code: exclusionCode,
  requirement: prose,
  figure: prose,
});
export type Exclusion = z.infer<typeof exclusion>;

/** Advantage in percent with its 95 % interval: 20 is a weighted geometric mean 1.2 times as good. */
const advantagePct = { byPct: z.number(), ciLowPct: z.number(), ciHighPct: z.number() };

/**
 * What the leader's figures on one axis come to: `better` and `worse` where a difference is shown, which alone counts;
 * `equal` where all that may be used are shown to be equal; `withheld` where none may be used; else `undecided`.
 */
export const axisReading = z.enum(["better", "worse", "equal", "undecided", "withheld"]);
export type AxisReading = z.infer<typeof axisReading>;

/**
 * How the leader stands to one candidate on one axis: above 1 the leader is better, whatever the metric's direction. Where
 * a difference is shown, shown ones alone make the ratio, as they make the score; else it is the ratio as measured.
 */
export const axisRatio = z.strictObject({
  axis: policyAxis,
  ratio: z.number(),
  ciLow: z.number(),
  ciHigh: z.number(),
  reads: axisReading,
  /** As of a comparison; left out where the ratio is no bound. */
  bound: bound.optional(),
});

export const candidateScore = z.strictObject({
  candidate: z.string(),
  /** Weighted score against the leader, counting only differences that are shown: the leader has 1, less is worse. */
  score: z.number(),
  /** The leader's ratio to this candidate by axis; empty for the leader itself. */
  axes: z.array(axisRatio),
});

/** What a decision comes to. */
export const outcome = z.enum([
  "recommended",
  /** Nobody in particular: they are shown to be equal, or differences are not decided, or shown ones cancel under the weights. */
  "equal",
  "undecided",
  "trade-off",
  /** Nobody at all, for want of something to choose between or to choose by. */
  "single-candidate",
  "nobody-qualifies",
  "others-not-judged",
  "others-did-not-run",
  "limit-not-shown",
  "requirement-not-in-run",
  "too-little-evidence",
]);
export type Outcome = z.infer<typeof outcome>;

/** How the leader stands to a candidate that it is not ahead of. */
export const tie = z.strictObject({
  candidate: z.string(),
  state: z.enum(["equal", "undecided", "trade-off"]),
  /** Advantage as measured, over every figure that may be used, whether its difference is shown or not. */
  ...advantagePct,
  /** The far end of that interval: the two are equal within this. */
  withinPct: z.number(),
  /** The smallest advantage that this run could have shown. */
  couldShowPct: z.number(),
  /** Axes on which the leader is shown to be the better one, and the worse one. */
  better: z.array(policyAxis),
  worse: z.array(policyAxis),
});
export type Tie = z.infer<typeof tie>;

/** A change that would change the answer, and where the switch lies. */
export const reversal = z.strictObject({
  kind: z.enum(["weight", "price", "requirement", "fan-out", "codec"]),
  /** What changes: an axis, a price, a figure in a cell, a number of subscribers, a codec. */
  what: z.string(),
  /** Its value in this decision; null where there is none, as for a limit that the policy does not set. */
  from: z.number().nullable(),
  /** Value at which the answer switches; null where the change has no scale, as for a codec. */
  at: z.number().nullable(),
  /** On which side of `at` the answer is another; `alone` where the change has no scale. */
  side: z.enum(["above", "below", "alone"]),
  /** The answer beyond the switch; null is nobody in particular. */
  becomes: z.string().nullable(),
  /** Whether nobody is recommended there for want of evidence, and not since nobody is ahead. */
  lacking: z.boolean(),
  text: prose,
});
export type Reversal = z.infer<typeof reversal>;

export const report = z.strictObject({
  schemaVersion: z.literal(reportSchemaVersion),
  run: z.strictObject({
    id: z.string(),
    startedAt: z.iso.datetime(),
    durationMs: z.number().nonnegative(),
    /** Share of the duration that lies in clean windows, 0 to 1; null where it is not known. */
    measuringShare: z.number().min(0).max(1).nullable().default(null),
    /** Where all of the duration went, as shares of it: `waiting` is the random wait before windows. */
    timeShares: z
      .strictObject({
        measuring: z.number(),
        discarded: z.number(),
        waiting: z.number(),
        warmUp: z.number(),
        connecting: z.number(),
        servers: z.number(),
        ceilings: z.number(),
        /** Trials beside the rounds. */
        extras: z.number().default(0),
        other: z.number(),
      })
      .nullable()
      .default(null),
    seed: z.int(),
    profile,
    /** Rounds planned. */
    rounds: z.int(),
    /** Rounds of which anything was measured. */
    roundsRun: z.int(),
    argv: z.array(z.string()),
    toolVersion: z.string(),
    /** What each part of a run measured that was gone on with, rounds counted from 0; one part where it was not. */
    parts: z
      .array(
        z.strictObject({
          startedAt: z.iso.datetime(),
          fromRound: z.int().nonnegative(),
          toRound: z.int().nonnegative(),
          toolVersion: z.string(),
          kernel: z.string(),
        }),
      )
      .default([]),
    interrupted: z.boolean(),
    clockResolutionNs: z.number().positive(),
    reference: z.string(),
    margins,
    processPerTrial: z.boolean(),
  }),
  host: hostFacts,
  /** Absent where one process made the load. */
  load: loadSpread.optional(),
  /** Where the servers were; absent for this machine. */
  target: target.optional(),
  candidates: z.array(candidateReport),
  results: z.array(cellResult),
  comparisons: z.array(comparison),
  decomposition: z.array(decomposition),
  /** What the discipline of writing does; empty in a run that measured one alone. */
  writing: z
    .strictObject({
      effects: z.array(writingEffect),
      splits: z.array(writingSplit),
      choices: z.array(writingChoice),
    })
    .default({ effects: [], splits: [], choices: [] }),
  /** What each factor costs or brings, where a run measured several levels of one. */
  factors: z.array(factorEffect).default([]),
  noise: z.strictObject({
    /** What the A/A replicate says of the run's intervals (an empirical null, Efron 2004). */
    calibration: z.strictObject({
      /** c: every interval of a ratio is this many times as wide as Student's; 1 where the A/A contrasts look like chance. */
      factor: z.number().min(1),
      /** A/A contrasts it rests on: headline metrics of headline cells. */
      contrasts: z.int().nonnegative(),
      /** Mean of t² ÷ its expectation; null without a contrast of more than 5 rounds. */
      excess: z.number().nonnegative().nullable(),
      /** How far the excess was believed, 0 to 1: less of few contrasts, and of few rounds. */
      weight: z.number().min(0).max(1),
      /** Chance of an excess as large among identical programs with honest intervals; null without a contrast. */
      p: z.number().min(0).max(1).nullable(),
    }),
    /** The reference against its A/A replicate, before calibration. */
    aa: z.array(
      z.strictObject({
        cell: z.string(),
        metric: metricName,
        ratio: z.number().nullable(),
        ciLow: z.number().nullable(),
        ciHigh: z.number().nullable(),
        p: z.number().nullable(),
      }),
    ),
    /** Windows of the run; null in a report older than windows. */
    windows: z.strictObject(windowCounts).nullable().default(null),
    contaminatedTrials: z.int().nonnegative(),
    retriedTrials: z.int().nonnegative(),
  }),
  /** What each feed cell replayed of its feed; none in a report older than stretches. */
  feeds: z.array(feedCoverage).default([]),
  /** What a long time under load does to each candidate; empty where none was asked for. */
  soak: z.array(soakResult).default([]),
  /** Why deliveries cost what they do and take as long, a candidate each; empty where it was not looked into. */
  why: z.array(whyResult).default([]),
  /** Trials beside the rounds that came to no figures. */
  extraFailures: z.array(extraFailure).default([]),
  /** Which candidates come through the market's open; absent where nothing of it was measured. */
  open: marketOpen.optional(),
  failures: z.array(failure),
  warnings: z.array(rankedWarning),
  decision: z.strictObject({
    policy: z.string(),
    recommended: z.string().nullable(),
    outcome,
    /** The answer in two sentences; what would change it is in `reversals`. */
    answer: prose,
    because: z.array(prose),
    notMeasured: z.array(prose),
    /** The whole policy, so that the decision can be taken again; null in a report older than policies. */
    policyUsed: policy.nullable().default(null),
    /** The best placed candidate, recommended or not. */
    leader: z.string().nullable().default(null),
    /** How the leader should write, where the run measured it under several disciplines and the policy weighs latency. */
    writing: z
      .strictObject({
        candidate: z.string(),
        broadcast,
        /** The one it was compared with, and how many times as good the named one is as that. */
        against: broadcast,
        metric: metricName,
        cell: z.string(),
        ...factor.shape,
        reads: z.enum(["better", "equal", "undecided"]),
      })
      .nullable()
      .default(null),
    /** Candidates that the leader is not ahead of, nearest first; empty where one is recommended. */
    tied: z.array(tie).default([]),
    excluded: z.array(exclusion).default([]),
    runnerUp: z
      .strictObject({ candidate: z.string(), ...advantagePct })
      .nullable()
      .default(null),
    scores: z.array(candidateScore).default([]),
    /** Money for a billion deliveries at each open-loop cell's own rate, in the policy's currency. */
    costs: z
      .array(
        z.strictObject({
          candidate: z.string(),
          cell: z.string(),
          perBillion: z.number(),
          ciLow: z.number().nullable(),
          ciHigh: z.number().nullable(),
        }),
      )
      .default([]),
    reversals: z.array(reversal).default([]),
    /** Share of all weightings, in percent, that each candidate wins; `null` is no difference shown. */
    sensitivity: z
      .array(z.strictObject({ candidate: z.string().nullable(), sharePct: z.number() }))
      .default([]),
  }),
});
export type Report = z.infer<typeof report>;

/** A report before its decision. */
export type Undecided = Omit<Report, "decision" | "warnings"> & { readonly warnings: readonly RunWarning[] };
export type Decomposition = z.infer<typeof decomposition>;
