import { artillery } from "./artillery.ts";
import { go } from "./go.ts";
import { k6 } from "./k6.ts";
import { loadTest } from "./load-test.ts";
import type { Peer } from "./peer.ts";
import { tcpkali } from "./tcpkali.ts";

/** The load generators of others that are measured where their program is on the PATH. */
export const peers: readonly Peer[] = [loadTest, tcpkali, k6, artillery, go];
