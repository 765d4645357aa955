import { z } from "zod";
import { notServed } from "./plan.ts";

const told = z.array(notServed);

/** What a server must fail a connection or refuse a handshake for, with the section of RFC 6455. */
export const protocolRules = {
  "unmasked-frame": "5.1",
  "reserved-opcode": "5.2",
  "reserved-bit": "5.2",
  "length-above-63-bits": "5.2",
  "continuation-of-nothing": "5.4",
  "message-inside-message": "5.4",
  "fragmented-control": "5.5",
  "long-control": "5.5",
  "close-of-one-byte": "5.5.1",
  "close-code": "7.4",
  "invalid-utf8": "8.1",
  "no-key": "4.2.1",
  "short-key": "4.2.1",
  "other-version": "4.2.1",
  "no-upgrade-header": "4.2.1",
  "no-connection-header": "4.2.1",
  "method-post": "4.2.1",
} as const;
export type ProtocolRule = keyof typeof protocolRules;

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
  /** Why it could not be asked, or what the whole of it is at fault for; null where the services tell all. */
  reason: z.string().nullable(),
  passed: z.array(z.string()),
  /** Of those that it declares. */
  failed: told,
  /** What a server of the user's own does not offer, which is no fault. */
  notServed: told,
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
