#!/usr/bin/env bash
# BullMQ 6.7.0 with ioredis 6.0.0: a job that fails and has attempts left goes behind everything that waits, although it was first and has
# no delay to its retry. With `lifo` it goes to the front again.
# What a chooser should conclude: a queue with retries keeps no order. A benchmark that fails once runs again after the whole
# queue, on another state of the machine; retry inside the worker where the attempts belong together.
# Seen: a b c d a; with lifo for the first: a a b c d. Fails when that changes. Needs redis-server.
set -euo pipefail
dir=$(mktemp -d)
redis=
trap '[ -z "$redis" ] || kill "$redis" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts bullmq@6.7.0 ioredis@6.0.0 >/dev/null
redis-server --port 0 --unixsocket "$dir/redis.sock" --save "" --dir "$dir" >/dev/null &
redis=$!
cat >probe.mjs <<'JS'
import { Queue, Worker } from "bullmq";
const connection = { path: process.argv[2], maxRetriesPerRequest: null };
async function order(name, options) {
  const queue = new Queue(name, { connection });
  queue.on("error", () => {}); // until the server listens
  const { lifo } = options;
  if (!lifo) await queue.add("a", {}, { attempts: 2 });
  for (const job of ["b", "c", "d"]) await queue.add(job, {});
  if (lifo) await queue.add("a", {}, { attempts: 2, lifo });
  const ran = [];
  await new Promise((done) => {
    const worker = new Worker(name, async (job) => {
      ran.push(job.name);
      if (job.name === "a" && job.attemptsMade === 0) throw new Error("once");
    }, { connection });
    worker.on("completed", () => { if (ran.length === 5) done(); });
  });
  return ran.join(" ");
}
console.log(`${await order("fifo", {})}; ${await order("lifo", { lifo: true })}`);
process.exit(0);
JS
seen=$(timeout 30 node probe.mjs "$dir/redis.sock")
want="a b c d a; a a b c d"
echo "BullMQ 6.7.0, Node $(node --version): $seen"
[ "$seen" = "$want" ] || { echo "changed; expected $want" >&2; exit 1; }
