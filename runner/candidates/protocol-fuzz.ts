import type { Socket } from "bun";
import type { Endpoint } from "../../schemas/endpoint.ts";
import {
  type ProtocolAnswer,
  type ProtocolFuzz,
  type ProtocolRule,
  protocolRules,
} from "../../schemas/verification.ts";
import { sum } from "../../stats/moments.ts";
import { createRandom, type Random } from "../../stats/random.ts";
import { Connection } from "../load/connection.ts";
import { clientFrame, opcodes } from "../load/frame.ts";
import { randomKey, type UpgradeRequest, upgradeRequest } from "../load/handshake.ts";
import { withTimeout } from "../load/timeout.ts";

/** Where a server listens, and how it is spoken to. */
export interface FuzzTarget {
  readonly host: "127.0.0.1" | "::1";
  readonly port: number;
  readonly endpoint: Endpoint;
  /** Whether its process still runs. */
  readonly alive: () => boolean;
}

/** Longest wait for a sign of what a server makes of an input. It is no measure of the server: only one that says nothing meets it. */
const silentMs = 3_000;
/** Longest that an honest connection waits for its echo. */
const witnessMs = 5_000;

const utf8 = new TextEncoder();

/** What a broken request lacks, as its header lines are changed. */
const brokenRequests = {
  "no-key": (text: string) => text.replace(/^Sec-WebSocket-Key:.*\r\n/m, ""),
  "short-key": (text: string) => text.replace(/^(Sec-WebSocket-Key:).*$/m, "$1 c2hvcnQ="),
  "other-version": (text: string) => text.replace(/^(Sec-WebSocket-Version:).*$/m, "$1 12"),
  "no-upgrade-header": (text: string) => text.replace(/^Upgrade:.*\r\n/m, ""),
  "no-connection-header": (text: string) => text.replace(/^Connection:.*\r\n/m, ""),
  "method-post": (text: string) => text.replace(/^GET/, "POST"),
} as const satisfies Partial<Record<ProtocolRule, (text: string) => string>>;

const masked = (
  random: Random,
  opcode: number,
  payload: Uint8Array,
  bits: { fin?: boolean; rsv?: number } = {},
) => {
  const frame = clientFrame(
    opcodes.text,
    payload,
    random.below(0x1_0000) | (random.below(0x1_0000) << 16),
    bits,
  );
  frame[0] = (frame[0]! & 0xf0) | opcode;
  return frame;
};
const noise = (random: Random, length: number) => Uint8Array.from({ length }, () => random.below(256));

/** Frames that a server must fail the connection for. */
const brokenFrames = {
  "unmasked-frame": (random) =>
    Buffer.concat([Uint8Array.of(0x81, 3), noise(random, 3).map((b) => b & 0x7f)]),
  "reserved-opcode": (random) =>
    masked(random, [3, 4, 5, 6, 7, 11, 12, 13, 14, 15][random.below(10)]!, noise(random, 8)),
  "reserved-bit": (random) => masked(random, opcodes.text, utf8.encode("bits"), { rsv: 1 + random.below(7) }),
  "fragmented-control": (random) =>
    masked(random, random.below(2) === 0 ? opcodes.ping : opcodes.pong, noise(random, 4), { fin: false }),
  "long-control": (random) => masked(random, opcodes.ping, noise(random, 126 + random.below(400))),
  "close-of-one-byte": (random) => masked(random, opcodes.close, Uint8Array.of(3)),
  "close-code": (random) => {
    const code = [0, 999, 1004, 1005, 1006, 1015, 2999, 5000][random.below(8)]!;
    return masked(random, opcodes.close, Uint8Array.of(code >> 8, code & 255));
  },
  "continuation-of-nothing": (random) => masked(random, opcodes.continuation, noise(random, 5)),
  "message-inside-message": (random) =>
    Buffer.concat([
      masked(random, opcodes.text, utf8.encode("a"), { fin: false }),
      masked(random, opcodes.text, utf8.encode("b")),
    ]),
  "invalid-utf8": (random) =>
    masked(
      random,
      opcodes.text,
      Uint8Array.from([[0xc3, 0x28], [0xed, 0xa0, 0x80], [0xff], [0xf5, 0x80, 0x80, 0x80]][random.below(4)]!),
    ),
  "length-above-63-bits": () => Uint8Array.of(0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 7),
} as const satisfies Partial<Record<ProtocolRule, (random: Random) => Uint8Array>>;

type FrameRule = keyof typeof brokenFrames;
const isFrameRule = (rule: ProtocolRule): rule is FrameRule => Object.hasOwn(brokenFrames, rule);
const isRequestRule = (rule: ProtocolRule): rule is keyof typeof brokenRequests =>
  Object.hasOwn(brokenRequests, rule);

/** A raw connection: what came, and whether it has ended. */
class RawConnection {
  received = Buffer.alloc(0);
  isEnded = false;
  #socket: Socket | null = null;
  #wake: () => void = () => undefined;

  async open({ host, port }: FuzzTarget): Promise<void> {
    const end = () => {
      this.isEnded = true;
      this.#wake();
    };
    this.#socket = await Bun.connect({
      hostname: host,
      port,
      socket: {
        data: (_, chunk) => {
          this.received = Buffer.concat([this.received, chunk]);
          this.#wake();
        },
        end,
        close: end,
        error: end,
      },
    });
  }

  send(bytes: Uint8Array | string): void {
    this.#socket?.write(bytes);
  }

  /** Waits until `isThere`, the end or `silentMs`. */
  async until(isThere: (received: Buffer) => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (this.isEnded || isThere(this.received)) resolve();
    };
    this.#wake = look;
    look();
    await withTimeout(silentMs, promise);
  }

  cut(): void {
    this.#socket?.terminate();
  }
}

const isUpgraded = (received: Buffer): boolean =>
  /^HTTP\/1\.1 101/.test(received.toString("latin1")) && hasAnswer(received);
const hasAnswer = (received: Buffer): boolean => received.includes("\r\n\r\n");

function requestTo({ host, port, endpoint }: FuzzTarget, path: string): UpgradeRequest {
  const protocols = endpoint.subprotocol === null ? {} : { protocols: [endpoint.subprotocol] };
  return { host, port, path, headers: endpoint.headers, ...protocols };
}

/** What a server made of a broken request. */
async function answerToRequest(
  target: FuzzTarget,
  rule: keyof typeof brokenRequests,
): Promise<ProtocolAnswer> {
  const raw = new RawConnection();
  await raw.open(target);
  raw.send(brokenRequests[rule](upgradeRequest(requestTo(target, target.endpoint.paths.echo), randomKey())));
  await raw.until(hasAnswer);
  const answer = isUpgraded(raw.received)
    ? "went-on"
    : raw.isEnded || hasAnswer(raw.received)
      ? "refused"
      : "silent";
  raw.cut();
  return answer;
}

/** What a server made of broken frames. A ping goes behind them: where its pong comes back, the connection went on. */
async function answerToFrames(
  target: FuzzTarget,
  random: Random,
  bytes: Uint8Array,
): Promise<ProtocolAnswer> {
  const raw = new RawConnection();
  await raw.open(target);
  raw.send(upgradeRequest(requestTo(target, target.endpoint.paths.echo), randomKey()));
  await raw.until(hasAnswer);
  const goOn = utf8.encode("still there?");
  raw.send(Buffer.concat([bytes, masked(random, opcodes.ping, goOn)]));
  const pong = Buffer.concat([Uint8Array.of(0x80 | opcodes.pong, goOn.length), goOn]);
  await raw.until((received) => received.includes(pong));
  const answer = raw.received.includes(pong) ? "went-on" : raw.isEnded ? "refused" : "silent";
  raw.cut();
  return answer;
}

/** Bytes without a rule: a server may do with them what it likes, as long as it lives and serves the others. */
async function sendNoise(target: FuzzTarget, random: Random): Promise<void> {
  const raw = new RawConnection();
  await raw.open(target);
  const { echo, feed } = target.endpoint.paths;
  const isFeed = random.below(2) === 0;
  const request = upgradeRequest(requestTo(target, isFeed ? feed : echo), randomKey());
  if (random.below(4) === 0) {
    const bytes = Buffer.from(request);
    for (let left = 1 + random.below(4); left > 0; left--)
      bytes[random.below(bytes.length)] = random.below(256);
    raw.send(bytes);
  } else {
    raw.send(request);
    await raw.until(hasAnswer);
    const control = Buffer.from('{"method":"SUBSCRIBE","params":["btcusdt@trade"],"id":1}');
    const text = control.subarray(0, random.below(control.length + 1));
    const whole =
      random.below(2) === 0
        ? masked(random, opcodes.text, text)
        : masked(random, random.below(16), noise(random, random.below(300)));
    for (let left = random.below(3); left > 0; left--) whole[random.below(whole.length)] = random.below(256);
    raw.send(whole.subarray(0, 1 + random.below(whole.length)));
  }
  raw.cut();
}

/** A connection that does all as it must, beside the broken ones. */
class Witness {
  #connection: Connection | null = null;
  #count = 0;
  #arrived: (text: string) => void = () => undefined;

  /** Whether its next message comes back. It connects anew where the connection was lost. */
  async isServed(target: FuzzTarget): Promise<boolean> {
    try {
      this.#connection ??= await Connection.open(
        { ...requestTo(target, target.endpoint.paths.echo), openTimeoutMs: witnessMs },
        {
          message: (_, { bytes }, start, end) =>
            this.#arrived(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString()),
        },
      );
    } catch {
      return false;
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#count += 1;
    const text = `witness ${this.#count}`;
    this.#arrived = (came) => resolve(came === text);
    void this.#connection.closed.then(() => resolve(false));
    this.#connection.sendText(text);
    const isServed = (await withTimeout(witnessMs, promise)) && (await promise);
    if (!isServed) this.end();
    return isServed;
  }

  end(): void {
    this.#connection?.terminate();
    this.#connection = null;
  }
}

/** Whether the process has ended, which is known a moment after its sockets have closed. */
async function isGone({ alive }: FuzzTarget): Promise<boolean> {
  for (let looks = 0; alive() && looks < 100; looks++) await Bun.sleep(10);
  return !alive();
}

const rules = Object.keys(protocolRules) as ProtocolRule[];

/**
 * Puts broken handshakes, frames and control messages to a server, each on its own connection, and asks after each whether the
 * server lives and whether another connection is served as before. Input `i` is drawn from `seed` and `i` alone. It ends where the
 * server has died; `from` goes on behind that input with another process.
 */
export async function fuzzProtocol(
  target: FuzzTarget,
  inputs: number,
  seed: number,
  from = 0,
): Promise<ProtocolFuzz> {
  const died: number[] = [];
  const harmed: number[] = [];
  const answers = new Map<ProtocolRule, ProtocolAnswer[]>();
  const witness = new Witness();
  let input = from;
  try {
    if (!(await witness.isServed(target))) return { inputs: 0, died, harmed: [from], deviations: [] };
    for (; input < inputs && died.length === 0; input++) {
      const random = createRandom((seed + Math.imul(input, 0x9e37_79b9)) >>> 0);
      // Each rule in turn, and noise between two of them.
      const rule = input % 2 === 0 ? rules[(input / 2) % rules.length] : undefined;
      try {
        if (rule === undefined) await sendNoise(target, random);
        else if (isRequestRule(rule)) note(answers, rule, await answerToRequest(target, rule));
        else if (isFrameRule(rule))
          note(answers, rule, await answerToFrames(target, random, brokenFrames[rule](random)));
      } catch {
        // It takes no connection: the witness says whether it serves anybody.
      }
      const isServed = await witness.isServed(target);
      if (!target.alive() || (!isServed && (await isGone(target)))) died.push(input);
      else if (!isServed) harmed.push(input);
    }
  } finally {
    witness.end();
  }
  return { inputs: input - from, died, harmed, deviations: deviationsOf(answers) };
}

function note(
  answers: Map<ProtocolRule, ProtocolAnswer[]>,
  rule: ProtocolRule,
  answer: ProtocolAnswer,
): void {
  answers.set(rule, [...(answers.get(rule) ?? []), answer]);
}

function deviationsOf(
  answers: ReadonlyMap<ProtocolRule, readonly ProtocolAnswer[]>,
): ProtocolFuzz["deviations"] {
  return [...answers].flatMap(([rule, all]) => {
    const wrong = all.filter((answer) => answer !== "refused");
    const [answer] = wrong;
    if (answer === undefined) return [];
    return [{ rule, section: protocolRules[rule].section, answer, times: wrong.length, of: all.length }];
  });
}

/** What several lives of a server gave, as one. */
export function together(parts: readonly ProtocolFuzz[]): ProtocolFuzz {
  const byRule = Map.groupBy(
    parts.flatMap(({ deviations }) => deviations),
    ({ rule }) => rule,
  );
  return {
    inputs: sum(parts, (part) => part.inputs),
    died: parts.flatMap((part) => part.died),
    harmed: parts.flatMap((part) => part.harmed),
    deviations: [...byRule.values()].map((all) => {
      return { ...all[0]!, times: sum(all, (d) => d.times), of: sum(all, (d) => d.of) };
    }),
  };
}
