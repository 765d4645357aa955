import { createRequire } from "node:module";
import { join } from "node:path";
import { packageFrom } from "./version.ts";

/** The socket of uWebSockets.js, as far as its candidate uses it. Every call after `close` throws. */
export interface UwsSocket<Data> {
  getUserData(): Data;
  send(message: string | ArrayBuffer | Uint8Array, isBinary: boolean, compress: boolean): number;
  getBufferedAmount(): number;
  cork(fill: () => void): unknown;
  end(code: number, reason: string): void;
  close(): void;
  subscribe(topic: string): boolean;
  unsubscribe(topic: string): boolean;
}

export interface UwsRequest {
  getUrl(): string;
  getQuery(): string;
  getHeader(lowerCaseName: string): string;
}

export interface UwsResponse {
  writeStatus(status: string): UwsResponse;
  writeHeader(name: string, value: string): UwsResponse;
  end(body?: string): UwsResponse;
  upgrade<Data>(data: Data, key: string, protocol: string, extensions: string, context: object): void;
}

export interface UwsBehavior<Data> {
  readonly compression: number;
  readonly maxPayloadLength: number;
  readonly maxBackpressure: number;
  readonly closeOnBackpressureLimit: boolean;
  readonly idleTimeout: number;
  upgrade(response: UwsResponse, request: UwsRequest, context: object): void;
  open(ws: UwsSocket<Data>): void;
  /** `message` is the runtime's again when this returns. */
  message(ws: UwsSocket<Data>, message: ArrayBuffer, isBinary: boolean): void;
  drain(ws: UwsSocket<Data>): void;
  close(ws: UwsSocket<Data>): void;
}

type Handler = (response: UwsResponse, request: UwsRequest) => void;

export interface UwsApp {
  get(pattern: string, handler: Handler): UwsApp;
  any(pattern: string, handler: Handler): UwsApp;
  ws<Data>(pattern: string, behavior: UwsBehavior<Data>): UwsApp;
  publish(topic: string, message: string | Uint8Array, isBinary: boolean, compress: boolean): boolean;
  listen(host: string, port: number, done: (socket: object | false) => void): UwsApp;
}

export interface Uws {
  readonly version: string;
  App(): UwsApp;
  SSLApp(files: {
    readonly cert_file_name: string | undefined;
    readonly key_file_name: string | undefined;
  }): UwsApp;
  /** Compresses without keeping a window for each socket. */
  readonly SHARED_COMPRESSOR: number;
  us_socket_local_port(socket: object): number;
  us_listen_socket_close(socket: object): void;
}

const packageName = "@trufflesuite/uws-js-unofficial";

/**
 * Loads uWebSockets.js from native/uws, below the project's root that a candidate is started in. Its package falls
 * back to a broken server in JavaScript, with a mere warning, where no native build loads: that ends the process here.
 */
export function loadUws(): Uws {
  const require = createRequire(join(process.cwd(), "native/uws/package.json"));
  const { platform, arch, versions } = process;
  try {
    require(`${packageName}/binaries/uws_${platform}_${arch}_${versions.modules}.node`);
  } catch {
    process.stderr.write(
      `node/uws: needs the native uWebSockets.js, and native/uws has none that loads on Node ${versions.node} for ${platform}-${arch}; install it there and run this on Node 20\n`,
    );
    process.exit(2);
  }
  return { ...require(packageName), version: packageFrom(require, packageName).version };
}
