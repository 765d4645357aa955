/** For somebody who looks into a fault: what children print, and variables of this process that they get beside their own. */
export interface Debug {
  readonly env: Readonly<Record<string, string>>;
  readonly write: (line: string) => void;
}

/** What a child prints, line by line under its name. */
export class ChildLines {
  readonly #out: LineSplitter;
  readonly #err: LineSplitter;

  constructor(name: string, { write }: Debug) {
    this.#out = new LineSplitter((line) => write(`[${name}] ${line}`));
    this.#err = new LineSplitter((line) => write(`[${name} stderr] ${line}`));
  }

  stdout(chunk: Uint8Array): void {
    this.#out.push(chunk);
  }

  stderr(chunk: Uint8Array): void {
    this.#err.push(chunk);
  }

  /** Prints what had no line break. */
  end(): void {
    this.#out.end();
    this.#err.end();
  }
}

class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #rest = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#onLine(line);
  }

  end(): void {
    if (this.#rest !== "") this.#onLine(this.#rest);
    this.#rest = "";
  }
}
