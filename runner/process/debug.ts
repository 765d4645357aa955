import { LineSplitter } from "./lines.ts";

/** For somebody who looks into a fault: what children print, and variables of this process that they get beside their own. */
export interface Debug {
  readonly env: Readonly<Record<string, string>>;
  readonly write: (line: string) => void;
}

/** What a child prints, line by line under its name. */
export class ChildLines {
  readonly #out = new LineSplitter();
  readonly #err = new LineSplitter();
  readonly #name: string;
  readonly #write: Debug["write"];

  constructor(name: string, { write }: Debug) {
    this.#name = name;
    this.#write = write;
  }

  stdout(chunk: Uint8Array): void {
    this.#print("", this.#out.push(chunk));
  }

  stderr(chunk: Uint8Array): void {
    this.#print(" stderr", this.#err.push(chunk));
  }

  /** Prints what had no line break. */
  end(): void {
    this.#print("", this.#out.end());
    this.#print(" stderr", this.#err.end());
  }

  #print(stream: string, lines: readonly string[]): void {
    for (const line of lines) this.#write(`[${this.#name}${stream}] ${line}`);
  }
}
