import { z } from "zod";
import { notServed } from "./plan.ts";

const notServedList = z.array(notServed);

/**
 * What a server must fail a connection or refuse a handshake for: the section of RFC 6455, and the cases of the contract suite that ask
 * the same. A candidate that does not keep a rule declares one of them as a gap.
 */
export const protocolRules = {
  "unmasked-frame": { section: "5.1", cases: ["frame/unmasked"] },
  "reserved-opcode": { section: "5.2", cases: ["frame/reserved-opcode", "frame/reserved-control-opcode"] },
  "reserved-bit": {
    section: "5.2",
    cases: ["frame/reserved-bit-1", "frame/reserved-bit-2", "frame/reserved-bit-4"],
  },
  "length-above-63-bits": { section: "5.2", cases: ["frame/length-above-63-bits"] },
  "continuation-of-nothing": { section: "5.4", cases: ["frame/continuation-of-nothing"] },
  "message-inside-message": { section: "5.4", cases: ["frame/new-message-inside-another"] },
  "fragmented-control": { section: "5.5", cases: ["control/fragmented-ping"] },
  "long-control": { section: "5.5", cases: ["control/ping-of-126-bytes"] },
  "close-of-one-byte": { section: "5.5.1", cases: ["close/payload-of-one-byte"] },
  "close-code": { section: "7.4", cases: ["close/invalid-code"] },
  "invalid-utf8": { section: "8.1", cases: ["frame/invalid-utf8", "frame/invalid-utf8-surrogate"] },
  "no-key": { section: "4.2.1", cases: ["http/missing-key"] },
  "short-key": { section: "4.2.1", cases: ["http/malformed-key"] },
  "other-version": { section: "4.2.1", cases: ["http/wrong-websocket-version"] },
  "no-upgrade-header": { section: "4.2.1", cases: ["http/missing-upgrade-header"] },
  "no-connection-header": { section: "4.2.1", cases: ["http/missing-connection-header"] },
  "method-post": { section: "4.2.1", cases: ["http/upgrade-by-post"] },
} as const satisfies Record<string, { readonly section: string; readonly cases: readonly string[] }>;
export type ProtocolRule = keyof typeof protocolRules;

const sections = new Map<string, string>(
  Object.values(protocolRules).flatMap(({ section, cases }) => cases.map((of) => [of, section] as const)),
);

/** The section of RFC 6455 whose rule a case of the contract suite asks for; null for a rule that only the contract has. */
export const protocolSectionOf = (contractCase: string): string | null => sections.get(contractCase) ?? null;

/** It closed or refused, went on as if nothing had been, or did neither. */
export const protocolAnswers = ["refused", "went-on", "silent"] as const;
export type ProtocolAnswer = (typeof protocolAnswers)[number];

/** What broken input did to a server. `died` and `harmed` are numbers of inputs: the same seed puts them in again. */
export const protocolFuzz = z.strictObject({
  inputs: z.int().nonnegative(),
  /** The process ended. */
  died: z.array(z.int().nonnegative()),
  /** Another connection was not served as before. */
  harmed: z.array(z.int().nonnegative()),
  deviations: z.array(
    z.strictObject({
      rule: z.enum(Object.keys(protocolRules) as [ProtocolRule, ...ProtocolRule[]]),
      section: z.string(),
      answer: z.enum(protocolAnswers).exclude(["refused"]),
      times: z.int().positive(),
      of: z.int().positive(),
    }),
  ),
});
export type ProtocolFuzz = z.infer<typeof protocolFuzz>;

/** What `verify` found of one candidate, by services (see `serviceOf`). */
export const verifiedCandidate = z.strictObject({
  id: z.string(),
  status: z.enum(["passed", "failed", "unavailable"]),
  /** Why it could not be asked, or what the whole of it is at fault for; null where the services say it all. */
  reason: z.string().nullable(),
  passed: z.array(z.string()),
  /** Of those that it declares. */
  failed: notServedList,
  /** What a server of the user's own does not offer, which is no fault. */
  notServed: notServedList,
  /** Null where no broken input was asked for, or where it could not be put in. */
  fuzz: protocolFuzz.nullable(),
});
export type VerifiedCandidate = z.infer<typeof verifiedCandidate>;

/** What `verify --json` prints. */
export const verification = z.strictObject({
  candidates: z.array(verifiedCandidate),
  /** Whether it was cut; candidates that were not asked are left out. */
  interrupted: z.boolean(),
});
export type Verification = z.infer<typeof verification>;
