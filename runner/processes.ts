import type { Options } from "./cli/args.ts";
import { note } from "./cli/output.ts";
import { entry, LoadClient, type LoadGenerator } from "./load-client.ts";
import { Children } from "./process/children.ts";
import type { PinPlan } from "./process/pin.ts";
import { localFleet } from "./shards/local-fleet.ts";
import { ShardedLoad } from "./shards/sharded-load.ts";

/** What starts and ends the processes of one command. */
export interface Processes {
  readonly children: Children;
  readonly load: LoadClient;
  /** The same process, or several that share each cell's connections. */
  readonly generator: LoadGenerator;
  /** Ends all of them, and lets signals be again what they were. */
  readonly close: () => Promise<void>;
}

/** Children and the load generator, open to somebody who looks into a fault where that was asked for. */
export function processesOf(
  pins: PinPlan,
  onSignal: () => void = () => undefined,
  debug: Options["debug"] = { output: false, env: {}, inspect: false },
  loadProcesses = 1,
): Processes {
  const children = new Children(undefined, debug.output ? { env: debug.env, write: note } : null);
  const undo = children.endWithProcess(onSignal);
  // Bun prints the inspector's address to stderr, and any free port will do.
  const command = [process.execPath, ...(debug.inspect ? ["--inspect=127.0.0.1:0"] : []), entry];
  const client = (i: number) => {
    const core = pins.pinned ? pins.load[i % pins.load.length] : undefined;
    return new LoadClient(children, core === undefined ? null : [core], command, debug.inspect);
  };
  const load = client(0);
  const further = Array.from({ length: loadProcesses - 1 }, (_, i) => client(i + 1));
  const generator = further.length === 0 ? load : new ShardedLoad(localFleet([load, ...further], pins));
  return {
    children,
    load,
    generator,
    close: async () => {
      await generator.stop();
      await children.close();
      undo();
    },
  };
}
