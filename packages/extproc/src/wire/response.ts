import type { HeaderChanges, ModeOverride, Respond } from '../processor.ts';
import { enums, fields } from './fields.ts';
import { bodyModes, type Phase, phases } from './request.ts';
import { type JsonObject, writeStruct } from './struct.ts';
import type { Writer } from './writer.ts';

/** A `ProcessingResponse`: an answer to a phase, or to the client. */
export interface ProcessingResponse {
  /** The phase that is answered; without it, `respond` answers the client. */
  phase?: Phase;
  changes?: HeaderChanges;
  /** New body. With `chunk` it is a part of it, in FULL_DUPLEX_STREAMED. */
  body?: string | Uint8Array;
  chunk?: { endOfStream: boolean };
  /** The body takes the place of the one that Envoy has not sent yet. */
  replace?: boolean;
  clearRouteCache?: boolean;
  respond?: Respond;
  dynamicMetadata?: JsonObject;
  modeOverride?: ModeOverride;
}

/** Appends a message, without framing. */
export function writeResponse(writer: Writer, response: ProcessingResponse): void {
  const { phase, respond, dynamicMetadata, modeOverride } = response;
  if (respond) writeImmediate(writer, respond);
  else if (phase) writeAnswer(writer, phase, response);
  if (dynamicMetadata) {
    const mark = writer.open(fields.ProcessingResponse.dynamic_metadata);
    writeStruct(writer, dynamicMetadata);
    writer.close(mark);
  }
  if (modeOverride) writeMode(writer, modeOverride);
}

function writeAnswer(writer: Writer, phase: Phase, response: ProcessingResponse): void {
  const mark = writer.open(phases.indexOf(phase) + 1);
  const { changes } = response;
  if (phase.endsWith('Trailers')) {
    if (changes) writeChanges(writer, fields.TrailersResponse.header_mutation, changes);
  } else {
    // The same number in HeadersResponse and BodyResponse.
    const common = writer.open(fields.HeadersResponse.response);
    if (response.replace)
      writer.number(fields.CommonResponse.status, enums.ResponseStatus.CONTINUE_AND_REPLACE);
    if (changes) writeChanges(writer, fields.CommonResponse.header_mutation, changes);
    if (response.body !== undefined) writeBody(writer, response.body, response.chunk);
    writer.number(fields.CommonResponse.clear_route_cache, response.clearRouteCache ?? false);
    writer.close(common);
  }
  writer.close(mark);
}

function writeBody(writer: Writer, body: string | Uint8Array, chunk: ProcessingResponse['chunk']): void {
  const mark = writer.open(fields.CommonResponse.body_mutation);
  if (chunk) {
    const streamed = writer.open(fields.BodyMutation.streamed_response);
    writer.bytes(fields.StreamedBodyResponse.body, body);
    writer.number(fields.StreamedBodyResponse.end_of_stream, chunk.endOfStream);
    writer.close(streamed);
  } else if (body.length === 0) {
    writer.number(fields.BodyMutation.clear_body, true);
  } else {
    writer.bytes(fields.BodyMutation.body, body);
  }
  writer.close(mark);
}

function writeChanges(writer: Writer, field: number, { set, append, remove }: HeaderChanges): void {
  const mark = writer.open(field);
  // Loops over keys: entries() would make an array for each header.
  for (const name in set) writeValues(writer, name, set[name], false);
  for (const name in append) writeValues(writer, name, append[name], true);
  if (remove)
    for (const name of remove) writer.bytes(fields.HeaderMutation.remove_headers, name.toLowerCase());
  writer.close(mark);
}

function writeValues(
  writer: Writer,
  name: string,
  values: string | Uint8Array | readonly string[] | undefined,
  append: boolean,
): void {
  if (values === undefined) return;
  if (typeof values === 'string' || values instanceof Uint8Array) {
    writeHeader(writer, name, values, append);
    return;
  }
  for (const value of values) {
    writeHeader(writer, name, value, append);
    append = true;
  }
}

function writeHeader(writer: Writer, name: string, value: string | Uint8Array, append: boolean): void {
  const option = writer.open(fields.HeaderMutation.set_headers);
  const header = writer.open(fields.HeaderValueOption.header);
  writer.bytes(fields.HeaderValue.key, name.toLowerCase());
  writer.bytes(fields.HeaderValue.raw_value, value);
  writer.close(header);
  if (append) {
    // Envoy 1.40 heeds this field in ext_proc, and not its successor, append_action.
    const mark = writer.open(fields.HeaderValueOption.append);
    writer.number(fields.BoolValue.value, true);
    writer.close(mark);
  } else {
    const { OVERWRITE_IF_EXISTS_OR_ADD } = enums.HeaderAppendAction;
    writer.number(fields.HeaderValueOption.append_action, OVERWRITE_IF_EXISTS_OR_ADD);
  }
  writer.close(option);
}

function writeImmediate(writer: Writer, respond: Respond): void {
  const mark = writer.open(fields.ProcessingResponse.immediate_response);
  const status = writer.open(fields.ImmediateResponse.status);
  writer.number(fields.HttpStatus.code, respond.status);
  writer.close(status);
  if (respond.headers) writeChanges(writer, fields.ImmediateResponse.headers, { set: respond.headers });
  if (respond.body !== undefined) writer.bytes(fields.ImmediateResponse.body, respond.body);
  if (respond.grpcStatus !== undefined) {
    const grpc = writer.open(fields.ImmediateResponse.grpc_status);
    writer.number(fields.GrpcStatus.status, respond.grpcStatus);
    writer.close(grpc);
  }
  if (respond.details !== undefined) writer.bytes(fields.ImmediateResponse.details, respond.details);
  writer.close(mark);
}

function writeMode(writer: Writer, mode: ModeOverride): void {
  const names = fields.ProcessingMode;
  const mark = writer.open(fields.ProcessingResponse.mode_override);
  writer.number(names.response_header_mode, sendMode(mode.responseHeaders));
  writer.number(names.request_body_mode, bodyModes.indexOf(mode.requestBody ?? 'None'));
  writer.number(names.response_body_mode, bodyModes.indexOf(mode.responseBody ?? 'None'));
  writer.number(names.request_trailer_mode, sendMode(mode.requestTrailers));
  writer.number(names.response_trailer_mode, sendMode(mode.responseTrailers));
  writer.close(mark);
}

function sendMode(send: boolean | undefined): number {
  const { DEFAULT, SEND, SKIP } = enums.HeaderSendMode;
  return send === undefined ? DEFAULT : send ? SEND : SKIP;
}
