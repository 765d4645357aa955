import type { ConnectionOptions } from "bullmq";
import { UsageError } from "../cli/usage-error.ts";

/** How a Redis or Valkey is reached: user, password, database and TLS are those of its URL. Throws UsageError. */
export function connectionTo(text: string): ConnectionOptions {
  const url = urlOf(text);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? 6379 : Number(url.port),
    ...(url.username === "" ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === "" ? {} : { password: decodeURIComponent(url.password) }),
    db: Number(url.pathname.slice(1) || 0),
    ...(url.protocol === "rediss:" ? { tls: {} } : {}),
    // A Redis that is restarted is waited for, within the limits of each request.
    maxRetriesPerRequest: null,
    retryStrategy: (times: number) => Math.min(100 * times, 1_000),
  };
}

function urlOf(text: string): URL {
  const wrong = (why: string) =>
    new UsageError(
      `--redis: must be redis://[USER:PASSWORD@]HOST[:PORT][/DB], or rediss:// for TLS, got ${shown(text)}; ${why}`,
    );
  if (!URL.canParse(text))
    throw wrong("this is no URL; in a password, / is written %2F, # is %23 and ? is %3F");
  const url = new URL(text);
  if (url.protocol !== "redis:" && url.protocol !== "rediss:")
    throw wrong(`its scheme is ${url.protocol.slice(0, -1)}`);
  if (url.hostname === "") throw wrong("it names no host");
  if (!/^(\/\d*)?$/.test(url.pathname)) throw wrong("the database is a number");
  // Left out silently, `?tls=true` would be a connection in the clear.
  if (url.search !== "" || url.hash !== "") throw wrong("it takes no ? and no #");
  try {
    decodeURIComponent(`${url.username}${url.password}`);
  } catch {
    throw wrong("a % in a password is written %25");
  }
  return url;
}

/** A URL without user and password, which go into no message. What is no URL may have both, up to its last @. */
export function shown(text: string): string {
  return text.replace(/^([a-z+]*:\/\/)?.*@/is, "$1…@");
}

/** A command line as it goes into the record. */
export const withoutPasswords = (argv: readonly string[]): string[] =>
  argv.map((word, i) => {
    if (argv[i - 1] === "--redis") return shown(word);
    const [flag, url] = [word.slice(0, flagAnd.length), word.slice(flagAnd.length)];
    return flag === flagAnd ? `${flag}${shown(url)}` : word;
  });
const flagAnd = "--redis=";
