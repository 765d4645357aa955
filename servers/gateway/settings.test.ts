import { expect, test } from "bun:test";
import { readSettings, UsageError } from "./settings.ts";

test("an empty environment gives the defaults", () => {
  expect(readSettings({})).toEqual({
    PORT: 0,
    SLOW_CONSUMER: "disconnect",
    BACKPRESSURE_LIMIT_BYTES: 16_777_216,
    MAX_PAYLOAD_BYTES: 16_777_216,
    REPLAY_MESSAGES: 4096,
    REPLAY_BYTES: 4_194_304,
    DEFLATE: false,
    SERVER_CORES: 1,
  });
});

test("each variable is taken, and others are left alone", () => {
  const env = {
    PORT: "8080",
    CANDIDATE: "twin",
    SLOW_CONSUMER: "conflate",
    BACKPRESSURE_LIMIT_BYTES: "65536",
    MAX_PAYLOAD_BYTES: "1024",
    REPLAY_MESSAGES: "16",
    REPLAY_BYTES: "2048",
    DEFLATE: "on",
    SERVER_CORES: "2",
    TLS_CERT_FILE: "/cert.pem",
    HOME: "/root",
  };
  expect(readSettings(env)).toEqual({
    PORT: 8080,
    CANDIDATE: "twin",
    SLOW_CONSUMER: "conflate",
    BACKPRESSURE_LIMIT_BYTES: 65_536,
    MAX_PAYLOAD_BYTES: 1024,
    REPLAY_MESSAGES: 16,
    REPLAY_BYTES: 2048,
    DEFLATE: true,
    SERVER_CORES: 2,
    TLS_CERT_FILE: "/cert.pem",
  });
});

test.each([
  ["PORT", "65536", 'PORT: must be an integer from 0 to 65535, got "65536"'],
  ["PORT", "", 'PORT: must be an integer from 0 to 65535, got ""'],
  ["PORT", "0x50", 'PORT: must be an integer from 0 to 65535, got "0x50"'],
  ["DEFLATE", "yes", 'DEFLATE: must be on or off, got "yes"'],
  ["SERVER_CORES", "0", 'SERVER_CORES: must be an integer from 1 to 64, got "0"'],
  ["CANDIDATE", "", 'CANDIDATE: must name a candidate, got ""'],
  ["SLOW_CONSUMER", "wait", 'SLOW_CONSUMER: must be one of disconnect, drop, conflate, got "wait"'],
  ["MAX_PAYLOAD_BYTES", "-5", 'MAX_PAYLOAD_BYTES: must be an integer from 1024 to 4294967295, got "-5"'],
  [
    "BACKPRESSURE_LIMIT_BYTES",
    "1e6",
    'BACKPRESSURE_LIMIT_BYTES: must be an integer from 1024 to 4294967295, got "1e6"',
  ],
])("%s=%p is refused in one line", (name, value, line) => {
  expect(() => readSettings({ [name]: value })).toThrow(new UsageError(line));
});
