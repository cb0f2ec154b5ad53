import type { Stream } from '../protocol/stream.ts';
import type { ProcessingResponse } from '../wire/response.ts';

/** What carries messages between Envoy and the protocol. The protocol is the same on each. */
export interface Core {
  readonly name: CoreName;
  /** Listens, and opens a stream for each that Envoy starts. */
  listen(options: CoreOptions, open: (transport: Transport) => Stream): Promise<Listener>;
}

export const serviceName = 'envoy.service.ext_proc.v3.ExternalProcessor';

export type CoreName = 'native' | 'grpc-js';

/** Where to listen: a unix socket or a host and port. */
export type Address = { path: string } | { host: string; port: number };

/** PEM, as text or bytes. */
export interface TlsOptions {
  readonly certificate: string | Uint8Array;
  readonly key: string | Uint8Array;
  /** Clients must show a certificate signed by one of these. Default: they need none. */
  readonly clientAuthorities?: string | Uint8Array;
}

export interface CoreOptions {
  readonly address: Address;
  readonly tls?: TlsOptions | undefined;
  readonly limits: Limits;
}

/** Bounds on memory. */
export interface Limits {
  /** The longest message taken, in bytes. A body in Buffered mode is one message. */
  readonly messageBytes: number;
  /** Streams at a time on one connection; each request under way is one. */
  readonly streamsPerConnection: number;
  /** Bytes of one stream that may wait for a handler or for Envoy before no more of it are read. */
  readonly bufferedBytes: number;
}

/** A stream, as the protocol sees it. After `end` nothing may be called. */
export interface Transport {
  /** Sends an answer, and marks bytes of messages as handled. */
  send(response: ProcessingResponse, consumed: number): void;
  /** Sends an answer, and resolves when Envoy's window has taken it, or the stream is gone. */
  sendAndWait(response: ProcessingResponse): Promise<void>;
  /** Marks bytes of messages as handled, so that more are read. */
  consumed(bytes: number): void;
  /** Ends the stream. */
  end(status: number, message: string): void;
}

export interface Listener {
  /** 0 for a unix socket. */
  readonly port: number;
  /** What the health service says. */
  setServing(serving: boolean): void;
  /** Takes no more connections, tells Envoy with GOAWAY, and resolves when all streams have ended. */
  drain(): Promise<void>;
  /** Ends everything at once. */
  close(): void;
}
