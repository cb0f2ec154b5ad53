import type { Exchange } from './exchange.ts';
import type { Phase } from './wire/request.ts';

/**
 * Sees each call of a handler: what it takes to make spans of OpenTelemetry, without a dependency on it. The trace
 * context of the request is in `exchange.requestHeaders`.
 */
export interface Observer {
  /** Called before a handler. What it returns is called when the handler has decided, with the error if it failed. */
  handling(phase: Phase, exchange: Exchange): ((error?: unknown) => void) | void;
}
