import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { childEnv } from "../../runner/process/env.ts";
import { withAffinity } from "../../runner/process/pin.ts";
import type { GeneratorSetup } from "../generator-setup.ts";
import type { Peer, PeerFigures } from "./peer.ts";

/** What a peer may take beside its warm-up and window: to start, to connect, to end. */
const marginMs = 60_000;
const buildMs = 300_000;

/** Figures of a peer and the CPU time of its whole life. */
export type PeerMeasurement = PeerFigures & { readonly cpuNs: number };

/** A peer that is on the PATH, with a folder for its files. */
export class InstalledPeer {
  readonly #folder = mkdtempSync(join(tmpdir(), "tickbench-peer-"));
  #built: Promise<void> | undefined;
  readonly peer: Peer;
  readonly program: string;
  readonly #cores: readonly number[] | null;

  constructor(peer: Peer, program: string, cores: readonly number[] | null) {
    this.peer = peer;
    this.program = program;
    this.#cores = cores;
  }

  /** Builds a peer that has to be, once. Throws, as `measure` does, with one line. */
  build(): Promise<void> {
    this.#built ??= this.#build();
    return this.#built;
  }

  /** Throws, with one line, where the peer fails. */
  async measure(setup: GeneratorSetup): Promise<PeerMeasurement> {
    for (const [name, text] of Object.entries(this.peer.files?.(setup) ?? {}))
      await Bun.write(join(this.#folder, name), text);
    const limitMs = setup.warmupMs + setup.windowMs + marginMs;
    const { output, ended, cpuNs } = await this.#run(setup, limitMs);
    const figures = this.peer.figures(output, setup);
    if (figures !== null && figures.messages > 0) return { ...figures, cpuNs };
    const said = lastLine(output);
    throw new Error(`${ended} without figures${said === "" ? "" : `, and its last line is: ${said}`}`);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** It is not measured, so that it has the whole environment: a compiler's caches and proxies are set there. */
  async #build(): Promise<void> {
    const build = this.peer.build?.(this.program, this.#folder);
    if (build === undefined) return;
    const compiler = Bun.spawn([...build.command], {
      cwd: build.cwd,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      timeout: buildMs,
    });
    const [output, errors] = await Promise.all([
      new Response(compiler.stdout).text(),
      new Response(compiler.stderr).text(),
    ]);
    const exitCode = await compiler.exited;
    if (exitCode !== 0)
      throw new Error(`not built, exit code ${exitCode}: ${lastLine(`${output}\n${errors}`)}`);
  }

  async #run(setup: GeneratorSetup, limitMs: number) {
    const { peer, program } = this;
    const command = [...peer.command(program, this.#folder, setup)];
    const options = { cwd: this.#folder, env: childEnv(peer.env ?? {}), timeout: limitMs } as const;
    const endless = peer.enough !== undefined;
    let output = "";
    const decoder = new TextDecoder();
    // A C program keeps what it prints to a pipe until there is a lot of it, and to a terminal prints each line.
    const spawned = withAffinity(this.#cores, () =>
      endless
        ? Bun.spawn(command, {
            ...options,
            terminal: {
              data: (_, bytes) => {
                output += decoder.decode(bytes, { stream: true });
                if (peer.enough?.(output, setup)) spawned.kill();
              },
            },
          })
        : Bun.spawn(command, { ...options, stdin: "ignore", stdout: "pipe", stderr: "pipe" }),
    );
    if (!endless) {
      const [printed, errors] = await Promise.all([
        new Response(spawned.stdout as ReadableStream).text(),
        new Response(spawned.stderr as ReadableStream).text(),
      ]);
      output = `${printed}\n${errors}`;
    }
    await spawned.exited;
    spawned.terminal?.close();
    const ended =
      spawned.signalCode === null
        ? `ended with exit code ${spawned.exitCode}`
        : `ended by ${spawned.signalCode}`;
    const cpuNs = Number(spawned.resourceUsage()?.cpuTime.total ?? 0n) * 1000;
    return { output: output.replaceAll("\r\n", "\n"), ended, cpuNs };
  }
}

/** The last line that says something, short enough for a list. */
function lastLine(output: string): string {
  const line = output.split("\n").findLast((text) => text.trim() !== "") ?? "";
  return line.trim().slice(0, 200);
}
