import type { Options } from "./cli/args.ts";
import { note } from "./cli/output.ts";
import { entry, LoadClient } from "./load-client.ts";
import { Children } from "./process/children.ts";
import type { PinPlan } from "./process/pin.ts";

/** What starts and ends the processes of one command. */
export interface Processes {
  readonly children: Children;
  readonly load: LoadClient;
  /** Ends all of them, and lets signals be again what they were. */
  readonly close: () => Promise<void>;
}

/** Children and the load generator, open to somebody who looks into a fault where that was asked for. */
export function processesOf(
  pins: PinPlan,
  onSignal: () => void = () => undefined,
  debug: Options["debug"] = { output: false, env: {}, inspect: false },
): Processes {
  const children = new Children(undefined, debug.output ? { env: debug.env, write: note } : null);
  const undo = children.endWithProcess(onSignal);
  // Bun prints the inspector's address to stderr, and any free port will do.
  const command = [process.execPath, ...(debug.inspect ? ["--inspect=127.0.0.1:0"] : []), entry];
  const load = new LoadClient(children, pins.pinned ? pins.load : null, command, debug.inspect);
  return {
    children,
    load,
    close: async () => {
      await load.stop();
      await children.close();
      undo();
    },
  };
}
