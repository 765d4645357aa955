import { describe, expect, test } from "bun:test";
import { type Asked, attribute, type Sight, workElsewhere } from "./attribution.ts";
import { type TcpSocket, TcpTable } from "./listeners.ts";
import type { ProcStat } from "./procfs.ts";
import type { UnixSocket } from "./unix-sockets.ts";

const process_ = (pid: number, ppid: number, comm = `p${pid}`): ProcStat => ({
  ...{ pid, ppid, comm, group: pid, state: "S", cpuTicks: 0, threads: 1, startTicks: pid, core: 0 },
});
const listening = (inode: number, port = 9000, address = "127.0.0.1"): TcpSocket => ({
  ...{ address, port, remoteAddress: "0.0.0.0", remotePort: 0, state: "listening", inode },
});
const established = (inode: number, port: number, remotePort: number): TcpSocket => ({
  ...{ address: "127.0.0.1", port, remoteAddress: "127.0.0.1", remotePort, state: "established", inode },
});

/** This command is 100, below the shell 50; `held` gives the sockets of each process, null for what may not be read. */
function sight(
  sockets: readonly TcpSocket[],
  held: Readonly<Record<number, readonly number[] | null>>,
  processes: readonly ProcStat[],
  networks: Readonly<Record<number, readonly TcpSocket[]>> = {},
  unix: readonly UnixSocket[] = [],
): Sight {
  return {
    self: 100,
    processes: () => [process_(1, 0, "init"), process_(50, 1), process_(100, 50), ...processes],
    tables: {
      sockets: (pid, isWanted = () => true) =>
        ((typeof pid === "number" ? networks[pid] : undefined) ?? sockets).filter((s) =>
          isWanted(s.state, s.port, s.inode),
        ),
      held: (pid) => (held[pid] === null ? null : new Set(held[pid] ?? [])),
      unix: () => unix,
      network: (pid) => (typeof pid === "number" && pid in networks ? `net ${pid}` : "net"),
    },
  };
}

const asked = (told: number | null): Asked => ({ host: "127.0.0.1", port: 9000, startedPid: told });
const known = (pid: number, followed: boolean) => ({ known: true as const, pid, followed });

describe("whose CPU time a server's is", () => {
  const wrapper = [process_(200, 100, "sh"), process_(201, 200, "node"), process_(202, 201, "worker")];

  test("that of the process that was told, where it or what it has started listens", () => {
    expect(attribute(asked(200), sight([listening(7)], { 201: [7] }, wrapper))).toEqual(known(200, false));
    // A cluster: several processes of the tree hold the socket, or one each.
    const cluster = sight([listening(7), listening(8)], { 201: [7], 202: [7, 8] }, wrapper);
    expect(attribute(asked(200), cluster)).toEqual(known(200, false));
  });

  test("that of the process that listens, where that is none of these", () => {
    const daemon = sight([listening(7)], { 300: [7], 301: [7] }, [
      ...wrapper,
      process_(300, 1, "node"),
      process_(301, 300),
    ]);
    expect(attribute(asked(200), daemon)).toEqual(known(300, true));
    expect(attribute(asked(null), daemon)).toEqual(known(300, false));
  });

  test("nobody's, where a stranger listens on the same port", () => {
    const shared = sight([listening(7), listening(8)], { 201: [7], 300: [8] }, [
      ...wrapper,
      process_(300, 1, "stranger"),
    ]);
    expect(attribute(asked(200), shared)).toMatchObject({ known: false, code: "listener-shared" });
    expect(attribute({ ...asked(200), isOurs: true }, shared)).toMatchObject({ code: "listener-shared" });
  });

  test("nobody's, where the listener is not in sight or may not be looked at", () => {
    for (const hidden of [
      sight([], {}, wrapper),
      sight([listening(7)], { 300: null }, [...wrapper, process_(300, 1)]),
    ]) {
      expect(attribute(asked(200), hidden)).toMatchObject({ known: false, code: "listener-unseen" });
    }
  });

  test.each(["docker-proxy", "rootlessport", "socat", "systemd-socket-", "ssh"])(
    "nobody's, where %s hands connections on, whether it was started or found",
    (comm) => {
      const proxy = sight([listening(7)], { 200: [7] }, [process_(200, 100, comm)]);
      for (const told of [200, null]) {
        expect(attribute(asked(told), proxy)).toMatchObject({ known: false, code: "forwarded" });
      }
    },
  );

  test("nobody's, where what listens has started this command, or everything", () => {
    for (const pid of [1, 50, 100]) {
      const above = sight([listening(7)], { [pid]: [7] }, []);
      expect(attribute(asked(null), above)).toMatchObject({ known: false, code: "listener-shared" });
    }
  });

  test("that of a container's process, where it listens in a network of its own", () => {
    const inside = [listening(20, 8080)];
    const here = [listening(7)];
    const boxed = [process_(200, 1, "node"), process_(400, 1, "docker-proxy")];
    const own = sight(here, { 200: [20], 400: [7] }, boxed, { 200: inside });
    expect(attribute(asked(200), own)).toEqual(known(200, false));
    const idle = sight(here, { 200: [], 400: [7] }, boxed, { 200: inside });
    expect(attribute(asked(200), idle)).toMatchObject({ known: false, code: "listener-unseen" });
  });
});

describe("with connections open", () => {
  const tree = [process_(200, 100, "gateway"), process_(300, 1, "backend")];
  const client = [established(10, 5000, 9000), established(20, 9000, 5000)];

  test("a server that holds their other ends does the work, whoever else is connected to it", () => {
    expect(workElsewhere(200, 9000, sight(client, { 100: [10], 200: [20] }, tree))).toBeNull();
    const monitor = [
      ...client,
      listening(25, 9100),
      established(30, 6000, 9100),
      established(31, 9100, 6000),
    ];
    const watched = sight(monitor, { 100: [10], 200: [20, 25, 31], 300: [30] }, tree);
    expect(workElsewhere(200, 9000, watched)).toBeNull();
  });

  test("whoever holds the near ends is not looked for where the server holds the far ones", () => {
    const asked: number[] = [];
    const { tables, ...rest } = sight(client, { 200: [20] }, tree);
    const held = (pid: number) => {
      asked.push(pid);
      return tables.held(pid);
    };
    expect(workElsewhere(200, 9000, { ...rest, tables: { ...tables, held } })).toBeNull();
    expect(asked).toEqual([200]);
  });

  test("of the sockets of a server that holds them all, only those that listen are kept", () => {
    const all = [listening(7), ...client, established(11, 5001, 9000), established(21, 9000, 5001)];
    const { tables, ...rest } = sight([...all, established(0, 9000, 5002)], { 200: [7, 20, 21] }, tree);
    let kept = 0;
    const sockets: typeof tables.sockets = (...asked) => {
      const found = tables.sockets(...asked);
      kept += found.length;
      return found;
    };
    expect(workElsewhere(200, 9000, { ...rest, tables: { ...tables, sockets } })).toBeNull();
    expect(kept).toBe(1);
  });

  test("one whose connections another process holds does not", () => {
    const passed = sight(client, { 100: [10], 300: [20] }, tree);
    expect(workElsewhere(200, 9000, passed)).toMatchObject({
      code: "forwarded",
      reason: expect.stringContaining("backend (pid 300)"),
    });
  });

  test("nor does one that is itself connected to a process of this machine", () => {
    const upstream = [...client, established(40, 6000, 9500), established(41, 9500, 6000)];
    const proxy = sight(upstream, { 100: [10], 200: [20, 40], 300: [41] }, tree);
    expect(workElsewhere(200, 9000, proxy)).toMatchObject({
      code: "forwarded",
      reason: expect.stringContaining("backend (pid 300) at 127.0.0.1:9500"),
    });
    // A worker of its own is no stranger.
    expect(workElsewhere(200, 9000, sight(upstream, { 100: [10], 200: [20, 40, 41] }, tree))).toBeNull();
  });
});

describe("with a socket of the Unix domain", () => {
  const tree = [process_(200, 100, "gateway"), process_(300, 1, "backend")];
  const client = [established(10, 5000, 9000), established(20, 9000, 5000)];
  const pair = (name: string): UnixSocket[] => [
    { inode: 50, peer: 51, name: "" },
    { inode: 51, peer: 50, name },
  ];
  const at = (name: string, held: Readonly<Record<number, readonly number[]>>) =>
    workElsewhere(200, 9000, sight(client, { 100: [10], 200: [20, 50], ...held }, tree, {}, pair(name)));

  test("a server that is connected to another's does not do the work", () => {
    expect(at("/tmp/backend.sock", { 300: [51] })).toMatchObject({
      code: "forwarded",
      reason: expect.stringContaining("backend (pid 300) at /tmp/backend.sock"),
    });
    expect(at("/tmp/backend.sock", {})).toMatchObject({ code: "forwarded" });
  });

  test("what it is started and logged over is no work, nor what it has started itself", () => {
    expect(at("", { 300: [51] })).toBeNull();
    expect(at("/run/systemd/journal/stdout", { 300: [51] })).toBeNull();
    expect(at("/tmp/runner.sock", { 100: [10, 51] })).toBeNull();
    expect(at("/tmp/own.sock", { 200: [20, 50, 51] })).toBeNull();
  });
});

test("the kernel's table is read in its own byte order, and IPv4 within IPv6 as IPv4", () => {
  const head =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
  const rest = "00000000:00000000 00:00000000 00000000     0        0";
  const line = (local: string, state: string) =>
    `   0: ${local} 00000000:0000 ${state} ${rest} 1193 1 0000 100`;
  const wide = (address: string) =>
    `   1: ${address}:1F90 00000000000000000000000000000000:0000 0A ${rest} 77 1 0000 100`;
  const text = [
    head,
    line("0100007F:1F90", "0A"),
    line("0100007F:1F91", "06"),
    wide("00000000000000000000000001000000"),
    wide("00000000000000000000000000000000"),
    wide("0000000000000000FFFF00000100007F"),
    wide("B80D0120000000000000000001000000"),
    "torn",
    line("0100007F:1F9", "0A"),
    line("0100007G:1F90", "0A"),
    `10000: 0100007F:1F90 0200007F:D431 01 ${rest.replace("     0        0", " 65534    12345")} 4026531840 1`,
  ].join("\n");
  const table = new TcpTable();
  // It comes in pieces of whole lines.
  const half = text.indexOf("\n", text.length / 2) + 1;
  for (const lines of [text.slice(0, half), text.slice(half)]) table.add(Buffer.from(lines));
  const { sockets } = table;
  expect(sockets.at(-1)).toMatchObject({ remoteAddress: "127.0.0.2", remotePort: 0xd431, inode: 4026531840 });
  expect(sockets.map((s) => [s.address, s.port, s.state, s.inode])).toEqual([
    ["127.0.0.1", 8080, "listening", 1193],
    ["127.0.0.1", 8081, "other", 1193],
    ["::1", 8080, "listening", 77],
    ["::", 8080, "listening", 77],
    ["127.0.0.1", 8080, "listening", 77],
    ["2001:db8::1", 8080, "listening", 77],
    ["127.0.0.1", 8080, "established", 4026531840],
  ]);
  const asked = new TcpTable(
    (state, port, inode) => state === "listening" && port === 8080 && inode === 1193,
  );
  asked.add(Buffer.from(text));
  expect(asked.sockets.map((s) => [s.address, s.inode])).toEqual([["127.0.0.1", 1193]]);
});
