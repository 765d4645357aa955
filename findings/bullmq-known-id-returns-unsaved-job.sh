#!/usr/bin/env bash
# BullMQ 6.7.0 with ioredis 6.0.0: `add` with the id of a job that exists stores nothing, and yet resolves to a job that carries the
# new name and data. The worker gets the first one's.
# What a chooser should conclude: the answer of `add` is what was asked for, not what is queued. Where an id stands for a run (one
# benchmark per commit), read the job back with `getJob` before you tell anyone that the new settings will be measured.
# Seen: returned b {"profile":"full"}, stored a {"profile":"quick"}, jobs 1. Fails when that changes. Needs redis-server.
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
import { Queue } from "bullmq";
const queue = new Queue("runs", { connection: { path: process.argv[2], maxRetriesPerRequest: null } });
queue.on("error", () => {}); // until the server listens
await queue.add("a", { profile: "quick" }, { jobId: "commit-1" });
const returned = await queue.add("b", { profile: "full" }, { jobId: "commit-1" });
const stored = await queue.getJob("commit-1");
const told = (job) => `${job.name} ${JSON.stringify(job.data)}`;
console.log(`returned ${told(returned)}, stored ${told(stored)}, jobs ${await queue.count()}`);
process.exit(0);
JS
seen=$(timeout 30 node probe.mjs "$dir/redis.sock")
want='returned b {"profile":"full"}, stored a {"profile":"quick"}, jobs 1'
echo "BullMQ 6.7.0, Node $(node --version): $seen"
[ "$seen" = "$want" ] || { echo "changed; expected $want" >&2; exit 1; }
