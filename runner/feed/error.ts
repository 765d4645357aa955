/** What a user can put right in a feed: one clear line. */
export class FeedError extends Error {
  override readonly name: string = "FeedError";
}

/** A capture that cannot be replayed. `line` counts from 1; null where the file as a whole is at fault. */
export class CaptureError extends FeedError {
  override readonly name = "CaptureError";
  readonly file: string;
  readonly line: number | null;
  /** What must hold. */
  readonly rule: string;
  /** What was found, cut to a readable length. */
  readonly value: string;

  constructor(file: string, line: number | null, rule: string, value: string) {
    // What a file holds goes to a terminal: on one line, and without what steers one.
    const plain = value.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "?");
    const shown = plain.length > 200 ? `${plain.slice(0, 200)}…` : plain;
    super(`capture ${file}${line === null ? "" : `, line ${line}`}: ${rule}, got ${shown}`);
    this.file = file;
    this.line = line;
    this.rule = rule;
    this.value = shown;
  }
}
