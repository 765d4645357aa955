import type { Case } from "../case.ts";
import { holding, leakingConnections, refusing } from "./arrivals.ts";
import { knownCapacity } from "./capacity.ts";
import { littlesLaw, mitataAgrees } from "./closed-loop.ts";
import { littleByCount } from "./counted.ts";
import { deceivingCases } from "./deceiving.ts";
import { delay } from "./delay.ts";
import { generator } from "./generator.ts";
import { ledgerCases } from "./ledger.ts";
import { floodCases, slowCases } from "./pressure.ts";
import { recoveryCases } from "./recovery.ts";
import { stall } from "./stall.ts";
import { slowYouth, stallsAndLeak } from "./standard.ts";
import { startup } from "./startup.ts";
import { stoppedGenerator } from "./stopped-generator.ts";

/** Every known answer, in the order of the table. */
export const cases: readonly Case[] = [
  generator,
  delay,
  stall,
  stallsAndLeak,
  slowYouth,
  stoppedGenerator,
  ...ledgerCases(),
  ...deceivingCases,
  refusing,
  holding,
  leakingConnections,
  ...slowCases,
  ...floodCases,
  ...recoveryCases,
  knownCapacity,
  startup,
  littlesLaw,
  littleByCount,
  mitataAgrees,
];
