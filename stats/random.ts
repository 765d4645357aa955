/** A seeded source of random numbers. Two sources made from one seed give the same sequence on every machine. */
export interface Random {
  /** The next 32 bits, as an unsigned integer. */
  uint32(): number;
  /** Uniform on [0, 1) with 53 random bits. */
  uniform(): number;
  /** Uniform integer on [0, bound). Throws a RangeError unless 1 ≤ bound ≤ 2³². */
  below(bound: number): number;
  /** Standard normal (mean 0, variance 1). */
  normal(): number;
  /** A new array with the items in random order; the input is left as it was. */
  shuffle<T>(items: readonly T[]): T[];
}

type State = [number, number, number, number];

/**
 * A Random from a 32-bit seed. Higher bits of `seed` are ignored.
 * The four words of state come from SplitMix32 (below), so that near seeds give unrelated sequences and the
 * all-zero state, which xoshiro cannot leave, is never reached.
 */
export function createRandom(seed: number): Random {
  const next = splitMix32(seed);
  return randomFromState([next(), next(), next(), next()]);
}

/** A Random from a raw xoshiro state, for the published test vector. */
export function randomFromState(state: State): Random {
  const uint32 = xoshiro128StarStar(state);
  const uniform = (): number => ((uint32() >>> 11) * 0x1_0000_0000 + uint32()) / 2 ** 53;
  const below = (bound: number): number => {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
      throw new RangeError(`bound must be an integer in 1..2^32, got ${bound}`);
    }
    // Draws past the last whole multiple of the bound are refused: a plain remainder would favour low values.
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let draw = uint32();
    while (draw >= limit) draw = uint32();
    return draw % bound;
  };
  return {
    uint32,
    uniform,
    below,
    normal: polarNormal(uniform),
    shuffle: (items) => durstenfeld(items, below),
  };
}

/**
 * xoshiro128**: 32-bit output, period 2¹²⁸ − 1.
 * Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47 (2021).
 */
function xoshiro128StarStar([s0, s1, s2, s3]: State): () => number {
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const t = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = rotateLeft(s3, 11);
    return result;
  };
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/**
 * SplitMix32: a Weyl sequence through a 32-bit mixer.
 * Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014; the mixer's
 * constants are those of Wellons' hash-prospector (21f0aaad, 735a2d97; shifts 16, 15, 15).
 */
function splitMix32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
}

/** Marsaglia and Bray, "A convenient method for generating normal variables", SIAM Review 6 (1964): the polar method. */
function polarNormal(uniform: () => number): () => number {
  let spare: number | null = null;
  return () => {
    if (spare !== null) {
      const kept = spare;
      spare = null;
      return kept;
    }
    for (;;) {
      const u = 2 * uniform() - 1;
      const v = 2 * uniform() - 1;
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(s)) / s);
      spare = v * scale;
      return u * scale;
    }
  };
}

/** Durstenfeld, "Algorithm 235: random permutation", CACM 7 (1964). */
function durstenfeld<T>(items: readonly T[], below: (bound: number) => number): T[] {
  const shuffled = [...items];
  for (let i = shuffled.length - 1; i > 0; i -= 1) {
    const j = below(i + 1);
    const kept = shuffled[i] as T;
    shuffled[i] = shuffled[j] as T;
    shuffled[j] = kept;
  }
  return shuffled;
}
