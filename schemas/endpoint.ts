import { z } from "zod";

const path = z.string().regex(/^\/\S*$/, "must begin with a slash and hold no space");

/** Where each workload connects, as a path on the server. */
export const paths = z.strictObject({
  echo: path.default("/echo"),
  push: path.default("/push"),
  feed: path.default("/feed"),
  publish: path.default("/publish"),
});
export type Paths = z.infer<typeof paths>;

/** How a server is spoken to: its address but for the port, its paths, and what goes into the upgrade. */
export const endpoint = z.strictObject({
  /** Loopback alone: load is sent to this machine and no other. */
  host: z.enum(["127.0.0.1", "::1"]).default("127.0.0.1"),
  paths: paths.prefault({}),
  /** Offered, and to be agreed on. */
  subprotocol: z
    .string()
    .regex(/^[\w!#$%&'*+.^`|~-]+$/, "must be one token (RFC 6455 section 4.1), without spaces or commas")
    .nullable()
    .default(null),
  headers: z.record(z.string().regex(/^[\w-]+$/), z.string().regex(/^[^\r\n]*$/)).default({}),
});
export type Endpoint = z.infer<typeof endpoint>;

/** How every candidate of the manifest is spoken to. */
export const ownEndpoint: Endpoint = endpoint.parse({});
