import { createRandom, type Random } from "../../stats/random.ts";

/** A door that strange input comes through: it must give an answer, or an error of a kind that is meant for it. */
export interface Door {
  readonly name: string;
  /** Puts one input in. Throws where what came of it is none of the errors that are meant for it. */
  try(random: Random): void | Promise<void>;
  close?(): void | Promise<void>;
}

export interface Failure {
  readonly door: string;
  /** The same number puts the same input in again. */
  readonly input: number;
  readonly error: unknown;
}

/** Most time that one input may take: whatever it holds is small. */
const inputMs = 5_000;
const failuresMax = 10;

/**
 * Puts `inputs` in through the doors in turn; input `i` is drawn from `seed` and `i` alone. Gives those that failed,
 * ten at most, an input that hangs included.
 */
export async function fuzz(
  doors: readonly Door[],
  inputs: number,
  seed: number,
  onProgress: (done: number) => void = () => undefined,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (let input = 0; input < inputs && failures.length < failuresMax; input++) {
    const door = doors[input % doors.length]!;
    const random = createRandom((seed + Math.imul(input, 0x9e37_79b9)) >>> 0);
    try {
      const outcome = door.try(random);
      if (outcome !== undefined) await bounded(outcome);
    } catch (error) {
      failures.push({ door: door.name, input, error });
    }
    if ((input + 1) % 10_000 === 0) onProgress(input + 1);
  }
  return failures;
}

async function bounded(outcome: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no end within ${inputMs} ms`)), inputMs);
  try {
    await Promise.race([outcome, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs `act`; an error of a kind that is meant for it, in one line, is an answer. */
export function answered<T>(
  kinds: readonly (abstract new (...args: never[]) => Error)[],
  act: () => T,
): T | undefined {
  try {
    return act();
  } catch (error) {
    mustBe(kinds, error);
    return undefined;
  }
}

/** Throws the error again where it is of no kind that is meant, or would not stand on one line. */
export function mustBe(kinds: readonly (abstract new (...args: never[]) => Error)[], error: unknown): void {
  if (!kinds.some((kind) => error instanceof kind)) throw error;
  if (/\p{Cc}/u.test((error as Error).message))
    throw new Error(`not one line: ${JSON.stringify((error as Error).message)}`);
}
