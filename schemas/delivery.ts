import { type Corruption, type CorruptRule, corruptRules, type LedgerTotals } from "./load.ts";
import type { CellResult } from "./report.ts";

/** What a result says of its deliveries. */
export type Delivered = Pick<CellResult, "reach" | "ledger" | "warmUp">;

/**
 * Due deliveries that went wrong: lost, twice, out of order or changed. A changed one leaves the gap of the message that it
 * stood for, so that only those beyond the gaps count beside them (one that came early, before the true one).
 */
export function flawsIn({ gaps, duplicates, reorders, corrupt }: LedgerTotals): number {
  return gaps + duplicates + reorders + Math.max(0, corrupt - gaps);
}

/** Whether every message due was delivered exactly once, in order, unchanged, and none before its send. */
export function isCorrect(ledger: LedgerTotals): boolean {
  return ledger.due > 0 && flawsIn(ledger) === 0;
}

/**
 * The share of due deliveries that were intact, from 0 to 1: the one figure that shows whether a cell did its work. It is
 * 1 only where every message of the windows and of the warm-up arrived exactly once, in order and unchanged. Of what was
 * not, no other figure may be ranked, decide, or pass a gate: what never arrives costs nothing and is never late.
 */
export function correctShare({ reach, ledger, warmUp }: Delivered): number {
  return Math.min(reach, shareOf(ledger), warmUp === undefined ? 1 : shareOf(warmUp));
}

/** Whether JSON came back encoded anew: the same values, other bytes. It is what was seen, whatever a manifest declares. */
export function rewritesJson({ ledger, warmUp }: Pick<Delivered, "ledger" | "warmUp">): boolean {
  return ledger.rewritten !== undefined || warmUp?.rewritten !== undefined;
}

/** A ledger under which nothing was due says nothing; that nothing came is shown by the reach. */
function shareOf(ledger: LedgerTotals): number {
  return ledger.due === 0 ? 1 : Math.max(0, 1 - flawsIn(ledger) / ledger.due);
}

/** `2 never came, 3 came twice, 1 came out of order, 5 came back as binary (opcode 2), sent as text (1)`. */
export function flawsText(ledger: LedgerTotals): string {
  const { gaps, duplicates, reorders, corrupt } = ledger;
  // A changed message leaves the gap of the one that it stood for.
  const lost = Math.max(0, gaps - corrupt);
  return [
    ...(lost > 0 ? [`${lost} never came`] : []),
    ...(duplicates > 0 ? [`${duplicates} came twice`] : []),
    ...(reorders > 0 ? [`${reorders} came out of order`] : []),
    ...(corrupt > 0 ? [corruptText(ledger)] : []),
  ].join(", ");
}

/** The corrupt arrivals of a ledger by the rule that each broke, with the first one's details. */
export function corruptText({ corrupt, corruptBy, firstCorrupt }: LedgerTotals): string {
  const by = corruptRules.flatMap((rule) => {
    const count = corruptBy?.[rule];
    if (count === undefined) return [];
    const details = firstCorrupt?.rule === rule ? detailsOf[rule](firstCorrupt) : "";
    return [
      `${count} ${ruleWords[rule]}${details}${firstCorrupt?.rule === rule ? saidText(firstCorrupt) : ""}`,
    ];
  });
  return by.length === 0 ? `${corrupt} came changed` : by.join(", ");
}

const ruleWords: Readonly<Record<CorruptRule, string>> = {
  opcode: "came back under another opcode",
  length: "came in another length",
  bytes: "came with other bytes",
  schema: "were no market message",
  connection: "were another connection's",
  sequence: "carried a sequence that was never sent",
  early: "came before they were sent",
};

/** The text of a message of the wrong kind often says what is wrong. */
const saidText = ({ rule, text }: Corruption): string =>
  text === undefined || rule === "bytes" ? "" : `: ${text.slice(0, 80)}`;

const kindOf = (opcode: number | undefined): string => (opcode === 1 ? "text" : "binary");

/** What is known of the first of a rule's, behind its words. */
const detailsOf: Readonly<Record<CorruptRule, (first: Corruption) => string>> = {
  opcode: ({ expected, got }) =>
    ` (the first as ${kindOf(got)}, opcode ${got}, sent as ${kindOf(expected)}, opcode ${expected})`,
  length: ({ expected, got }) => ` (the first had ${got} bytes, ${expected} were due)`,
  bytes: ({ at }) => (at === undefined ? "" : ` (the first differs from byte ${at} on)`),
  schema: ({ why }) => (why === undefined ? "" : ` (the first: ${why})`),
  connection: () => "",
  sequence: ({ got }) => (got === undefined ? "" : ` (the first: ${got})`),
  early: ({ got }) => (got === undefined ? "" : ` (the first: sequence ${got})`),
};
