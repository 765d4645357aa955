import type { Subprocess } from "bun";
import { type ProbeAnswer, type ProbeRequest, probeAnswer } from "../../../schemas/codec-probe.ts";
import { childEnv } from "../../process/env.ts";
import { LineSplitter } from "../../process/lines.ts";
import { withAffinity } from "../../process/pin.ts";

/** A probe in a separate process. It ends with this process, which holds the other end of its input. */
export class ProbeProcess {
  readonly #child: Subprocess<"pipe", "pipe", "pipe">;
  readonly #lines: AsyncGenerator<string, undefined>;

  /** Throws where the program cannot be started. `cores` are those it is bound to; empty for any. */
  constructor(command: readonly string[], cores: readonly number[]) {
    this.#child = withAffinity(cores.length === 0 ? null : cores, () =>
      Bun.spawn([...command], { env: childEnv({}), stdin: "pipe", stdout: "pipe", stderr: "pipe" }),
    );
    this.#lines = linesOf(this.#child.stdout);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Rejects where the program ends instead, with its error. */
  async ask(request: ProbeRequest): Promise<ProbeAnswer> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    await this.#child.stdin.flush();
    const { value } = await this.#lines.next();
    if (value !== undefined) return probeAnswer.parse(JSON.parse(value));
    const words = (await new Response(this.#child.stderr).text()).trim().split("\n");
    // Between the source that a runtime quotes and its stack.
    const why = words.find((line) => /error/i.test(line)) ?? words.at(-1);
    throw new Error(`the probe of the runtime ended: ${why}`);
  }

  end(): void {
    this.#child.kill("SIGKILL");
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string, undefined> {
  const lines = new LineSplitter();
  for await (const chunk of stream) yield* lines.push(chunk);
  return undefined;
}
