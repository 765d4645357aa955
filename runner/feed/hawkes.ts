import type { Random } from "../../stats/random.ts";
import { exponential, poisson } from "./draw.ts";

/** One exponential of the child delay's mixture. The weights of a kernel are renormalised to 1. */
export interface DelayComponent {
  weight: number;
  /** 1 / mean delay, per second. */
  rateHz: number;
}

/**
 * A self-exciting point process: immigrants at `immigrantHz`, each event with Poisson(`branching`) children.
 * Its mean rate is `immigrantHz / (1 - branching)`; `branching` must be below 1.
 */
export interface HawkesProcess {
  immigrantHz: number;
  branching: number;
  delays: readonly DelayComponent[];
}

/**
 * Event times in seconds, ascending, over [`fromS`, `toS`), by branching (Hawkes and Oakes 1974): the immigrants
 * first, then each event's children, generation by generation. `shareAt` thins the immigrants (0..1) where
 * the rate changes with time. Start well before the window: there is no history before `fromS`.
 */
export function hawkesTimes(
  process: HawkesProcess,
  random: Random,
  fromS: number,
  toS: number,
  shareAt: (atS: number) => number = () => 1,
): Float64Array {
  const times: number[] = [];
  for (let at = fromS; ; ) {
    at += exponential(random, process.immigrantHz);
    if (at >= toS) break;
    if (random.uniform() < shareAt(at)) times.push(at);
  }
  const total = process.delays.reduce((sum, { weight }) => sum + weight, 0);
  // The list grows while it is walked: children are parents in their turn.
  for (let parent = 0; parent < times.length; parent++) {
    for (let left = poisson(random, process.branching); left > 0; left--) {
      const at = times[parent]! + delay(process.delays, random, total);
      if (at < toS) times.push(at);
    }
  }
  return Float64Array.from(times).sort();
}

function delay(components: readonly DelayComponent[], random: Random, total: number): number {
  let pick = random.uniform() * total;
  let chosen = components[0]!;
  for (const component of components) {
    chosen = component;
    pick -= component.weight;
    if (pick < 0) break;
  }
  return exponential(random, chosen.rateHz);
}
