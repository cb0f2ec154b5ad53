import type {
  BodyDecision,
  BodyMode,
  HeaderChanges,
  HeadersDecision,
  ModeOverride,
  TrailersDecision,
} from '../processor.ts';
import { ExtProcError, GrpcStatus } from '../status.ts';
import type { Phase } from '../wire/request.ts';
import type { ProcessingResponse } from '../wire/response.ts';

/** What a handler of any phase may decide. */
export type Decision = HeadersDecision & BodyDecision & TrailersDecision;

/** What the rules about a decision depend on. */
export interface Situation {
  readonly phase: Phase;
  /** The body mode of the direction. */
  readonly mode: BodyMode;
  /** The body modes of the exchange, which a mode override keeps unless it says otherwise. */
  readonly modes: Required<Pick<ModeOverride, 'requestBody' | 'responseBody'>>;
  /** The direction's headers have a content-length. Looked up only where it matters. */
  readonly hasLength: () => boolean;
}

/**
 * Turns a decision into the message for Envoy.
 * @throws {ExtProcError} when it asks for what Envoy would ignore in silence or answer with a bare error
 */
export function answer(decision: Decision, situation: Situation): ProcessingResponse {
  const { phase, mode } = situation;
  const { respond, dynamicMetadata } = decision;
  if (respond) {
    if (!(Number.isInteger(respond.status) && respond.status >= 200 && respond.status <= 599))
      throw refused(phase, `respond with status ${respond.status}`);
    return { respond, dynamicMetadata };
  }
  const { set, append, remove, clearRouteCache } = decision;
  const response: ProcessingResponse = { phase, dynamicMetadata };
  if (set ?? append ?? remove) response.changes = { set, append, remove };
  if (clearRouteCache) response.clearRouteCache = true;
  if (phase.endsWith('Headers')) addToHeaders(response, decision, situation);
  else if (decision.modeOverride) throw refused(phase, 'change the mode after headers');
  else if (decision.continueAndReplace !== undefined)
    throw refused(phase, 'replace the message after headers');
  else if (phase.endsWith('Body')) addToBody(response, decision, situation);
  else if (decision.body !== undefined) {
    if (mode !== 'FullDuplexStreamed') throw refused(phase, 'add a body without FullDuplexStreamed');
    response.body = decision.body;
  }
  return response;
}

function addToHeaders(response: ProcessingResponse, decision: Decision, { phase, modes }: Situation): void {
  if (decision.body !== undefined) throw refused(phase, 'change the body here; continueAndReplace does');
  if (decision.continueAndReplace !== undefined) {
    response.replace = true;
    response.body = decision.continueAndReplace;
  }
  if (decision.modeOverride) {
    if (modes.requestBody === 'FullDuplexStreamed' || modes.responseBody === 'FullDuplexStreamed')
      throw refused(phase, 'change the mode of FullDuplexStreamed');
    response.modeOverride = { ...modes, ...decision.modeOverride };
  }
}

function addToBody(response: ProcessingResponse, decision: Decision, situation: Situation): void {
  const { phase, mode, hasLength } = situation;
  if (response.changes && mode !== 'Buffered' && mode !== 'BufferedPartial')
    throw refused(phase, `change headers with body mode ${mode}: they have been passed on by then`);
  if (decision.body === undefined) return;
  response.body = decision.body;
  // Envoy still has the headers, and fails the exchange when content-length does not fit the new body.
  if (mode === 'Buffered' && hasLength()) {
    const changes: HeaderChanges = response.changes ?? {};
    const length = String(
      typeof decision.body === 'string' ? Buffer.byteLength(decision.body) : decision.body.length,
    );
    response.changes = { ...changes, set: { ...changes.set, 'content-length': length } };
  }
}

function refused(phase: Phase, what: string): ExtProcError {
  return new ExtProcError(GrpcStatus.FAILED_PRECONDITION, `${phase}: cannot ${what}`);
}
