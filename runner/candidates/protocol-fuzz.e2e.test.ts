import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { builtInEndpoint } from "../../schemas/endpoint.ts";
import { acceptOf } from "../load/handshake.ts";
import { fuzzProtocol, together } from "./protocol-fuzz.ts";

setDefaultTimeout(60_000);

interface Seen {
  isUpgraded: boolean;
  rest: Buffer;
}

/** A server that knows no rule: it upgrades whoever sends a key, echoes texts and answers pings. It hangs up where `keeps` says so of a frame. */
function naiveServer(keeps: (opcode: number) => boolean = () => true) {
  const server = Bun.listen<Seen>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        socket.data = { isUpgraded: false, rest: Buffer.alloc(0) };
      },
      data(socket, chunk) {
        const seen = socket.data;
        seen.rest = Buffer.concat([seen.rest, chunk]);
        if (!seen.isUpgraded) {
          const end = seen.rest.indexOf("\r\n\r\n");
          if (end < 0) return;
          const key = /Sec-WebSocket-Key: *(\S+)/i.exec(seen.rest.toString("latin1"))?.[1] ?? "";
          const accept = `Sec-WebSocket-Accept: ${acceptOf(key)}`;
          socket.write(
            `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${accept}\r\n\r\n`,
          );
          seen.isUpgraded = true;
          seen.rest = seen.rest.subarray(end + 4);
        }
        while (seen.rest.length >= 2) {
          const [first = 0, second = 0] = seen.rest;
          const maskBytes = second >= 0x80 ? 4 : 0;
          const extended = (second & 0x7f) === 126 ? 2 : 0;
          const length = extended === 2 ? seen.rest.readUInt16BE(2) : second & 0x7f;
          const head = 2 + extended + maskBytes;
          if (length === 127 || seen.rest.length < head + length) return;
          const mask = seen.rest.subarray(2 + extended, head);
          const payload = seen.rest.subarray(head, head + length).map((b, i) => b ^ (mask[i & 3] ?? 0));
          seen.rest = seen.rest.subarray(head + length);
          const opcode = first & 0x0f;
          if (!keeps(opcode)) {
            socket.terminate();
            return;
          }
          if (length > 125) continue;
          if (opcode === 1) socket.write(Buffer.concat([Uint8Array.of(0x81, length), payload]));
          if (opcode === 9) socket.write(Buffer.concat([Uint8Array.of(0x8a, length), payload]));
        }
      },
    },
  });
  return { port: server.port, stop: () => server.stop(true) };
}

const target = (port: number, alive: () => boolean = () => true) => ({
  ...{ host: "127.0.0.1" as const, port, endpoint: builtInEndpoint, alive },
});
const isReserved = (opcode: number): boolean => opcode > 10 || (opcode > 2 && opcode < 8);
const naive = naiveServer();
afterAll(() => naive.stop());

test("a server that knows no rule is told for each rule that it did not keep, and harms nobody", async () => {
  const { inputs, died, harmed, deviations } = await fuzzProtocol(target(naive.port), 34, 1);
  expect([inputs, died, harmed]).toEqual([34, [], []]);
  const rules = deviations.filter(({ answer }) => answer === "went-on").map(({ rule }) => rule);
  expect(rules).toContain("unmasked-frame");
  expect(rules).toContain("reserved-opcode");
  expect(rules).toContain("fragmented-control");
  expect(rules).toContain("no-upgrade-header");
  expect(deviations.find(({ rule }) => rule === "reserved-bit")).toMatchObject({
    section: "5.2",
    times: 1,
    of: 1,
  });
});

test("a server that keeps the rules is not", async () => {
  using server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request, own) => (own.upgrade(request) ? undefined : new Response("no", { status: 400 })),
    websocket: { message: (socket, message) => void socket.send(message) },
  });
  const { inputs, died, harmed, deviations } = await fuzzProtocol(target(server.port ?? 0), 34, 1);
  expect([inputs, died, harmed]).toEqual([34, [], []]);
  expect(deviations.map(({ rule }) => rule)).not.toContain("unmasked-frame");
});

test("a death ends it with the input, and another life goes on behind it", async () => {
  let isAlive = true;
  const mortal = naiveServer((opcode) => {
    if (isReserved(opcode)) isAlive = false;
    return true;
  });
  try {
    const first = await fuzzProtocol(
      target(mortal.port, () => isAlive),
      34,
      1,
    );
    expect(first.died).toHaveLength(1);
    isAlive = true;
    const second = await fuzzProtocol(target(mortal.port), 34, 1, first.inputs);
    expect(together([first, second])).toMatchObject({ inputs: 34, died: first.died, harmed: [] });
  } finally {
    mortal.stop();
  }
});

test("others that are not served as before are harm", async () => {
  let isGone = false;
  const server = naiveServer((opcode) => {
    isGone ||= isReserved(opcode);
    return !isGone;
  });
  try {
    const { died, harmed } = await fuzzProtocol(target(server.port), 4, 1);
    expect([died, harmed]).toEqual([[], [2, 3]]);
  } finally {
    server.stop();
  }
});
