import { expect, test } from "bun:test";
import { kernelQueue } from "./kernel-queue.ts";

/** Ends that no socket of this machine has (RFC 5737): the tables are looked at. */
const end = (port: number) => ({ address: "192.0.2.1", port });

const head =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const line = (local: string, remote: string, state: string, queues: string) =>
  `   0: 0100007F:${local} 0100007F:${remote} ${state} ${queues} 01:00000000 00000000  1000        0 1 1\n`;

const reading =
  (tcp: string, tcp6 = "") =>
  (path: string) =>
    head + (path.endsWith("6") ? tcp6 : tcp);

test("what the sender's end has unsent and the receiver's has unread is the queue", () => {
  const text =
    line("1F90", "C000", "01", "00000100:00000007") + line("C000", "1F90", "01", "00000009:00000020");
  expect(kernelQueue(end(0x1f90), end(0xc000), reading(text))).toEqual({ isEstablished: true, bytes: 0x120 });
});

test("a sender that has closed is not established, and one that was cut is gone", () => {
  const receiver = line("C000", "1F90", "01", "00000000:00000020");
  const closed = line("1F90", "C000", "04", "00000100:00000000") + receiver;
  expect(kernelQueue(end(0x1f90), end(0xc000), reading(closed))).toEqual({
    isEstablished: false,
    bytes: 0x120,
  });
  expect(kernelQueue(end(0x1f90), end(0xc000), reading(receiver))).toEqual({
    isEstablished: false,
    bytes: 0x20,
  });
});

test("a socket of IPv6 is found as well, and an unknown one is null", () => {
  const text = line("1F90", "C000", "01", "00000001:00000000").replaceAll("0100007F", "0".repeat(32));
  expect(kernelQueue(end(0x1f90), end(0xc000), reading("", text))).toEqual({ isEstablished: true, bytes: 1 });
  expect(kernelQueue(end(0x1f90), end(0xc001), reading("", text))).toBeNull();
  expect(kernelQueue(end(0x1f90), end(0xc000), () => null)).toBeNull();
});
