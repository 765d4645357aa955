import { z } from "zod";
import { codec } from "../../schemas/cell.ts";
import { feedPresets, slowConsumerPolicies } from "../../schemas/names.ts";
import { profile } from "../../schemas/plan.ts";
import { policy } from "../../schemas/policy.ts";

/** Names of the policies that come with the tool. */
export const policyNames = ["balanced", "latency", "cost"] as const;

const glob = z
  .string()
  .max(200)
  .regex(/^!?[\w*?[{][\w@.,:*?{}[\]/#-]*$/, "must be an id, a set or a glob such as node/* or feed/json/*");

/**
 * What a run is asked for. Names and numbers only: servers are those of the manifest and of the service's own config file, and
 * no command, path or address is taken from the network.
 */
export const startRun = z.strictObject({
  label: z.string().max(200).optional().meta({ title: "Label", description: "A label for the list" }),
  profile: profile.default("standard").meta({ title: "Profile", description: "How long to measure" }),
  candidates: z
    .array(glob)
    .min(1)
    .max(100)
    .default(["default"])
    .meta({ title: "Candidates", description: "Ids, globs or sets (default, core, all)" }),
  workloads: z
    .array(glob)
    .min(1)
    .max(100)
    .default(["default"])
    .meta({ title: "Workloads", description: "Workloads, cell ids, globs or sets (default, all)" }),
  codecs: z.array(codec).min(1).max(3).optional().meta({ title: "Message formats" }),
  runtimes: z
    .array(z.string().regex(/^(node|bun)@\d{1,4}(\.\d{1,4}){0,2}$/, "must be node@VERSION or bun@VERSION"))
    .max(8)
    .default([])
    .meta({ title: "Runtime versions", description: "e.g. node@24, fetched from npm" }),
  packages: z
    .array(
      z
        .string()
        .max(100)
        .regex(/^(@[a-z\d][a-z\d-]*\/)?[a-z\d][a-z\d-]*@\d{1,4}\.\d{1,4}\.\d{1,4}$/, "must be NAME@VERSION"),
    )
    .max(8)
    .default([])
    .meta({
      title: "Package versions",
      description: "of one framework or adapter, e.g. ws@8.22.0, ws@8.23.0",
    }),
  rounds: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .meta({ title: "Rounds", description: "The profile's if left out" }),
  seed: z.int().min(0).max(0xffffffff).default(1).meta({ title: "Seed" }),
  feed: z.enum(feedPresets).default("burst").meta({ title: "Feed" }),
  feedRate: z.number().min(0.01).max(10_000).default(10).meta({ title: "Speed-up of the feed" }),
  slowConsumer: z.enum(slowConsumerPolicies).default("disconnect").meta({ title: "Slow consumers" }),
  policy: z
    .union([z.enum(policyNames), policy])
    .default("balanced")
    .meta({ title: "Policy", description: "A policy's name, or a whole policy" }),
  processPerTrial: z.boolean().default(false).meta({ title: "A fresh server for each trial" }),
  keepDisturbed: z.boolean().default(false).meta({ title: "Count disturbed windows too" }),
  force: z.boolean().default(false).meta({ title: "Run even if the machine is busy" }),
});
export type StartRun = z.infer<typeof startRun>;
