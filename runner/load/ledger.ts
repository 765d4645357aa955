import { type Corruption, type CorruptRule, corruptRules, type LedgerTotals } from "../../schemas/load.ts";

/** The totals of no messages. */
export function emptyCounts(): LedgerTotals {
  return { due: 0, delivered: 0, gaps: 0, duplicates: 0, reorders: 0, corrupt: 0 };
}

/** Adds `other` to `into`, in place. */
export function addCounts(into: LedgerTotals, other: LedgerTotals): void {
  into.due += other.due;
  into.delivered += other.delivered;
  into.gaps += other.gaps;
  into.duplicates += other.duplicates;
  into.reorders += other.reorders;
  into.corrupt += other.corrupt;
  for (const rule of corruptRules) {
    const more = other.corruptBy?.[rule];
    if (more !== undefined)
      into.corruptBy = { ...into.corruptBy, [rule]: (into.corruptBy?.[rule] ?? 0) + more };
  }
  if (other.firstCorrupt !== undefined) into.firstCorrupt ??= other.firstCorrupt;
  if (other.rewritten !== undefined) into.rewritten = (into.rewritten ?? 0) + other.rewritten;
}

/** The totals of several ledgers. */
export function sumCounts(ledgers: Iterable<LedgerTotals>): LedgerTotals {
  const sum = emptyCounts();
  for (const ledger of ledgers) addCounts(sum, ledger);
  return sum;
}

/** What went wrong after `reported` was read: arrivals that came again, or were no message due. */
export function flawsSince(reported: LedgerTotals, now: LedgerTotals): LedgerTotals {
  const by = corruptRules.flatMap((rule) => {
    const more = (now.corruptBy?.[rule] ?? 0) - (reported.corruptBy?.[rule] ?? 0);
    return more > 0 ? [[rule, more] as const] : [];
  });
  const first = reported.firstCorrupt === undefined ? now.firstCorrupt : undefined;
  return {
    ...emptyCounts(),
    duplicates: now.duplicates - reported.duplicates,
    corrupt: now.corrupt - reported.corrupt,
    ...(by.length === 0 ? {} : { corruptBy: Object.fromEntries(by) }),
    ...(first === undefined ? {} : { firstCorrupt: first }),
  };
}

/** Holes that are remembered. Beyond it the oldest is given up, which bounds memory and time on a hostile stream. */
const maxHoles = 4096;

/** What went wrong on a stream, and how. */
class Flaws {
  late = 0;
  duplicates = 0;
  corrupt = 0;
  rewritten = 0;
  readonly corruptBy = new Map<CorruptRule, number>();
  firstCorrupt: Corruption | undefined;
  /** Holes as ascending, disjoint `[from, to)`, oldest first. */
  readonly from: number[] = [];
  readonly to: number[] = [];
}

/** The flaws of a ledger that has seen none. Never written to. */
const noFlaws = new Flaws();

/**
 * Accounts for one connection's messages by sequence. The terms, where always `due = delivered + gaps`:
 *
 * - due: the sequences from the first up to, not including, the settled end.
 * - delivered: due messages that arrived whole, each counted once.
 * - gaps: due messages that never arrived whole.
 * - duplicates: arrivals of a sequence that had arrived before.
 * - reorders: delivered messages that came after one with a higher sequence. A swap of two neighbours is one reorder
 *   and no gap.
 * - corrupt: arrivals that are no message due, with wrong bytes, length or opcode, or a sequence not sent. Each leaves
 *   the message that it stood for a gap, and is counted under the rule that it broke too.
 * - rewritten: delivered messages whose JSON was encoded anew.
 *
 * A message in order costs one comparison and an addition;
 * only holes take memory, at most 4,096 of them. A message that arrives after its hole was given up (4,096
 * holes later) counts as a duplicate and its gap stays, so that delivery is never overstated.
 */
export class Ledger {
  #first: number;
  #next: number;
  #inOrder = 0;
  /** Made with the first: there are several ledgers for each of thousands of connections, and most have none. */
  #flaws: Flaws | undefined;

  constructor(first = 0) {
    this.#first = first;
    this.#next = first;
  }

  /** Begins anew, as one that was just made: a run's account replaces the last run's. */
  restart(first = 0): void {
    this.#first = first;
    this.#next = first;
    this.#inOrder = 0;
    this.#flaws = undefined;
  }

  /** The sequence that would be in order. */
  get next(): number {
    return this.#next;
  }

  get delivered(): number {
    return this.#flaws === undefined ? this.#inOrder : this.#inOrder + this.#flaws.late;
  }

  /** Takes the arrival of an intact message. True when it delivers its message, false for a duplicate. */
  record(sequence: number): boolean {
    if (sequence === this.#next) {
      this.#next = sequence + 1;
      this.#inOrder += 1;
      return true;
    }
    return this.#outOfOrder(sequence);
  }

  /** Takes the arrivals of the next `count` messages, intact and in order. */
  recordInOrder(count: number): void {
    this.#next += count;
    this.#inOrder += count;
  }

  /** Takes the arrival of a message that came before this ledger's first, and so came again. */
  recordDuplicate(): void {
    this.#flawed().duplicates += 1;
  }

  /** Takes an arrival that was no message due, with the rule that it broke. */
  recordCorrupt(corruption: Corruption): void {
    const { rule } = corruption;
    const flaws = this.#flawed();
    flaws.corrupt += 1;
    flaws.corruptBy.set(rule, (flaws.corruptBy.get(rule) ?? 0) + 1);
    flaws.firstCorrupt ??= corruption;
  }

  /** Notes that the message just taken had its JSON encoded anew. */
  noteRewritten(): void {
    this.#flawed().rewritten += 1;
  }

  /**
   * The counts, given that the sequences before `end` were due. An `end` below what has arrived is raised to it:
   * a sequence beyond what was sent should have been recorded as corrupt.
   */
  settle(end: number): LedgerTotals {
    const due = Math.max(end, this.#next) - this.#first;
    const { delivered } = this;
    const flaws = this.#flaws ?? noFlaws;
    const { duplicates, late, corrupt, corruptBy, firstCorrupt, rewritten } = flaws;
    return {
      due,
      delivered,
      gaps: due - delivered,
      duplicates,
      reorders: late,
      corrupt,
      ...(corruptBy.size === 0 ? {} : { corruptBy: Object.fromEntries(corruptBy) }),
      ...(firstCorrupt === undefined ? {} : { firstCorrupt }),
      ...(rewritten === 0 ? {} : { rewritten }),
    };
  }

  /** Adds the counts of `settle` to `into`, without an object for each of thousands of ledgers. */
  settleInto(into: LedgerTotals, end: number): void {
    if (this.#flaws !== undefined) {
      addCounts(into, this.settle(end));
      return;
    }
    const due = Math.max(end, this.#next) - this.#first;
    into.due += due;
    into.delivered += this.#inOrder;
    into.gaps += due - this.#inOrder;
  }

  #flawed(): Flaws {
    this.#flaws ??= new Flaws();
    return this.#flaws;
  }

  #outOfOrder(sequence: number): boolean {
    const flaws = this.#flawed();
    if (sequence > this.#next) {
      flaws.from.push(this.#next);
      flaws.to.push(sequence);
      bound(flaws);
      this.#next = sequence + 1;
      this.#inOrder += 1;
      return true;
    }
    if (fill(flaws, sequence)) {
      flaws.late += 1;
      return true;
    }
    flaws.duplicates += 1;
    return false;
  }
}

/** Takes `sequence` out of the hole that it lies in; false when it lies in none. */
function fill(flaws: Flaws, sequence: number): boolean {
  const { from: froms, to: tos } = flaws;
  const at = holeAt(flaws, sequence);
  if (at < 0) return false;
  const from = froms[at]!;
  const to = tos[at]!;
  if (from + 1 === to) {
    froms.splice(at, 1);
    tos.splice(at, 1);
  } else if (sequence === from) {
    froms[at] = from + 1;
  } else if (sequence === to - 1) {
    tos[at] = to - 1;
  } else {
    tos.splice(at, 0, sequence);
    froms.splice(at + 1, 0, sequence + 1);
    bound(flaws);
  }
  return true;
}

function bound({ from, to }: Flaws): void {
  if (from.length <= maxHoles) return;
  from.shift();
  to.shift();
}

/** Index of the hole that holds `sequence`, by bisection; -1 for none. */
function holeAt({ from, to }: Flaws, sequence: number): number {
  let low = 0;
  let high = from.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (to[middle]! <= sequence) low = middle + 1;
    else high = middle;
  }
  return low < from.length && from[low]! <= sequence ? low : -1;
}
