import type { Transport } from '../core/core.ts';
import { Exchange } from '../exchange.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Observer } from '../observer.ts';
import type { ModeOverride, Processor } from '../processor.ts';
import { ExtProcError, GrpcStatus } from '../status.ts';
import { type Phase, ProcessingRequest } from '../wire/request.ts';
import type { ProcessingResponse } from '../wire/response.ts';
import type { Deadlines } from './deadlines.ts';
import { Direction } from './direction.ts';

/** What all streams of a server share. */
export interface Runtime {
  /** The processor of an exchange. */
  readonly create: () => Processor;
  readonly deadlines: Deadlines;
  /** Length of the deadlines, in ms. */
  readonly handlerTimeout: number;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly observer?: Observer | undefined;
}

/** An exchange as the protocol has it: one gRPC stream. The core calls it, and gets answers through the transport. */
export class Stream {
  readonly transport: Transport;
  readonly runtime: Runtime;
  readonly exchange = new Exchange();
  processor: Processor = {};
  ended = false;
  readonly #request = new Direction(this, 'request');
  readonly #response = new Direction(this, 'response');
  #halfClosed = false;

  constructor(transport: Transport, runtime: Runtime) {
    this.transport = transport;
    this.runtime = runtime;
    runtime.metrics.opened();
    try {
      this.processor = runtime.create();
    } catch (error) {
      this.fail(undefined, error);
    }
  }

  /** A message from Envoy. Its bytes may be kept. */
  message(bytes: Buffer): void {
    if (this.ended) return;
    let message;
    try {
      message = new ProcessingRequest(bytes);
    } catch (error) {
      this.fail(undefined, new ExtProcError(GrpcStatus.INVALID_ARGUMENT, String(error)));
      return;
    }
    if (message.modes) [this.#request.mode, this.#response.mode] = message.modes;
    this.exchange.observe(message.attributes, message.metadata);
    if (!message.phase)
      // Kinds of messages that are newer than this package ask for nothing that it has agreed to.
      this.transport.consumed(message.size);
    else if (message.phase.startsWith('request')) this.#request.accept(message);
    else this.#response.accept(message);
  }

  /** Envoy will send no more. */
  halfClosed(): void {
    this.#halfClosed = true;
    this.settled();
  }

  /** The stream is gone. */
  cancelled(): void {
    if (!this.ended) this.#finish(GrpcStatus.CANCELLED);
  }

  /** The body modes that are in force. */
  get modes() {
    return { requestBody: this.#request.mode, responseBody: this.#response.mode };
  }

  override({ requestBody, responseBody }: ModeOverride): void {
    if (requestBody) this.#request.mode = requestBody;
    if (responseBody) this.#response.mode = responseBody;
  }

  /** Answers the client, which ends the exchange. */
  respond(response: ProcessingResponse): void {
    this.runtime.metrics.responded();
    this.transport.send(response, 0);
    this.#end(GrpcStatus.OK, '');
  }

  /** A side has nothing more to do for now. */
  settled(): void {
    if (this.#halfClosed && !this.ended && !this.#request.busy && !this.#response.busy)
      this.#end(GrpcStatus.OK, '');
  }

  /** Ends the exchange with an error, on which the policy's failOpen decides. */
  fail(phase: Phase | undefined, error: unknown): void {
    if (this.ended) return;
    const known = error instanceof ExtProcError;
    // What another error says is for the log: it may tell more than a client should read.
    const message = known ? error.message : `${phase ?? 'the processor'} failed`;
    this.runtime.log({ level: 'error', message: 'exchange failed', phase, error });
    this.#end(known ? error.status : GrpcStatus.INTERNAL, message);
  }

  timeout(): ExtProcError {
    return new ExtProcError(
      GrpcStatus.DEADLINE_EXCEEDED,
      `the handler took longer than ${this.runtime.handlerTimeout} ms`,
    );
  }

  #end(status: number, message: string): void {
    this.transport.end(status, message);
    this.#finish(status);
  }

  #finish(status: number): void {
    this.ended = true;
    this.runtime.metrics.ended(status);
    this.#request.cancel();
    this.#response.cancel();
    this.exchange.end();
  }
}
