import type { Random } from "../../stats/random.ts";

/** One of the items. */
export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)]!;
}

/** Values that a number, a length or a member may have and should not. */
const odd: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  1e308,
  2 ** 53,
  -(2 ** 31),
  "",
  " ",
  "\u0000",
  "\u001b[2J",
  "\ud800",
  "\u0085\u009b31m",
  "9".repeat(400),
  "x".repeat(5000),
  [],
  {},
  [[[[[[]]]]]],
  { constructor: 1, toString: 2 },
];

/** A copy of a JSON value with a few of its members changed, taken away, doubled or renamed. */
export function mutateJson(random: Random, value: unknown): unknown {
  const copy = { root: structuredClone(value) };
  for (let left = 1 + random.below(3); left > 0; left--) mutateOnce(random, copy);
  return copy.root;
}

function mutateOnce(random: Random, holder: { root: unknown }): void {
  let parent = holder as Record<string, unknown> | unknown[];
  let key: string | number = "root";
  for (;;) {
    const child: unknown = (parent as Record<string, unknown>)[key];
    if (typeof child !== "object" || child === null || random.below(4) === 0) break;
    const keys: (string | number)[] = Array.isArray(child) ? [...child.keys()] : Object.keys(child);
    if (keys.length === 0) break;
    parent = child as Record<string, unknown> | unknown[];
    key = pick(random, keys);
  }
  const at = parent as Record<string, unknown>;
  const value = at[key];
  switch (random.below(5)) {
    case 0:
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else delete at[key];
      return;
    case 1:
      if (Array.isArray(parent)) parent.push(structuredClone(parent[0]));
      else if (key === "root") at.root = [at.root];
      else at[pick(random, ["__proto__", "n", "stream", "e", "extra", "constructor"])] = at[key];
      return;
    case 2:
      at[key] = typeof value === "number" ? -value : JSON.stringify(value);
      return;
    default:
      at[key] = structuredClone(pick(random, odd));
  }
}

/** A copy of bytes with a few of them changed, cut out, put in twice or replaced by lengths that mean much. */
export function mutateBytes(random: Random, bytes: Uint8Array): Uint8Array {
  let all = Uint8Array.from(bytes);
  for (let left = 1 + random.below(4); left > 0; left--) {
    const at = random.below(all.length + 1);
    const length = Math.min(all.length - at, 1 + random.below(24));
    switch (random.below(6)) {
      case 0:
        if (at < all.length) all[at]! ^= 1 << random.below(8);
        break;
      case 1:
        if (at < all.length) all[at] = pick(random, [0, 0x7d, 0x7e, 0x7f, 0x80, 0xfe, 0xff, 0x0a, 0x0d]);
        break;
      case 2:
        all = joined(all.subarray(0, at), all.subarray(at + length));
        break;
      case 3:
        all = joined(all.subarray(0, at + length), all.subarray(at));
        break;
      case 4:
        all = joined(all.subarray(0, at), noise(random, length), all.subarray(at));
        break;
      default:
        all = all.slice(0, at);
    }
  }
  return all;
}

export function noise(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256));
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts));
}

/** Cuts bytes where a network might. */
export function* chunks(random: Random, bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const length = random.below(3) === 0 ? 1 + random.below(4) : 1 + random.below(bytes.length - at);
    yield bytes.subarray(at, at + length);
    at += length;
  }
}
