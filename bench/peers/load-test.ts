import type { Peer } from "./peer.ts";

/** LIBUS_TIMEOUT_GRANULARITY of uSockets: the seconds from one line of figures to the next. */
const secondsPerLine = 4;

const rates = (output: string): number[] =>
  [...output.matchAll(/^Msg\/sec: ([\d.]+)/gm)].map(([, rate]) => Number(rate));
/** The first line is the warm-up. */
const linesOf = (windowMs: number): number => 1 + Math.ceil(windowMs / 1000 / secondsPerLine);

/**
 * uWebSockets' benchmarks/load_test.c: one message in flight on each connection, bytes counted and nothing else looked at. It asks for
 * `/`, and runs until it is ended.
 */
export const loadTest: Peer = {
  name: "load_test",
  program: "load_test",
  makes: ({ mode, window }) => mode === "echo" && window === 1,
  command: (program, _, { connections, port, bytes }) => {
    const [ssl, deflate] = ["0", "0"];
    return [program, `${connections}`, "127.0.0.1", `${port}`, ssl, deflate, `${bytes}`];
  },
  enough: (output, { windowMs }) => rates(output).length >= linesOf(windowMs),
  figures: (output, { windowMs }) => {
    const lines = rates(output).slice(0, linesOf(windowMs));
    if (lines.length < linesOf(windowMs)) return null;
    const messagesOf = (of: readonly number[]) =>
      Math.round(of.reduce((sum, rate) => sum + rate * secondsPerLine, 0));
    const counted = lines.slice(1);
    return {
      messages: messagesOf(counted),
      elapsedNs: counted.length * secondsPerLine * 1e9,
      allMessages: messagesOf(lines),
    };
  },
};
