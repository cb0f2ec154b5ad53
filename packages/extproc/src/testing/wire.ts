import type { BodyMode, HeaderChanges, ModeOverride, Respond } from '../processor.ts';
import { fields } from '../wire/fields.ts';
import { Reader } from '../wire/reader.ts';
import { bodyModes, type Phase, phases } from '../wire/request.ts';
import type { ProcessingResponse } from '../wire/response.ts';
import { type JsonObject, readStruct, writeStruct } from '../wire/struct.ts';
import { Writer } from '../wire/writer.ts';

/** Names and values, in order. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** A message as Envoy sends it. */
export interface EnvoyMessage {
  readonly phase: Phase;
  /** Of headers and trailers. */
  readonly headers?: HeaderList;
  readonly body?: Uint8Array;
  readonly endOfStream?: boolean;
  readonly attributes?: JsonObject;
  readonly metadata?: Readonly<Record<string, JsonObject>>;
  readonly modes?: readonly [request: BodyMode, response: BodyMode];
}

/** A `ProcessingRequest`, which only Envoy and tests write. */
export function encodeRequest(message: EnvoyMessage): Buffer {
  const { phase, attributes, metadata, modes } = message;
  const names = fields.ProcessingRequest;
  const writer = new Writer();
  const mark = writer.open(names.request_headers + phases.indexOf(phase));
  if (phase.endsWith('Body')) {
    writer.bytes(fields.HttpBody.body, message.body ?? '');
    writer.number(fields.HttpBody.end_of_stream, message.endOfStream ?? false);
  } else {
    // The map has the same number in HttpHeaders and HttpTrailers.
    const map = writer.open(fields.HttpHeaders.headers);
    for (const [name, value] of message.headers ?? []) {
      const header = writer.open(fields.HeaderMap.headers);
      writer.bytes(fields.HeaderValue.key, name);
      writer.bytes(fields.HeaderValue.raw_value, value);
      writer.close(header);
    }
    writer.close(map);
    if (phase.endsWith('Headers'))
      writer.number(fields.HttpHeaders.end_of_stream, message.endOfStream ?? false);
  }
  writer.close(mark);
  if (attributes) writeEntry(writer, names.attributes, 'envoy.filters.http.ext_proc', attributes);
  if (metadata) {
    const context = writer.open(names.metadata_context);
    for (const [namespace, values] of Object.entries(metadata))
      writeEntry(writer, fields.Metadata.filter_metadata, namespace, values);
    writer.close(context);
  }
  if (modes) {
    const config = writer.open(names.protocol_config);
    writer.number(fields.ProtocolConfiguration.request_body_mode, bodyModes.indexOf(modes[0]));
    writer.number(fields.ProtocolConfiguration.response_body_mode, bodyModes.indexOf(modes[1]));
    writer.close(config);
  }
  return writer.take();
}

function writeEntry(writer: Writer, field: number, key: string, value: JsonObject): void {
  const entry = writer.open(field);
  writer.bytes(fields.FieldsEntry.key, key);
  const mark = writer.open(fields.FieldsEntry.value);
  writeStruct(writer, value);
  writer.close(mark);
  writer.close(entry);
}

/** A `ProcessingResponse`, which only Envoy and tests read. */
export function decodeResponse(message: Buffer): ProcessingResponse {
  const names = fields.ProcessingResponse;
  const response: ProcessingResponse = {};
  for (const reader = new Reader(message); reader.next();)
    switch (reader.field) {
      case names.immediate_response:
        response.respond = readImmediate(reader.message);
        break;
      case names.dynamic_metadata:
        response.dynamicMetadata = readStruct(reader.message);
        break;
      case names.mode_override:
        response.modeOverride = readMode(reader.message);
        break;
      default:
        response.phase = phases[reader.field - 1];
        if (response.phase?.endsWith('Trailers')) {
          for (const answer = reader.message; answer.next();) response.changes = readChanges(answer.message);
        } else {
          for (const answer = reader.message; answer.next();) readCommon(answer.message, response);
        }
    }
  return response;
}

function readCommon(reader: Reader, response: ProcessingResponse): void {
  const names = fields.CommonResponse;
  while (reader.next())
    switch (reader.field) {
      case names.status:
        response.replace = reader.bool;
        break;
      case names.header_mutation:
        response.changes = readChanges(reader.message);
        break;
      case names.clear_route_cache:
        response.clearRouteCache = reader.bool;
        break;
      case names.body_mutation:
        readBody(reader.message, response);
    }
}

function readBody(reader: Reader, response: ProcessingResponse): void {
  while (reader.next())
    if (reader.field === fields.BodyMutation.body) response.body = reader.bytes;
    else if (reader.field === fields.BodyMutation.clear_body) response.body = Buffer.alloc(0);
    else {
      response.body = Buffer.alloc(0);
      response.chunk = { endOfStream: false };
      for (const chunk = reader.message; chunk.next();)
        if (chunk.field === fields.StreamedBodyResponse.body) response.body = chunk.bytes;
        else if (chunk.field === fields.StreamedBodyResponse.end_of_stream)
          response.chunk = { endOfStream: chunk.bool };
    }
}

function readChanges(reader: Reader): HeaderChanges {
  const set: Record<string, string[]> = {};
  const append: Record<string, string[]> = {};
  const remove: string[] = [];
  while (reader.next())
    if (reader.field === fields.HeaderMutation.remove_headers) remove.push(reader.string);
    else {
      let [name, value, appends] = ['', '', false];
      for (const option = reader.message; option.next();)
        if (option.field === fields.HeaderValueOption.header)
          for (const header = option.message; header.next();)
            if (header.field === fields.HeaderValue.key) name = header.string;
            else value = header.string;
        else if (option.field === fields.HeaderValueOption.append)
          for (const flag = option.message; flag.next();) appends = flag.bool;
      const into = appends && !(name in set) ? append : set;
      (into[name] ??= []).push(value);
    }
  return { set, append, remove };
}

function readImmediate(reader: Reader): Respond {
  const names = fields.ImmediateResponse;
  let respond: Respond = { status: 200 };
  while (reader.next())
    switch (reader.field) {
      case names.status:
        for (const status = reader.message; status.next();) respond = { ...respond, status: status.number };
        break;
      case names.headers:
        respond = { ...respond, headers: readChanges(reader.message).set ?? {} };
        break;
      case names.body:
        respond = { ...respond, body: reader.string };
        break;
      case names.grpc_status:
        for (const status = reader.message; status.next();)
          respond = { ...respond, grpcStatus: status.number };
        break;
      case names.details:
        respond = { ...respond, details: reader.string };
    }
  return respond;
}

function readMode(reader: Reader): ModeOverride {
  const names = fields.ProcessingMode;
  let mode: ModeOverride = { requestBody: 'None', responseBody: 'None' };
  while (reader.next()) {
    const send = reader.number === 1;
    if (reader.field === names.request_body_mode) mode = { ...mode, requestBody: bodyModes[reader.number] };
    if (reader.field === names.response_body_mode) mode = { ...mode, responseBody: bodyModes[reader.number] };
    if (reader.field === names.response_header_mode) mode = { ...mode, responseHeaders: send };
    if (reader.field === names.request_trailer_mode) mode = { ...mode, requestTrailers: send };
    if (reader.field === names.response_trailer_mode) mode = { ...mode, responseTrailers: send };
  }
  return mode;
}
