import { type Policy, policy } from "../schemas/policy.ts";
import balanced from "./policies/balanced.json" with { type: "json" };
import cost from "./policies/cost.json" with { type: "json" };
import latency from "./policies/latency.json" with { type: "json" };

/**
 * The policies that come with the tool. Their prices are the public list prices of AWS Fargate (aws.amazon.com/fargate/pricing,
 * Linux on x86, region us-east-1, June 2026: 0.000011244 USD a vCPU-second, 0.004445 a GB-hour): an example to be replaced,
 * and only their proportion can move an answer.
 */
export const policies: readonly Policy[] = [balanced, latency, cost].map((file) => policy.parse(file));

/** The policy of a run that names none. */
export const defaultPolicy: Policy = policies[0] as Policy;

/** The policy of that name; undefined where none has it. */
export function policyByName(name: string): Policy | undefined {
  return policies.find((p) => p.name === name);
}
