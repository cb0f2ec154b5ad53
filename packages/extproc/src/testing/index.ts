/**
 * Drives a processor in memory, through the bytes of the real protocol, as Envoy would: no server and no socket.
 * @module
 */
import type { Log } from '../log.ts';
import { Metrics } from '../metrics.ts';
import type { BodyMode, Processor } from '../processor.ts';
import { Deadlines } from '../protocol/deadlines.ts';
import { Stream } from '../protocol/stream.ts';
import type { JsonObject } from '../wire/struct.ts';
import { MemoryTransport } from './memory.ts';
import { applyChanges, bytesOf, listOf, Message, type MessageInit, Responded } from './message.ts';
import { Side } from './side.ts';

export type { MessageInit } from './message.ts';

/** What of a message Envoy sends: as in the policy's processingMode, `none` for nothing and `headers` for no body. */
export type Sends = 'none' | 'headers' | Exclude<BodyMode, 'None' | 'Grpc'>;

export interface DriveOptions {
  /** Default: headers. */
  readonly request?: Sends;
  /** Default: headers. */
  readonly response?: Sends;
  /** Trailers are sent, too. FullDuplexStreamed sends them always. Default: false. */
  readonly trailers?: boolean;
  /** What the policy's attributes would be. */
  readonly attributes?: JsonObject;
  /** Metadata of other filters, by namespace. */
  readonly metadata?: Readonly<Record<string, JsonObject>>;
  /** In ms. Default: 1,000. */
  readonly handlerTimeout?: number;
  /** Default: nothing is logged. */
  readonly log?: Log;
}

/** What has become of an exchange. */
export interface Outcome {
  /** The request as the upstream got it; undefined when the processor answered before. */
  readonly upstream: Message | undefined;
  /** The response as the client got it; its status is the pseudo-header `:status`. */
  readonly client: Message & { readonly status: number };
  /** What the processor gave to other filters, by namespace. */
  readonly dynamicMetadata: JsonObject;
}

/** Stands in for Envoy. */
export interface Driver {
  /**
   * Runs one exchange.
   * @param request default: `GET /`
   * @param response of the upstream; default: 200 without a body
   * @throws {ExtProcError} what Envoy would get from a processor that fails
   */
  exchange(request?: MessageInit, response?: MessageInit): Promise<Outcome>;
}

/** Makes a driver for a processor, or for a function that makes one for each exchange. */
export function drive(processor: Processor | (() => Processor), options: DriveOptions = {}): Driver {
  const { handlerTimeout = 1_000 } = options;
  const runtime = {
    create: typeof processor === 'function' ? processor : () => processor,
    deadlines: new Deadlines(handlerTimeout),
    handlerTimeout,
    metrics: new Metrics(),
    log: options.log ?? (() => undefined),
  };
  return {
    async exchange(request = {}, response = {}) {
      const transport = new MemoryTransport();
      const stream = new Stream(transport, runtime);
      const dynamicMetadata: Record<string, JsonObject> = {};
      const shared = { stream, transport, dynamicMetadata, options };
      const requestSide = new Side(shared, 'request', options.request ?? 'headers');
      const responseSide = new Side(shared, 'response', options.response ?? 'headers');
      let upstream: Message | undefined;
      try {
        upstream = await requestSide.pass(
          Message.from(request, { ':method': 'GET', ':scheme': 'http', ':authority': 'test', ':path': '/' }),
          responseSide,
        );
        const answer = Message.from(response, { ':status': '200' });
        const client = await responseSide.pass(answer, requestSide);
        return { upstream, client: withStatus(client), dynamicMetadata };
      } catch (error) {
        if (!(error instanceof Responded)) throw error;
        const { respond } = error;
        const headers = applyChanges(
          listOf({ ':status': String(respond.status), 'content-type': 'text/plain' }),
          { set: respond.headers },
        );
        const client = new Message(headers, bytesOf(respond.body ?? ''), []);
        return { upstream, client: withStatus(client), dynamicMetadata };
      } finally {
        stream.cancelled();
      }
    },
  };
}

function withStatus(message: Message): Message & { status: number } {
  return Object.assign(message, { status: Number(message.header(':status')) });
}
