import type { LoadClient } from "../load-client.ts";
import type { PinPlan } from "../process/pin.ts";
import type { Fleet, ShardLink } from "./sharded-load.ts";

/** Messages between processes of one machine take less than a millisecond; this is room for one that had to wait for its core. */
const startAheadMs = 20;

/** Several load processes on this machine, each on its own core where they are pinned. */
export function localFleet(clients: readonly [LoadClient, ...LoadClient[]], pins: PinPlan): Fleet {
  const links = clients.map((client, i): ShardLink => {
    const core = pins.pinned ? pins.load[i % pins.load.length] : undefined;
    return {
      name: `load process ${i + 1}`,
      adapt: (request, isFirst) => ({
        ...request,
        serverPid: isFirst ? request.serverPid : null,
        // The server's core first, and then its own.
        cores:
          core === undefined || request.cores.length === 0
            ? []
            : [...request.cores.slice(0, request.serverCores ?? 1), core],
      }),
      ask: (request, limitMs, lost, restart) => client.ask(request, limitMs, lost, restart),
      // They share the machine's clock.
      clock: () => Promise.resolve({ offsetNs: 0, boundNs: 0 }),
    };
  }) as [ShardLink, ...ShardLink[]];
  return {
    // The first of them sees it.
    watch: null,
    startAheadMs,
    links: () => Promise.resolve(links),
    ready: async () => {
      const ready = await Promise.all(clients.map((client) => client.ready()));
      return { clockResolutionNs: Math.max(...ready.map((one) => one.clockResolutionNs)) };
    },
    stop: async () => {
      await Promise.all(clients.map((client) => client.stop()));
    },
  };
}
