/**
 * Kills the process groups named on its stdin when that closes, which the kernel does when the runner dies, SIGKILL
 * included. Signals to the terminal's group must not end it before the runner. `kill -9 -<group>` is the one form that
 * dash, bash and busybox all take.
 */
const script = `
trap '' HUP INT TERM
groups=' '
while read -r change group; do
  case $change in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -9 "-$group"; done
`;

/** Kills every process group that it was given once the runner is gone. */
export interface Watchdog {
  /** Pid of the watching process. */
  readonly pid: number;
  watch(group: number): void;
  forget(group: number): void;
  /** Ends the watching; groups still watched are killed. Resolves when the watching process is gone. */
  close(): Promise<void>;
}

/**
 * Starts the watchdog: one idle `/bin/sh`. Null where there is no such shell (then only the runner's own exit ends
 * its children). A death signal set by the child would need a wrapper program, would miss grandchildren and is Linux's
 * alone.
 */
export function startWatchdog(): Watchdog | null {
  if (process.platform === "win32") return null;
  try {
    const shell = Bun.spawn(["/bin/sh", "-c", script], {
      stdin: "pipe",
      stdout: "ignore",
      stderr: "ignore",
      detached: true,
    });
    shell.unref();
    const send = async (change: "+" | "-", group: number) => {
      try {
        // Flushed in the same turn: the line must be in the pipe before the runner can die.
        const written = shell.stdin.write(`${change} ${group}\n`);
        await Promise.all([written, shell.stdin.flush()]);
      } catch {
        // The watchdog was killed: what is left is the runner's own care for its children.
      }
    };
    return {
      pid: shell.pid,
      watch: (group) => void send("+", group),
      forget: (group) => void send("-", group),
      close: async () => {
        await shell.stdin.end();
        await shell.exited;
      },
    };
  } catch {
    return null;
  }
}
