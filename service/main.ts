import { dirname, join } from "node:path";
import { CommandError } from "../reports/command-error.ts";
import { startWatch } from "./api/watch.ts";
import { createApp } from "./app.ts";
import { Candidates } from "./candidates.ts";
import { Forms } from "./forms.ts";
import { Jobs } from "./jobs/jobs.ts";
import { bundlePages } from "./page-files.ts";
import { pinned } from "./pinned.ts";
import { RequestError } from "./problem.ts";
import { everyRun, topicOf } from "./routes/live.ts";
import { readSettings, type Settings } from "./settings.ts";
import { holdPlace, openDatabase } from "./store/database.ts";
import { Store } from "./store/store.ts";
import { newestInRegistry } from "./watch/registry.ts";
import { Watch } from "./watch/watch.ts";

/** Serves until a signal ends it. Throws CommandError for what the user can put right. */
async function serve(settings: Settings): Promise<void> {
  const db = openDatabase(settings.database);
  const place = holdPlace(settings.database);
  const store = new Store(db);
  const complain = (error: unknown) =>
    void process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  const forms = new Forms();
  const candidates = new Candidates();
  const jobs = new Jobs({
    store,
    folder: join(dirname(settings.database), "runs"),
    config: settings.config,
    complain,
    publish: (id, message) => {
      const text = JSON.stringify(message);
      app.server?.publish(topicOf(id), text);
      if (message.kind === "events") return;
      app.server?.publish(everyRun, text);
      forms.forget(id);
    },
  });
  const versions = pinned();
  const watch = new Watch({ store, jobs, candidates, pinned: versions, newest: newestInRegistry });
  const app = createApp({
    store,
    jobs,
    forms,
    candidates,
    watch,
    access: settings.access,
    pages: await bundlePages(),
    toolVersion: versions.version,
    complain,
  });
  const askCandidates = (): Promise<void> =>
    candidates.ask(settings.config).catch((error: unknown) => {
      if (error instanceof CommandError) throw error;
      complain(error);
    });
  // A config file that is wrong is reported before anybody can ask for a run of it.
  if (settings.config !== null) await askCandidates();
  listen(app, settings);
  let ending = false;
  const end = async () => {
    if (ending) process.exit(130);
    ending = true;
    candidates.close();
    await jobs.close();
    await app.stop(true);
    store.close();
    place.release();
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void end());
  process.stdout.write(`tickbench: http://${hostOf(settings.host)}:${app.server?.port}\n`);
  // Before anything is measured, which it would disturb.
  if (settings.config === null) await askCandidates();
  await jobs.begin();
  if (settings.watchHours !== null) watchEvery(watch, settings.watchHours, complain);
}

/** Longest time between two tries where a run was measured at the time for a look. */
const retryMs = 600_000;

/** Looks for newer runtimes at once, and every so many hours; where a run is measured, once it is over. */
function watchEvery(watch: Watch, hours: number, complain: (error: unknown) => void): void {
  const look = async () => {
    const looked = await watch.look(startWatch.parse({})).then(
      () => true,
      (error: unknown) => {
        if (!(error instanceof RequestError)) complain(error);
        return false;
      },
    );
    setTimeout(() => void look(), looked ? hours * 3600_000 : Math.min(retryMs, hours * 3600_000));
  };
  void look();
}

function listen(app: ReturnType<typeof createApp>, { host, port }: Settings): void {
  try {
    // A port that is shared with another service would answer from either.
    app.listen({ hostname: host, port, reusePort: false });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    if (code === "EADDRINUSE") {
      throw new CommandError(
        `--port: ${hostOf(host)}:${port} must be free, got one that another program listens on; end it, or give another port, 0 for any free one`,
        { cause },
      );
    }
    throw new CommandError(`--host: ${host}:${port} must be an address of this machine, got ${code}`, {
      cause,
    });
  }
}

const hostOf = (host: string): string => (host.includes(":") ? `[${host}]` : host);

try {
  const settings = readSettings(process.argv.slice(2));
  if (settings !== null) await serve(settings);
} catch (error) {
  if (!(error instanceof CommandError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
}
