export type { Attributes } from './attributes.ts';
export type { CoreName, Limits, TlsOptions } from './core/core.ts';
export type { Exchange, Metadata } from './exchange.ts';
export type { HttpHeaders } from './headers.ts';
export type { Log, LogEntry } from './log.ts';
export type { Observer } from './observer.ts';
export type {
  Body,
  BodyDecision,
  BodyMode,
  HeaderChanges,
  HeadersDecision,
  HeaderValues,
  ModeOverride,
  Processor,
  Respond,
  Result,
  StreamItem,
  TrailersDecision,
} from './processor.ts';
export { type Server, serve, type ServeOptions } from './serve.ts';
export { ExtProcError, GrpcStatus } from './status.ts';
export type { Phase } from './wire/request.ts';
export type { JsonObject, JsonValue } from './wire/struct.ts';
