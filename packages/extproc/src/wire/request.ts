import { HttpHeaders } from '../headers.ts';
import type { BodyMode } from '../processor.ts';
import { fields } from './fields.ts';
import { Reader } from './reader.ts';

/** The part of an exchange that a message is about. */
export type Phase =
  | 'requestHeaders'
  | 'responseHeaders'
  | 'requestBody'
  | 'responseBody'
  | 'requestTrailers'
  | 'responseTrailers';

/** In the order of their fields, from 2 in `ProcessingRequest` and from 1 in `ProcessingResponse`. */
export const phases: readonly Phase[] = [
  'requestHeaders',
  'responseHeaders',
  'requestBody',
  'responseBody',
  'requestTrailers',
  'responseTrailers',
];

/** In the order of `BodySendMode`. */
export const bodyModes: readonly BodyMode[] = [
  'None',
  'Streamed',
  'Buffered',
  'BufferedPartial',
  'FullDuplexStreamed',
  'Grpc',
];

const noBytes = Buffer.alloc(0);
const firstPhase = fields.ProcessingRequest.request_headers;

/** A `ProcessingRequest`. Headers, attributes and metadata are read when somebody looks at them. */
export class ProcessingRequest {
  phase: Phase | undefined;
  /** Of a headers or trailers phase. */
  headers: HttpHeaders | undefined;
  /** Of a body phase. */
  body: Buffer = noBytes;
  endOfStream = false;
  attributes: Reader[] = none;
  metadata: Reader | undefined;
  /** Envoy wants no answers: `shadowMode` in the policy. */
  observability = false;
  /** Body modes of request and response, in the first message only. */
  modes: [request: BodyMode, response: BodyMode] | undefined;
  /** Bytes on the wire, which is what counts against limits. */
  readonly size: number;

  /** @throws {WireError} */
  constructor(message: Buffer) {
    this.size = message.length;
    const reader = new Reader(message);
    while (reader.next()) {
      const { field } = reader;
      switch (field) {
        case fields.ProcessingRequest.request_headers:
        case fields.ProcessingRequest.response_headers:
          this.phase = phases[field - firstPhase];
          this.#readHeaders(reader.message);
          break;
        case fields.ProcessingRequest.request_body:
        case fields.ProcessingRequest.response_body:
          this.phase = phases[field - firstPhase];
          this.#readBody(reader.message);
          break;
        case fields.ProcessingRequest.request_trailers:
        case fields.ProcessingRequest.response_trailers:
          this.phase = phases[field - firstPhase];
          this.endOfStream = true;
          this.#readTrailers(reader.message);
          break;
        case fields.ProcessingRequest.metadata_context:
          this.metadata = reader.message;
          break;
        case fields.ProcessingRequest.attributes:
          this.attributes = [...this.attributes, reader.message];
          break;
        case fields.ProcessingRequest.observability_mode:
          this.observability = reader.bool;
          break;
        case fields.ProcessingRequest.protocol_config:
          this.modes = readModes(reader.message);
      }
    }
  }

  #readHeaders(reader: Reader): void {
    let map: Reader | undefined;
    while (reader.next())
      if (reader.field === fields.HttpHeaders.headers) map = reader.message;
      else if (reader.field === fields.HttpHeaders.end_of_stream) this.endOfStream = reader.bool;
    this.headers = new HttpHeaders(map, this.endOfStream);
  }

  #readBody(reader: Reader): void {
    while (reader.next())
      if (reader.field === fields.HttpBody.body) this.body = reader.bytes;
      else if (reader.field === fields.HttpBody.end_of_stream) this.endOfStream = reader.bool;
  }

  #readTrailers(reader: Reader): void {
    let map: Reader | undefined;
    while (reader.next()) if (reader.field === fields.HttpTrailers.trailers) map = reader.message;
    this.headers = new HttpHeaders(map, true);
  }
}

const none: Reader[] = [];

function readModes(reader: Reader): [BodyMode, BodyMode] {
  const modes: [BodyMode, BodyMode] = ['None', 'None'];
  while (reader.next()) {
    const mode = bodyModes[reader.number] ?? 'None';
    if (reader.field === fields.ProtocolConfiguration.request_body_mode) modes[0] = mode;
    if (reader.field === fields.ProtocolConfiguration.response_body_mode) modes[1] = mode;
  }
  return modes;
}
