import type { LedgerTotals, Measurement } from "../../schemas/load.ts";
import type { RecoveryCause, RecoveryRecord, RestartTimes } from "../../schemas/recovery.ts";
import { median, sum } from "../../stats/moments.ts";
import { sumCounts } from "../load/ledger.ts";
import type { BookHolder, HolderAccount } from "./book-holder.ts";
import type { Slot } from "./published-book.ts";

/** One window: what was published in it, and when the books were taken. */
export interface Played {
  readonly cause: RecoveryCause;
  /** Places of the feed, from the window's first to the last of its drain. */
  readonly slots: readonly Slot[];
  /** By the clock of the accounts. */
  readonly disturbedNs: number;
  readonly atMs: number;
  /** How long the generator's loop stood still from the disturbance until a time by the same clock. */
  readonly ownNs: (untilNs: number) => number;
  /** Where the server was ended and started again. */
  readonly restart?: RestartTimes | undefined;
}

/** A subscriber's account of a window, and what became of each place of the feed at it. */
export type Kept = Pick<BookHolder, "settle" | "fate">;

export interface Accounted {
  readonly ledger: LedgerTotals;
  readonly record: RecoveryRecord;
  readonly metrics: Measurement["metrics"];
}

/** Published on live sockets from which on it can be known whether they were thinned. */
const liveMin = 10;

/**
 * The account of a window. Due at a subscriber is what left, but for what a snapshot behind it stands in for: a subscriber that went
 * on from a snapshot has its book, and what it missed is reported as lost.
 */
export function accountOf(
  { cause, slots, disturbedNs, atMs, ownNs, restart }: Played,
  holders: readonly Kept[],
): Accounted {
  const accounts = holders.map((holder) => holder.settle());
  const left = slots.filter((slot) => slot.left !== null);
  const unsent = slots.length - left.length;
  let lost = 0;
  const ledgers = holders.map((holder, i) => {
    let due = 0;
    for (const { n, left: form } of left) {
      const { arrived, applied, superseded } = holder.fate(n);
      if (form === "update" && !applied) lost += 1;
      if (arrived || !superseded) due += 1;
    }
    return ledgerOf(accounts[i]!, due);
  });
  const bookNs = accounts.flatMap((one) => one.bookNs ?? []).toSorted((a, b) => a - b);
  const resent = {
    messages: sum(accounts, (one) => one.resentMessages),
    bytes: sum(accounts, (one) => one.resentBytes),
  };
  const subscribers = holders.length;
  return {
    ledger: sumCounts(ledgers),
    record: {
      cause,
      atMs,
      subscribers,
      bookNs,
      ownNs: ownNs(disturbedNs + (bookNs.at(-1) ?? 0)),
      ...ownShares(bookNs, subscribers, (ns) => ownNs(disturbedNs + ns)),
      lost,
      unsent,
      resent,
      tooOld: sum(accounts, (one) => one.tooOld),
      ...(restart === undefined ? {} : { restart }),
      ...noticedOf(accounts, disturbedNs),
      ...missingOf(accounts),
      ...thinnedOf(accounts),
    },
    metrics: {
      ...metric("bookNsP50", shareNs(bookNs, 0.5, subscribers)),
      ...metric("bookNsP99", shareNs(bookNs, 0.99, subscribers)),
      ...metric("bookNsMax", shareNs(bookNs, 1, subscribers)),
      lostPerSubscriber: unsent + lost / subscribers,
      resentBytesPerSubscriber: resent.bytes / subscribers,
    },
  };
}

const metric = (name: keyof Measurement["metrics"], value: number | undefined): Measurement["metrics"] =>
  value === undefined ? {} : { [name]: value };

/** When so large a share of all subscribers had its book; undefined where fewer ever had. `sorted` rises. */
export const shareNs = (sorted: readonly number[], share: number, subscribers: number): number | undefined =>
  sorted[Math.ceil(share * subscribers) - 1];

/** How long the generator was held up until half of the books were right, and until 99 % of them were. */
function ownShares(
  sorted: readonly number[],
  subscribers: number,
  ownNs: (ns: number) => number,
): Pick<RecoveryRecord, "ownNsP50" | "ownNsP99"> {
  const [half, most] = [shareNs(sorted, 0.5, subscribers), shareNs(sorted, 0.99, subscribers)];
  return {
    ...(half === undefined ? {} : { ownNsP50: ownNs(half) }),
    ...(most === undefined ? {} : { ownNsP99: ownNs(most) }),
  };
}

function ledgerOf(account: HolderAccount, due: number): LedgerTotals {
  const { arrived, duplicates, reorders, corrupt, firstCorrupt, rewritten } = account;
  return {
    due,
    delivered: arrived,
    gaps: due - arrived,
    duplicates,
    reorders,
    corrupt,
    ...(firstCorrupt === undefined ? {} : { firstCorrupt, corruptBy: { [firstCorrupt.rule]: corrupt } }),
    ...(rewritten === 0 ? {} : { rewritten }),
  };
}

function noticedOf(accounts: readonly HolderAccount[], disturbedNs: number): Pick<RecoveryRecord, "noticed"> {
  const all = accounts.flatMap((one) => one.noticedNs ?? []).map((ns) => Math.max(0, ns - disturbedNs));
  return all.length === 0 ? {} : { noticed: { subscribers: all.length, nsP50: median(all) } };
}

function missingOf(accounts: readonly HolderAccount[]): Pick<RecoveryRecord, "missing"> {
  const all = accounts.flatMap((one) => one.missing ?? []);
  return all.length === 0 ? {} : { missing: { sequence: Math.min(...all), subscribers: all.length } };
}

function thinnedOf(accounts: readonly HolderAccount[]): Pick<RecoveryRecord, "thinned"> {
  const thin = accounts.filter(({ live }) => live.due >= liveMin && live.arrived < live.due / 2);
  if (thin.length === 0) return {};
  const share = 1 - sum(thin, ({ live }) => live.arrived) / sum(thin, ({ live }) => live.due);
  return { thinned: { subscribers: thin.length, share } };
}
