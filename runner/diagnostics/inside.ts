import { Session } from "node:inspector";
import { connect } from "node:net";
import { PerformanceObserver } from "node:perf_hooks";
import { type InsideFigures, type InsideReply, insideRequest } from "../../schemas/inside.ts";
import { LineSplitter } from "../process/lines.ts";
import { type Profile, topFrames } from "./profile.ts";

// Runs within a server's process, before its program, in extra trials alone: reports what the runtime knows of itself. It connects to
// the runner, whose port is in TICKBENCH_INSIDE, and is no reason for the process to stay.

/** A timer of this many ms is asked for again and again: how late it comes is what kept the loop. */
const lookMs = 5;

class Watch {
  readonly #beganMs = performance.now();
  readonly #lateMs: number[] = [];
  readonly #gcMs: number[] = [];
  readonly #observer = observeGc((ms) => this.#gcMs.push(ms));
  readonly #session = new Session();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#look();
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.start");
  }

  async end(): Promise<InsideFigures> {
    clearTimeout(this.#timer);
    const elapsedMs = performance.now() - this.#beganMs;
    const profile = await new Promise<Profile | null>((resolve) => {
      this.#session.post("Profiler.stop", (error: Error | null, found: { profile: Profile }) =>
        resolve(error === null ? found.profile : null),
      );
    });
    this.#session.disconnect();
    for (const entry of this.#observer?.takeRecords() ?? []) this.#gcMs.push(entry.duration);
    this.#observer?.disconnect();
    const late = this.#lateMs.toSorted((a, b) => a - b);
    const at = (share: number) => late[Math.floor(share * (late.length - 1))] ?? 0;
    return {
      elapsedMs,
      gc:
        this.#observer === null
          ? null
          : {
              pauses: this.#gcMs.length,
              totalMs: this.#gcMs.reduce((sum, ms) => sum + ms, 0),
              longestMs: Math.max(0, ...this.#gcMs),
            },
      loop: { looks: late.length, lateMsP50: at(0.5), lateMsP99: at(0.99), lateMsMax: at(1) },
      profile: profile === null ? null : topFrames(profile),
    };
  }

  #look(): void {
    const due = performance.now() + lookMs;
    this.#timer = setTimeout(() => {
      this.#lateMs.push(Math.max(0, performance.now() - due));
      this.#look();
    }, lookMs);
    this.#timer.unref();
  }
}

/** Observes each pause of the collector; null where the runtime does not report them. */
function observeGc(onPause: (ms: number) => void): PerformanceObserver | null {
  if (!PerformanceObserver.supportedEntryTypes.includes("gc")) return null;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) onPause(entry.duration);
  });
  observer.observe({ entryTypes: ["gc"] });
  return observer;
}

const socket = connect({ host: "127.0.0.1", port: Number(process.env.TICKBENCH_INSIDE) });
socket.unref();
// The runner has gone, or never listened: the server serves all the same.
socket.on("error", () => undefined);
const say = (reply: InsideReply) => void socket.write(`${JSON.stringify(reply)}\n`);
socket.on("connect", () => say({ type: "hello" }));

let watch: Watch | null = null;
const lines = new LineSplitter();
socket.on("data", (chunk: Buffer) => {
  for (const line of lines.push(chunk)) void answer(line);
});

async function answer(line: string): Promise<void> {
  const { type } = insideRequest.parse(JSON.parse(line));
  if (type === "start") {
    watch = new Watch();
    say({ type: "started" });
  } else if (watch !== null) {
    const figures = await watch.end();
    watch = null;
    say({ type: "figures", figures });
  }
}
