import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeJson } from "../schemas/codec/json.ts";
import { candidates } from "../servers/manifest.ts";
import { Context } from "../tests/contract/context.ts";
import { encodeFrame, opcodes } from "../tests/contract/frame.ts";
import { quote, subscriber } from "../tests/contract/market.ts";
import { killAll, start } from "../tests/contract/process.ts";
import { whyUnavailable } from "../tests/contract/runtime.ts";

// Counts the system calls that each candidate writes 100 messages to one subscriber with, for each way of writing that it
// has. All 100 reach it in one segment. Needs strace. `bun run bench/writes.ts`

const count = 100;
const burst = Buffer.concat(
  Array.from({ length: count }, (_, n) =>
    encodeFrame(opcodes.text, Buffer.from(encodeJson(quote(n, "BTCUSDT"), n))),
  ),
);
/** A call that hands a socket the bytes of a quote. */
const writes = /(sendto|writev?|sendmsg)\(.*bookTicker|(sendto|writev?|sendmsg)\(\d+, "\\201/;

/** Lines of strace once it watches the process, until it is told to end. */
async function traced(pid: number, act: () => Promise<void>): Promise<string[]> {
  const file = join(tmpdir(), `tickbench-writes-${pid}`);
  const calls = "trace=sendto,write,writev,sendmsg";
  const strace = Bun.spawn(["strace", "-f", "-s", "200", "-p", `${pid}`, "-e", calls, "-o", file], {
    stderr: "pipe",
  });
  const said = strace.stderr.getReader();
  await said.read(); // "Process … attached"
  await act();
  strace.kill("SIGINT");
  await strace.exited;
  const lines = (await Bun.file(file).text()).split("\n");
  await Bun.file(file).delete();
  return lines;
}

try {
  console.log(`| candidate | way of writing | writes for ${count} messages |\n| --- | --- | --: |`);
  for (const candidate of candidates) {
    if (whyUnavailable(candidate) !== null) continue;
    const server = await start(candidate);
    const context = new Context(candidate, server);
    for (const broadcast of candidate.broadcast) {
      const client = await subscriber(context, ["btcusdt@bookTicker"]);
      const publisher = await context.open(`/publish?broadcast=${broadcast}`);
      const lines = await traced(server.pid, async () => {
        publisher.socket.write(burst);
        for (let n = 0; n < count; n++) await client.message();
      });
      const written = lines.filter((line) => writes.test(line)).length;
      console.log(`| ${candidate.id} | ${broadcast} | ${written} |`);
    }
    await context.end();
    await server.stop();
  }
} finally {
  killAll();
}
process.exit(0);
