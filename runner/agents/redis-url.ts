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
  if (!URL.canParse(text)) throw wrong("this is no URL");
  const url = new URL(text);
  if (url.protocol !== "redis:" && url.protocol !== "rediss:")
    throw wrong(`its scheme is ${url.protocol.slice(0, -1)}`);
  if (url.hostname === "") throw wrong("it names no host");
  if (!/^(\/\d*)?$/.test(url.pathname)) throw wrong("the database is a number");
  return url;
}

/** A URL without its password: it goes into messages and reports. */
export function shown(text: string): string {
  return text.replace(/(\/\/[^:@/]*):[^@/]*@/, "$1:…@");
}
