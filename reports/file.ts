/** One file of a rendered report: its path within the output folder, and what it holds. */
export interface ReportFile {
  readonly path: string;
  readonly content: Content;
}

/** Content that is long is made part by part as it is written: whole, a table of a large run takes more memory than the run. */
export type Content = string | Uint8Array | (() => Iterable<string>);

/** Content in one piece, as bytes. */
export function bytesOf(content: Content): Uint8Array<ArrayBuffer> {
  if (typeof content === "string") return new TextEncoder().encode(content);
  return typeof content === "function"
    ? new TextEncoder().encode([...content()].join(""))
    : new Uint8Array(content);
}
