import { describe, expect, test } from "bun:test";
import type { GeneratorSetup } from "../generator-setup.ts";
import { artillery } from "./artillery.ts";
import { go } from "./go.ts";
import { k6 } from "./k6.ts";
import { loadTest } from "./load-test.ts";
import { printedFigures } from "./peer.ts";
import { peers } from "./peers.ts";
import { tcpkali } from "./tcpkali.ts";

const setup: GeneratorSetup = {
  mode: "echo",
  port: 4000,
  connections: 32,
  window: 1,
  bytes: 64,
  warmupMs: 1000,
  windowMs: 300,
};

test("a peer gets the loads that it can make", () => {
  const makers = (of: Partial<GeneratorSetup>) =>
    peers.filter((peer) => peer.makes({ ...setup, ...of })).map(({ program }) => program);
  expect(makers({})).toEqual(["load_test", "k6", "artillery", "go"]);
  expect(makers({ window: 32 })).toEqual(["tcpkali", "k6", "go"]);
  expect(makers({ mode: "push" })).toEqual([]);
});

describe("load_test", () => {
  const output = (lines: readonly number[]) =>
    [
      "Using message size of 64 bytes",
      "Response: HTTP/1.1 101 Switching Protocols",
      "",
      "Running benchmark now...",
      ...lines.map((rate) => `Msg/sec: ${rate.toFixed(6)}`),
      "",
    ].join("\n");

  test("is told connections, host, port, no TLS, no compression and the size", () => {
    expect(loadTest.command("load_test", "", setup)).toEqual([
      "load_test",
      "32",
      "127.0.0.1",
      "4000",
      "0",
      "0",
      "64",
    ]);
  });

  test("has figures behind its first line, which is its warm-up", () => {
    expect(loadTest.enough?.(output([159_941]), setup)).toBe(false);
    expect(loadTest.figures(output([159_941]), setup)).toBeNull();
    const two = output([159_941, 167_730.25]);
    expect(loadTest.enough?.(two, setup)).toBe(true);
    expect(loadTest.figures(two, setup)).toEqual({
      messages: 670_921,
      elapsedNs: 4e9,
      allMessages: 1_310_685,
    });
  });

  test("runs for as many lines as the window needs", () => {
    const long = { ...setup, windowMs: 4500 };
    expect(loadTest.enough?.(output([1, 2]), long)).toBe(false);
    expect(loadTest.figures(output([1, 2, 4, 9]), long)).toEqual({
      messages: 24,
      elapsedNs: 8e9,
      allMessages: 28,
    });
  });
});

describe("tcpkali", () => {
  const output = `Destination: [127.0.0.1]:4811
Ramped up to 4 connections.
Total data sent:     511.0 MiB (535804710 bytes)
Total data received: 475.6 MiB (498716692 bytes)
Bandwidth per channel: 2052.710⇅ Mbps (256588.8 kBps)
Aggregate bandwidth: 3958.240↓, 4252.602↑ Mbps
Packet rate estimate: 340163.5↓, 364703.2↑ (10↓, 45↑ TCP MSS/op)
Test duration: 1.00796 s.
`;

  test("counts frames from the bytes received", () => {
    expect(tcpkali.figures(output, setup)).toEqual({
      messages: 7_556_313,
      elapsedNs: 1_007_960_000,
      allMessages: 7_556_313,
    });
    expect(tcpkali.figures("Could not create 32 connections", setup)).toBeNull();
  });

  test("sends binary messages of the size", () => {
    const command = tcpkali.command("tcpkali", "", { ...setup, bytes: 3 });
    expect(command).toContain('--message=\\{ws.binary "TTT"}');
    expect(command).toContain("--connections=32");
    expect(command).toContain("--duration=300ms");
    expect(command.at(-1)).toBe("127.0.0.1:4000/echo");
  });
});

test("a program of this bench prints its figures as a line of JSON among what else is printed", () => {
  const figures = { messages: 10, elapsedNs: 3e8, allMessages: 20 };
  expect(printedFigures(`Test run id: t3gmt\n${JSON.stringify(figures)}\nbye\n`)).toEqual(figures);
  expect(printedFigures('{"messages":10}\n')).toBeNull();
  expect(printedFigures("level=error\n")).toBeNull();
});

test("the Go program is built into the folder, and run from there with the load", () => {
  expect(go.build?.("go", "/tmp/peer")).toMatchObject({
    command: ["go", "build", "-buildvcs=false", "-o", "/tmp/peer/client", "."],
  });
  expect(go.command("go", "/tmp/peer", setup)).toEqual(["/tmp/peer/client", JSON.stringify(setup)]);
});

describe("k6", () => {
  test("runs the script with what it logs alone on a line", () => {
    const command = k6.command("k6", "/tmp/peer", setup);
    expect(command.slice(0, 2)).toEqual(["k6", "run"]);
    expect(command).toContain("--log-format=raw");
    expect(command.at(-1)).toBe("/tmp/peer/script.js");
  });

  test("its script fills each connection's window once all are open, and counts within the measurement", () => {
    const text = k6.files?.({ ...setup, connections: 2, window: 3 })["script.js"] ?? "";
    const sockets: { sent: number; closed: boolean; onopen(): void; onmessage(): void }[] = [];
    class Socket {
      sent = 0;
      closed = false;
      constructor() {
        sockets.push(this as never);
      }
      send() {
        this.sent += 1;
      }
      close() {
        this.closed = true;
      }
    }
    const timers: (readonly [() => void, number])[] = [];
    const lines: string[] = [];
    const body = text
      .replace(/^import .*$/m, "")
      .replace("export const", "const")
      .replace("export default", "return");
    const start = new Function("WebSocket", "setTimeout", "console", body)(
      Socket,
      (run: () => void, ms: number) => timers.push([run, ms]),
      { log: (line: string) => lines.push(line) },
    ) as () => void;
    start();
    sockets[0]?.onopen();
    expect(sockets.map(({ sent }) => sent)).toEqual([0, 0]);
    sockets[1]?.onopen();
    expect(sockets.map(({ sent }) => sent)).toEqual([3, 3]);
    sockets[0]?.onmessage();
    timers[0]?.[0]();
    sockets[0]?.onmessage();
    sockets[1]?.onmessage();
    timers[1]?.[0]();
    expect(timers.map(([, ms]) => ms)).toEqual([1000, 300]);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ messages: 2, allMessages: 3 });
    expect(sockets.map(({ sent, closed }) => [sent, closed])).toEqual([
      [5, true],
      [4, true],
    ]);
  });
});

describe("artillery", () => {
  test("runs as many users as there are connections, each waiting for its answer", () => {
    const { config, scenarios } = JSON.parse(artillery.files?.(setup)["script.json"] ?? "");
    expect(config.target).toBe("ws://127.0.0.1:4000/echo");
    expect(config.phases).toEqual([{ duration: 1, arrivalCount: 32 }]);
    const [{ loop }] = scenarios[0].flow;
    expect(loop[0].send.payload).toHaveLength(64);
    expect(loop[0].send.match).toBeDefined();
    expect(artillery.command("artillery", "/tmp/peer", setup)).toEqual([
      "artillery",
      "run",
      "--quiet",
      "/tmp/peer/script.json",
    ]);
  });

  test("its processor counts within the window, and ends all users behind it", () => {
    let now = 0;
    const lines: string[] = [];
    const exports = {} as { running(context: object, next: (on: boolean) => void): void };
    new Function("exports", "performance", "console", artillery.files?.(setup)["processor.cjs"] ?? "")(
      exports,
      { now: () => now },
      { log: (line: string) => lines.push(line) },
    );
    const goesOn = (at: number) => {
      now = at;
      let result: boolean | undefined;
      exports.running({}, (on) => {
        result = on;
      });
      return result;
    };
    // A second of arrivals and one of warm-up come before the window.
    expect([100, 2099, 2100, 2399].map(goesOn)).toEqual([true, true, true, true]);
    expect([2400, 2401].map(goesOn)).toEqual([false, false]);
    expect(lines.map((line) => printedFigures(line))).toEqual([
      { messages: 2, elapsedNs: 3e8, allMessages: 5 },
    ]);
  });
});
