import { z } from "zod";
import { codec } from "./cell.ts";
import { streamName } from "./stream.ts";

/** A request's id as the exchange allows it: an unsigned integer, a short string, or null. */
export const requestId = z.union([z.int().nonnegative(), z.string().max(36), z.null()]);

/** The exchange's own limit of streams on a connection; it bounds what a hostile frame can ask for. */
const params = z.array(streamName).min(1).max(1024);

export const subscribeRequest = z.strictObject({ method: z.literal("SUBSCRIBE"), params, id: requestId });
export const unsubscribeRequest = z.strictObject({ method: z.literal("UNSUBSCRIBE"), params, id: requestId });
export const listRequest = z.strictObject({ method: z.literal("LIST_SUBSCRIPTIONS"), id: requestId });

/** What a subscriber may send on `/feed`. */
export const controlRequest = z.discriminatedUnion("method", [
  subscribeRequest,
  unsubscribeRequest,
  listRequest,
]);
export type ControlRequest = z.infer<typeof controlRequest>;

/** The answer to a request that was carried out: null, or the subscribed streams for LIST_SUBSCRIPTIONS. */
export const controlResult = z.strictObject({
  result: z.union([z.null(), z.array(streamName)]),
  id: requestId,
});

/**
 * The exchange's codes: 2 for a request that is JSON and not valid, 3 for a text that is not JSON. Ours: 4 for a subscription that
 * cannot go on where it was asked to.
 */
export const controlErrorCodes = { invalidRequest: 2, invalidJson: 3, tooOld: 4 } as const;

export const controlError = z.strictObject({
  error: z.strictObject({ code: z.int(), msg: z.string() }),
  id: requestId,
});
export type ControlError = z.infer<typeof controlError>;

export const controlReply = z.union([controlResult, controlError]);
export type ControlReply = z.infer<typeof controlReply>;

/** What a client sends on `/push` to make the server generate messages. */
export const pushRequest = z.strictObject({
  count: z.int().positive().max(1_000_000_000),
  /** Size of a message's payload. */
  bytes: z.int().min(8).max(16_777_216),
  codec,
  /** Seed of the generated payload, 32 bits unsigned. */
  seed: z.int().nonnegative().max(0xffffffff),
});
export type PushRequest = z.infer<typeof pushRequest>;

const requestWithId = z.looseObject({ id: requestId });

/** The reply that a text is; undefined where it is none. */
export function parseReply(text: string): z.infer<typeof controlReply> | undefined {
  try {
    return controlReply.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The error reply for a rejected control frame; it repeats the frame's id where that can be read. */
function rejection(frame: unknown, code: number, msg: string): ControlError {
  const identified = requestWithId.safeParse(frame);
  return { error: { code, msg }, id: identified.success ? identified.data.id : null };
}

/** The first fault of a parse as one line: `params.0: must read …`. */
function firstFault(error: z.ZodError): string {
  const issue = error.issues[0];
  const path = issue?.path.join(".") ?? "";
  return path === "" ? (issue?.message ?? "not valid") : `${path}: ${issue?.message}`;
}

/** Validates a control frame that is already JSON. The caller sends the error as it is and keeps the connection. */
export function readControl(frame: unknown): ControlRequest | ControlError {
  const parsed = controlRequest.safeParse(frame);
  if (parsed.success) return parsed.data;
  const msg = `Invalid request: ${firstFault(parsed.error)}`;
  return rejection(frame, controlErrorCodes.invalidRequest, msg);
}

/** Parses the text of a control frame. Check `"error" in outcome`. */
export function parseControl(text: string): ControlRequest | ControlError {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return rejection(undefined, controlErrorCodes.invalidJson, "Invalid JSON: expected one JSON object");
  }
  return readControl(frame);
}
