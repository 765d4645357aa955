import { expect, test } from "bun:test";
import { callsIn } from "./strace.ts";

test("calls count once, halves of one with another between them included, and bytes are what was taken", () => {
  const log = [
    '7 writev(20, [{iov_base=""..., iov_len=4}, {iov_base=""..., iov_len=146}], 2) = 150',
    '7 sendto(21, ""..., 100, MSG_NOSIGNAL, NULL, 0 <unfinished ...>',
    "8 futex(0x7f, FUTEX_WAKE_PRIVATE, 1) = 0",
    "7 <... sendto resumed>)             = 60",
    '7 write(22, ""..., 40)              = -1 EAGAIN (Resource temporarily unavailable)',
    "8 epoll_wait(5, [], 1024, 0)        = 0",
    "8 epoll_wait(5,  <unfinished ...>",
    "8 +++ exited with 0 +++",
    '7 recvfrom(23, ""..., 4096, 0, NULL, NULL) = 512',
    "",
  ].join("\n");
  expect(callsIn(log)).toEqual({
    calls: 7,
    writes: 3,
    bytes: 210,
    top: [
      { name: "epoll_wait", calls: 2 },
      { name: "futex", calls: 1 },
      { name: "recvfrom", calls: 1 },
      { name: "sendto", calls: 1 },
      { name: "write", calls: 1 },
      { name: "writev", calls: 1 },
    ],
  });
});
