import { type Job, Queue, QueueEvents, Worker } from "bullmq";
import { type AgentFacts, type AgentReply, type AgentRequest, agentReply } from "../../schemas/agent.ts";
import { visible } from "../../schemas/visible.ts";
import { type CellAnswer, type CellRequest, type Failed, failureOf } from "../load-client.ts";
import type { Failure } from "../process/failure.ts";
import { type ShardLink, ShardLost } from "../shards/sharded-load.ts";
import type { Offset } from "./clock-offset.ts";
import { lockMs, prefix, protocol, queueOf, stalledMs } from "./redis.ts";
import { connectionTo } from "./redis-url.ts";

/** What is asked of an agent, without what every request bears. */
type Asked<T = AgentRequest> = T extends AgentRequest ? Omit<T, "protocol" | "run"> : never;

/** How long the events of a job are waited for before the job itself is looked at: events are lost when Redis is restarted. */
const lookMs = 1_000;
/** What a request may take beyond what it asks for: the way through Redis, on a busy machine. */
const wayMs = 3_000;
/** Results are kept for so long, in seconds, for a runner that has lost its connection meanwhile. */
const keep = { age: 60 };

/** One agent, as the runner speaks to it: each request is a job of the agent's queue, and the job's result is the answer. */
export class AgentLink implements ShardLink {
  readonly facts: AgentFacts;
  readonly #run: string;
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  /** Takes no jobs: it looks for those whose agent has died. */
  readonly #stalled: Worker;
  /** Set for good when nobody works any more on a job that it took. */
  #isDead = false;
  readonly #died = Promise.withResolvers<"died">();
  /** Whether it has answered what it was last asked. */
  #answers = true;
  readonly #reference: (horizonMs: number) => Promise<Offset>;

  /** `reference` is how this machine's clock stands to that of Redis. */
  constructor(
    url: string,
    facts: AgentFacts,
    run: string,
    reference: (horizonMs: number) => Promise<Offset>,
  ) {
    this.facts = facts;
    this.#run = run;
    this.#reference = reference;
    const options = { connection: connectionTo(url), prefix };
    const name = queueOf(facts.name);
    this.#queue = new Queue(name, options);
    this.#events = new QueueEvents(name, options);
    this.#stalled = new Worker(name, null, {
      ...options,
      ...{ autorun: false, lockDuration: lockMs, stalledInterval: stalledMs, maxStalledCount: 0 },
    });
    // A Redis that is gone for a while is no error: each request has its own limit.
    this.#queue.on("error", () => undefined);
    this.#events.on("error", () => undefined);
    this.#stalled.on("error", () => undefined);
    this.#stalled.on("stalled", () => {
      this.#isDead = true;
      this.#died.resolve("died");
    });
  }

  /** Whether it has died for good. */
  get isDead(): boolean {
    return this.#isDead;
  }

  get name(): string {
    return this.facts.name;
  }

  async ready(): Promise<void> {
    await this.#events.waitUntilReady();
    await this.#stalled.startStalledCheckTimer();
  }

  /** What only the agent knows is left for it to fill in. */
  readonly adapt: ShardLink["adapt"] = ({ restarts: _here, ...request }) => ({
    ...request,
    serverPid: null,
    cores: [],
    helperCores: [],
  });

  async ask(request: CellRequest, limitMs: number, lost: Promise<Failure>): Promise<CellAnswer | Failed> {
    const phase = request.type === "open" ? ("connect" as const) : ("measure" as const);
    const failed = (reason: string, stderr: readonly string[], fault?: "generator"): Failed => ({
      failure: { phase, reason, stderr, ...(fault === undefined ? {} : { fault }) },
    });
    try {
      // What it holds is given up with it, where it has gone.
      if (request.type === "close" && !this.#answers) return failed(`the agent ${this.name} is lost`, []);
      const limit = Math.max(1, Math.ceil(limitMs));
      const reply = await Promise.race([
        this.request({ type: "cell", limitMs: limit, request }, limit),
        lost.then((f) => ({ type: "lost", failure: f }) as const),
      ]);
      if (reply.type === "lost") {
        return failed(`the server was lost: ${reply.failure.reason}`, reply.failure.stderrTail);
      }
      if (reply.type === "failed") {
        const { stderr, reason } = reply;
        return { failure: { ...failureOf(reply), reason: `${this.name}: ${reason}`, stderr } };
      }
      if (reply.type === "answer" && "id" in reply.answer) {
        const { answer } = reply;
        if (answer.type !== "phase" && answer.type !== "failed" && answer.type !== "restart") return answer;
      }
      return failed(
        `the agent ${this.name} answered "${request.type}" with "${reply.type}"`,
        [],
        "generator",
      );
    } catch (error) {
      if (!(error instanceof ShardLost)) throw error;
      return failed(error.message, [], "generator");
    }
  }

  async clock(horizonMs: number): Promise<Offset> {
    const [referenceClock, reply] = await Promise.all([
      this.#reference(horizonMs),
      this.request({ type: "clock", horizonMs }, wayMs),
    ]);
    if (reply.type !== "clock")
      throw new ShardLost(`the agent ${this.name} answered "clock" with "${reply.type}"`);
    // Every agent's clock is compared with that of Redis, and so is ours: what is wrong with ours is the same for all of them.
    return { offsetNs: reply.offsetNs - referenceClock.offsetNs, boundNs: reply.boundNs };
  }

  /** One request. Rejects with ShardLost where no answer comes within the limit. */
  async request(asked: Asked, limitMs: number): Promise<AgentReply> {
    if (this.#isDead) throw new ShardLost(`the agent ${this.name} has died`);
    this.#answers = false;
    const deadline = performance.now() + limitMs + wayMs;
    const data = { ...asked, protocol, run: this.#run };
    const options = { removeOnComplete: keep, removeOnFail: keep };
    const left = () => deadline - performance.now();
    const gone = (why: string) => new ShardLost(`the agent ${this.name} ${why}`);
    const job = await within(this.#queue.add(asked.type, data, options), left());
    if (job === null) throw gone("could not be asked: Redis did not answer");
    for (;;) {
      const looked = Promise.race([this.#result(job), this.#died.promise]);
      const result = await within(looked, Math.min(left(), lookMs + wayMs));
      if (result === "died") throw gone("has died: it no longer works on what it was asked");
      if (result !== null && result.state === "completed") {
        this.#answers = true;
        return agentReply.parse(result.value);
      }
      if (result !== null && result.state === "failed") throw gone(`did not answer: ${result.reason}`);
      if (result !== null && result.state === "forgotten")
        throw gone("did not answer: Redis has lost the request");
      if (left() <= 0) throw gone(`did not answer within ${Math.ceil(limitMs + wayMs)} ms`);
    }
  }

  async close(): Promise<void> {
    const all = [this.#queue.close(), this.#events.close(), this.#stalled.close(true)];
    await within(Promise.all(all), lookMs);
  }

  /** What has become of a job, after a look at its events. */
  async #result(job: Job) {
    const { id = "" } = job;
    try {
      return { state: "completed", value: await job.waitUntilFinished(this.#events, lookMs) } as const;
    } catch {
      // Its events do not distinguish a job that failed from one that is under way: the job does.
    }
    const state = await job.getState();
    const fresh = await this.#queue.getJob(id);
    if (state === "completed" && fresh !== undefined)
      return { state, value: fresh.returnvalue as unknown } as const;
    if (state === "failed")
      return { state, reason: visible(fresh?.failedReason ?? "the job failed") } as const;
    return state === "unknown" ? ({ state: "forgotten" } as const) : null;
  }
}

/** The outcome of a promise, null where it has none within `ms`. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(() => late.resolve(null), Math.max(0, ms));
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
