import type { Exchange } from './exchange.ts';
import type { HttpHeaders } from './headers.ts';
import type { JsonObject } from './wire/struct.ts';

/**
 * Decides about HTTP exchanges: a request and the response to it. Write the handlers that matter; what has no handler
 * passes as it is. The policy's `processingMode` says which of them Envoy calls for.
 *
 * A handler returns its decision or a promise of it, or nothing to let the message pass. One that throws, rejects or
 * takes longer than `handlerTimeout` fails this exchange only: Envoy answers it with an error, or goes on without the
 * processor where the policy says `failOpen`.
 */
export interface Processor {
  onRequestHeaders?(headers: HttpHeaders, exchange: Exchange): Result<HeadersDecision>;
  /** Gets the body (Buffered, BufferedPartial) or its next chunk (Streamed, FullDuplexStreamed). */
  onRequestBody?(body: Body, exchange: Exchange): Result<BodyDecision>;
  onRequestTrailers?(trailers: HttpHeaders, exchange: Exchange): Result<TrailersDecision>;
  onResponseHeaders?(headers: HttpHeaders, exchange: Exchange): Result<HeadersDecision>;
  onResponseBody?(body: Body, exchange: Exchange): Result<BodyDecision>;
  onResponseTrailers?(trailers: HttpHeaders, exchange: Exchange): Result<TrailersDecision>;
  /**
   * For FullDuplexStreamed, instead of `onRequestBody`: reads the chunks of the body and yields those that replace them,
   * in its own sizes and at its own pace. The body ends when it returns.
   */
  onRequestStream?(chunks: AsyncIterable<Uint8Array>, exchange: Exchange): AsyncIterable<StreamItem>;
  onResponseStream?(chunks: AsyncIterable<Uint8Array>, exchange: Exchange): AsyncIterable<StreamItem>;
}

/** What a handler may return. */
export type Result<T> = T | void | Promise<T | void>;

/** What a stream handler may yield: a chunk of the new body, or an answer to the client, which ends the exchange. */
export type StreamItem = Uint8Array | string | { readonly respond: Respond };

/** A body, or the next chunk of it. */
export interface Body {
  /** Belongs to the handler, which may change it in place and return it. */
  readonly bytes: Uint8Array;
  /** Nothing follows. It stays false when trailers do. */
  readonly endOfStream: boolean;
  /** The body as UTF-8. A chunk may begin or end within a character: use `TextDecoder` with `stream` for those. */
  text(): string;
}

/** Header values by name. Several values become several headers. */
export type HeaderValues = Readonly<Record<string, string | Uint8Array | readonly string[]>>;

/** What may be done to headers or trailers. */
export interface HeaderChanges {
  /** Replaces headers, or adds them. */
  readonly set?: HeaderValues;
  /** Adds values to those that a header has. */
  readonly append?: HeaderValues;
  /** Takes headers out, by name. */
  readonly remove?: readonly string[];
}

interface Common {
  /** Answers the client at once. Everything else in the decision, save `dynamicMetadata`, is then ignored. */
  readonly respond?: Respond;
  /**
   * Becomes dynamic metadata, by namespace, for the filters that follow and for access logs. The policy has to list the
   * namespaces in `metadata.writableNamespaces`.
   */
  readonly dynamicMetadata?: Readonly<Record<string, JsonObject>>;
}

/** What shall happen to headers. */
export interface HeadersDecision extends Common, HeaderChanges {
  /** Has Envoy choose the route again, after a change to request headers that routes match on. */
  readonly clearRouteCache?: boolean;
  /** Becomes the whole body, and Envoy sends no more of this message. An empty string takes the body out. */
  readonly continueAndReplace?: string | Uint8Array;
  /** Changes what Envoy sends from here on; for policies with `allowModeOverride`, without FullDuplexStreamed. */
  readonly modeOverride?: ModeOverride;
}

/** What shall happen to a body or a chunk of it. Headers can be changed in Buffered and BufferedPartial mode only. */
export interface BodyDecision extends Common, HeaderChanges {
  /** Replaces the body, or this chunk of it; an empty one takes it out. */
  readonly body?: string | Uint8Array;
  /** Has Envoy choose the route again; Buffered and BufferedPartial mode only. */
  readonly clearRouteCache?: boolean;
}

/** What shall happen to trailers. */
export interface TrailersDecision extends Common, HeaderChanges {
  /** Goes in front of the trailers; FullDuplexStreamed only. */
  readonly body?: string | Uint8Array;
}

/** An answer that Envoy gives the client itself. */
export interface Respond {
  /** HTTP status, 200 to 599. */
  readonly status: number;
  /** The content type is text/plain unless set here. */
  readonly headers?: HeaderValues;
  readonly body?: string | Uint8Array;
  /** gRPC status for gRPC clients. Default: the one that Envoy maps `status` to. */
  readonly grpcStatus?: number;
  /** Appears in Envoy's access log, as %RESPONSE_CODE_DETAILS%. */
  readonly details?: string;
}

/** How Envoy sends bodies, in the words of the policy. */
export type BodyMode = 'None' | 'Streamed' | 'Buffered' | 'BufferedPartial' | 'FullDuplexStreamed' | 'Grpc';

/** What Envoy shall send from here on. Bodies that are not mentioned stay as they are. */
export interface ModeOverride {
  readonly requestBody?: BodyMode;
  readonly responseBody?: BodyMode;
  /** Default of Envoy: true. */
  readonly responseHeaders?: boolean;
  /** Default of Envoy: false. */
  readonly requestTrailers?: boolean;
  /** Default of Envoy: false. */
  readonly responseTrailers?: boolean;
}
