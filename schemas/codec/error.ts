import { visible } from "../visible.ts";

/**
 * What was wrong with a frame:
 * - `text`: not UTF-8, or not JSON.
 * - `truncated`, `trailing`: the bytes end before the message does, or go on after it.
 * - `schema`, `template`, `block-length`: an SBE header that names a layout not known here, or a block too short for it.
 * - `value`: well-formed, and a member breaks its rule.
 * - `not-representable`: a valid message with something that SBE has no place for.
 */
export type CodecErrorCode =
  | "text"
  | "truncated"
  | "trailing"
  | "schema"
  | "template"
  | "block-length"
  | "value"
  | "not-representable";

/** The one error that a codec throws, whatever the bytes. */
export class CodecError extends Error {
  override readonly name = "CodecError";
  readonly code: CodecErrorCode;
  /** Byte at which the fault was seen, from the start of the message; −1 where there is none to point at. */
  readonly offset: number;

  constructor(code: CodecErrorCode, message: string, offset = -1) {
    super(visible(message));
    this.code = code;
    this.offset = offset;
  }
}
