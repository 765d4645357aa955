import type { Measurement, WarmUp, WindowAsked, WindowUse } from "../../schemas/load.ts";
import type { Measured } from "../experiment.ts";
import type {
  CellAnswer,
  CellRequest,
  Failed,
  LoadCell,
  LoadGenerator,
  Restart,
  Trial,
} from "../load-client.ts";
import { monotonicNs } from "../process/clock.ts";
import type { Failure } from "../process/failure.ts";
import { WindowMeter } from "../workloads/window.ts";
import { mergeWindows, type ShardWindow, withWatched } from "./merge.ts";
import { splitCell } from "./split.ts";

/** One load process, here or on another machine. */
export interface ShardLink {
  /** How it is called where it fails. */
  readonly name: string;
  /** What it is to know of a cell: its own cores, and the server's process where it can see that. */
  readonly adapt: (request: Trial, isFirst: boolean) => Trial;
  /** `restart` is for a window that may ask for it, of a cell that one process holds as a whole. */
  ask(
    request: CellRequest,
    limitMs: number,
    lost: Promise<Failure>,
    restart?: Restart,
  ): Promise<CellAnswer | Failed>;
  /** What its machine's CLOCK_MONOTONIC shows more than this machine's over the next `horizonMs`, and how far that may be off, in ns. */
  clock(horizonMs: number): Promise<{ readonly offsetNs: number; readonly boundNs: number }>;
}

/** A load process, or whoever looks at the server, does not answer: it has died, or Redis has forgotten what it was asked. */
export class ShardLost extends Error {
  override readonly name = "ShardLost";
}

/** Whoever looks at the server of a cell, since no load process runs on its machine. */
export interface ServerWatch {
  /** All connections are open and nothing has been sent. */
  connected(): Promise<void>;
  begin(): Promise<void>;
  end(): Promise<WindowUse | null>;
}

/** The load processes of a run. */
export interface Fleet {
  ready(): Promise<{ readonly clockResolutionNs: number }>;
  /** Those that live, as many as the run wants; waits for one in place of one that was lost. Throws where there are too few. */
  links(): Promise<readonly [ShardLink, ...ShardLink[]]>;
  /** Looks at the server of a cell before any of its connections is open; null where a load process does. */
  readonly watch: ((request: Trial) => Promise<ServerWatch>) | null;
  /** How long before a common start all of them have heard of it, in ms. */
  readonly startAheadMs: number;
  stop(): Promise<void>;
}

/** How long a shard may take to give up a cell. */
const giveUpMs = 2_000;
/** Times that a window is repeated since a shard was lost. */
const repeatsMax = 2;
/** Several load processes that share each cell's connections, and begin each of its windows together. */
export class ShardedLoad implements LoadGenerator {
  readonly #fleet: Fleet;
  readonly #local: LoadGenerator | null;
  #cells = 0;

  /** `local` times runtimes on this machine where the fleet is other hosts, which do not have its programs. */
  constructor(fleet: Fleet, local: LoadGenerator | null = null) {
    this.#fleet = fleet;
    this.#local = local;
  }

  ready(): Promise<{ readonly clockResolutionNs: number }> {
    return this.#fleet.ready();
  }

  async open(
    request: Trial,
    limitMs: number,
    lost: Promise<Failure>,
    restart?: Restart,
  ): Promise<{ readonly cell: LoadCell } | Failed> {
    if (request.probe !== undefined && this.#local !== null) return this.#local.open(request, limitMs, lost);
    const open = async () => {
      this.#cells += 1;
      return ShardedCell.open(this.#fleet, `${this.#cells}`, request, limitMs, lost).catch(lostOr);
    };
    const opened = await open();
    if ("failure" in opened) return opened;
    let { cell } = opened;
    return {
      cell: {
        warmUp: cell.warmUp,
        window: async (asked, windowLimitMs) => {
          for (let repeated = 0; ; repeated += 1) {
            const outcome = await cell.window(asked, windowLimitMs, restart);
            if ("measurement" in outcome) return { measurement: withRepeats(outcome.measurement, repeated) };
            if (outcome.failure.fault !== "generator" || repeated === repeatsMax) return outcome;
            const again = await open();
            if ("failure" in again) return again;
            cell = again.cell;
          }
        },
        close: () => cell.close(),
      },
    };
  }

  async stop(): Promise<void> {
    await Promise.all([this.#fleet.stop(), this.#local?.stop()]);
  }
}

const unseenReason =
  "one load process of another host measured the cell whole, and saw nothing of the server but its answers";

/** A cell that is open on all its shards. */
class ShardedCell {
  readonly warmUp: WarmUp;
  readonly #fleet: Fleet;
  readonly #links: readonly ShardLink[];
  /** Whether the one process that has it measures it without the others. */
  readonly #isWhole: boolean;
  readonly #id: string;
  readonly #request: Trial;
  readonly #lost: Promise<Failure>;
  readonly #watch: ServerWatch | null;

  private constructor(
    fleet: Fleet,
    links: readonly ShardLink[],
    isWhole: boolean,
    id: string,
    request: Trial,
    lost: Promise<Failure>,
    warmUp: WarmUp,
    watch: ServerWatch | null,
  ) {
    this.#watch = watch;
    this.#fleet = fleet;
    this.#links = links;
    this.#isWhole = isWhole;
    this.#id = id;
    this.#request = request;
    this.#lost = lost;
    this.warmUp = warmUp;
  }

  /**
   * Opens a cell on every shard. The first looks at the server's memory before any connects; none sends before all are connected;
   * and subscribers elsewhere receive how much the publisher has sent.
   */
  static async open(
    fleet: Fleet,
    id: string,
    request: Trial,
    limitMs: number,
    lost: Promise<Failure>,
  ): Promise<{ readonly cell: ShardedCell } | Failed> {
    const all = await fleet.links();
    const splits = splitCell(request.cell, all.length, fleet.watch !== null);
    const watch = (await fleet.watch?.(request)) ?? null;
    const links = all.slice(0, splits.length);
    const isWhole = splits[0].isWhole === true;
    const ask = (i: number, asked: CellRequest) => links[i]!.ask(asked, limitMs, lost);
    let answers = await Promise.all(
      splits.map(({ cell, shard }, i) => {
        const adapted = links[i]!.adapt({ ...request, cell, ...(shard === null ? {} : { shard }) }, i === 0);
        return ask(i, { type: "open", id, ...adapted });
      }),
    );
    for (let waits = 0; ; waits += 1) {
      const failed = failureOf(answers);
      if (failed !== null) {
        await closeAll(links, id, lost);
        return failed;
      }
      const opened = answers.flatMap((one) => ("type" in one && one.type === "opened" ? [one] : []));
      if (opened.length === links.length) {
        const warmUp = {
          connectMs: Math.max(...opened.map((one) => one.warmUp.connectMs)),
          warmUpMs: Math.max(...opened.map((one) => one.warmUp.warmUpMs)),
        };
        return { cell: new ShardedCell(fleet, links, isWhole, id, request, lost, warmUp, watch) };
      }
      // They wait before they connect, and when they have.
      if (waits === 1) await watch?.connected();
      const warmUpSent = opened.find((one) => one.warmUpSent !== undefined)?.warmUpSent ?? null;
      const goOn = { type: "go-on", id, startAtNs: null, clockBoundNs: 0, warmUpSent } as const;
      answers = await Promise.all(
        answers.map((one, i) => ("type" in one && one.type === "waiting" ? ask(i, goOn) : one)),
      );
    }
  }

  /** One window. After a failure the cell is closed. */
  async window(asked: WindowAsked, limitMs: number, restart?: Restart): Promise<Measured> {
    const outcome = await this.#measured(asked, limitMs, restart).catch(lostOr);
    if ("failure" in outcome) await this.close();
    return outcome;
  }

  async close(): Promise<void> {
    await closeAll(this.#links, this.#id, this.#lost);
  }

  async #measured(asked: WindowAsked, limitMs: number, restart?: Restart): Promise<Measured> {
    const id = this.#id;
    const prepared = await this.#all(() => ({ type: "window", id, ...asked }), limitMs, restart);
    if ("failure" in prepared) return prepared;
    const [only] = prepared.answers;
    if (only?.type === "measured") return { measurement: this.#unseen(only.measurement) };
    const clocks = await this.#clocks(asked.windowMs);
    if ("failure" in clocks) return clocks;
    await this.#watch?.begin();
    const startNs = (monotonicNs() ?? 0) + this.#fleet.startAheadMs * 1e6;
    const measured = await this.#all((i) => {
      const { offsetNs, boundNs } = clocks[i]!;
      return { type: "go-on", id, startAtNs: startNs + offsetNs, clockBoundNs: boundNs, warmUpSent: null };
    }, limitMs);
    if ("failure" in measured) return measured;
    const watched = (await this.#watch?.end()) ?? null;
    const windows = measured.answers.map((answer): ShardWindow => {
      if (answer.type === "measured" && answer.parts !== undefined) {
        return { measurement: answer.measurement, parts: answer.parts };
      }
      throw new Error(`a shard of the load answered "go-on" with "${answer.type}"`);
    });
    const [first] = windows as [ShardWindow, ...ShardWindow[]];
    if (this.#isWhole) return { measurement: withWatched(first, watched) };
    const merged = mergeWindows(this.#request.cell, windows as [ShardWindow, ...ShardWindow[]], watched);
    return { measurement: merged };
  }

  /** What one load process measured by itself. Whoever looks at the server does not know when its window began. */
  #unseen(measurement: Measurement): Measurement {
    if (this.#watch === null || measurement.server !== null) return measurement;
    return { ...measurement, unattributed: { code: "listener-unseen", reason: unseenReason } };
  }

  /** A shard whose clock is unknown is lost. */
  async #clocks(windowMs: number) {
    try {
      const horizonMs = windowMs + this.#fleet.startAheadMs;
      return await Promise.all(this.#links.map((link) => link.clock(horizonMs)));
    } catch (error) {
      return lostOr(error);
    }
  }

  async #all(
    requestOf: (index: number) => CellRequest,
    limitMs: number,
    restart?: Restart,
  ): Promise<{ readonly answers: readonly CellAnswer[] } | Failed> {
    const answers = await Promise.all(
      this.#links.map((link, i) => link.ask(requestOf(i), limitMs, this.#lost, restart)),
    );
    return failureOf(answers) ?? { answers: answers.filter((one) => "type" in one) };
  }
}

/** Looks at a server of this machine and at its cores, whose use no load process sees. */
export function watchHere(request: Trial): Promise<ServerWatch> {
  const cores = request.cores.slice(0, request.serverCores ?? 1);
  const local = { shard: undefined, cores, helperCores: [], enter: () => undefined };
  const meter = new WindowMeter({ ...request, ...local });
  return Promise.resolve({
    connected: async () => meter.connected(),
    begin: async () => meter.begin(),
    end: async () => meter.end(),
  });
}

async function closeAll(links: readonly ShardLink[], id: string, lost: Promise<Failure>): Promise<void> {
  await Promise.all(links.map((link) => link.ask({ type: "close", id }, giveUpMs, lost)));
}

/**
 * Why a step failed, where it did. A shard that was lost explains what the others then missed, and whatever another met explains one
 * that was only abandoned.
 */
function failureOf(answers: readonly (CellAnswer | Failed)[]): Failed | null {
  const failed = answers.flatMap((one) => ("failure" in one ? [one] : []));
  const met = failed.filter(({ failure }) => failure.code !== "abandoned");
  return met.find(({ failure }) => failure.fault === "generator") ?? met[0] ?? failed[0] ?? null;
}

/** What an agent that does not answer has brought about; other errors are none of its. */
function lostOr(error: unknown): Failed {
  if (!(error instanceof ShardLost)) throw error;
  return { failure: { phase: "measure", reason: error.message, stderr: [], fault: "generator" } };
}

function withRepeats(measurement: Measurement, repeated: number): Measurement {
  const { shards } = measurement;
  if (repeated === 0 || shards === undefined) return measurement;
  return { ...measurement, shards: { ...shards, repeated } };
}
