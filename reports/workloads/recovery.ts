import type { RecoveryCause } from "../../schemas/recovery.ts";
import type { RecoveryCell } from "../../schemas/workloads/recovery.ts";
import { formatCount } from "../format.ts";
import { codecNames, subscribersOf, type WorkloadWords } from "./workload.ts";

/** What took the books, as an end of a sentence. */
export const causeWords: Readonly<Record<RecoveryCause, string>> = {
  cut: "after all connections were cut",
  restart: "after the server was restarted",
  thin: "after 98 % of the messages stopped on live sockets",
};

const shortCauses: Readonly<Record<RecoveryCause, string>> = {
  cut: "cut",
  restart: "restarted",
  thin: "thinned",
};

export const recovery: WorkloadWords<RecoveryCell> = {
  phrase: (spec) =>
    `the ${codecNames[spec.codec]} order book of ${formatCount(spec.subscribers, "subscriber")} ${causeWords[spec.cause]}`,
  title: (spec) =>
    `${codecNames[spec.codec]} to ${formatCount(spec.subscribers, "subscriber")}, ${causeWords[spec.cause]}`,
  column: (spec) => `${codecNames[spec.codec]} book, ${shortCauses[spec.cause]}`,
  terminal: (spec) => `book ${shortCauses[spec.cause]}`,
  load: (specs) => `an order book to ${subscribersOf(specs)}`,
  latency: null,
  throughput: null,
};
