import type { Exchange } from '../exchange.ts';
import type { HttpHeaders } from '../headers.ts';
import type { Body, BodyMode, Processor, Result } from '../processor.ts';
import { ExtProcError, GrpcStatus } from '../status.ts';
import type { Phase, ProcessingRequest } from '../wire/request.ts';
import { answer, type Decision, type Situation } from './answer.ts';
import type { Deadline } from './deadlines.ts';
import { chunksOf, Duplex } from './duplex.ts';
import type { Stream } from './stream.ts';

/** What the two sides of an exchange are called. */
const sides = {
  request: {
    headers: 'requestHeaders',
    trailers: 'requestTrailers',
    onHeaders: 'onRequestHeaders',
    onBody: 'onRequestBody',
    onTrailers: 'onRequestTrailers',
    onStream: 'onRequestStream',
  },
  response: {
    headers: 'responseHeaders',
    trailers: 'responseTrailers',
    onHeaders: 'onResponseHeaders',
    onBody: 'onResponseBody',
    onTrailers: 'onResponseTrailers',
    onStream: 'onResponseStream',
  },
} as const;

type HandlerName = Exclude<keyof Processor, 'onRequestStream' | 'onResponseStream'>;

/** A processor whose handlers are told apart by name alone. */
type Handlers = Readonly<
  Partial<Record<HandlerName, (value: unknown, exchange: Exchange) => Result<Decision>>>
>;

/** How far a side has come. Headers come once, then any number of body messages, then trailers once; each may lack. */
const place = { headers: 1, body: 2, trailers: 3, end: 4 } as const;

/**
 * The request or the response of an exchange. Its messages are handled one after the other; the two sides do not wait
 * for each other, since in the streamed modes both can be under way.
 */
export class Direction {
  mode: BodyMode = 'None';
  readonly #stream: Stream;
  readonly #side: (typeof sides)[keyof typeof sides];
  #place = 0;
  #waiting: ProcessingRequest[] | undefined;
  #busy = false;
  #duplex: Duplex | undefined;
  #duplexDone: Promise<void> | undefined;

  constructor(stream: Stream, side: keyof typeof sides) {
    this.#stream = stream;
    this.#side = sides[side];
  }

  /** A handler is at work. */
  get busy(): boolean {
    return this.#busy || this.#duplex !== undefined;
  }

  accept(message: ProcessingRequest): void {
    if (this.#busy) (this.#waiting ??= []).push(message);
    else this.#run(message);
  }

  cancel(): void {
    this.#waiting = undefined;
    this.#duplex?.cancel();
  }

  #run(message: ProcessingRequest | undefined): void {
    while (message && !this.#stream.ended) {
      const pending = this.#handle(message);
      if (pending) {
        this.#busy = true;
        void pending.then(() => {
          this.#busy = false;
          this.#run(this.#waiting?.shift());
        });
        return;
      }
      message = this.#waiting?.shift();
    }
    this.#stream.settled();
  }

  /** Returns a promise where the handler does; it never rejects, since errors end the stream. */
  #handle(message: ProcessingRequest): Promise<void> | undefined {
    const { phase, headers } = message;
    const { exchange, processor } = this.#stream;
    const side = this.#side;
    if (phase === side.headers) {
      if (!this.#enter(place.headers, message)) return;
      if (headers) exchange[side.headers] = headers;
      return this.#call(phase, message, side.onHeaders, headers);
    }
    if (phase === side.trailers) {
      if (!this.#enter(place.trailers, message)) return;
      if (headers) exchange[side.trailers] = headers;
      this.#duplex?.end();
      return this.#duplexDone
        ? this.#duplexDone.then(() => this.#call(phase, message, side.onTrailers, headers))
        : this.#call(phase, message, side.onTrailers, headers);
    }
    if (!phase || !this.#enter(place.body, message)) return;
    if (this.mode === 'FullDuplexStreamed' && processor[side.onStream]) this.#feed(phase, message);
    else return this.#call(phase, message, side.onBody, new ReceivedBody(message));
  }

  /** False, and the stream has ended, when the message comes out of order. */
  #enter(next: number, { endOfStream, phase }: ProcessingRequest): boolean {
    if (next < this.#place || (next === this.#place && next !== place.body)) {
      this.#stream.fail(phase, new ExtProcError(GrpcStatus.INVALID_ARGUMENT, 'messages out of order'));
      return false;
    }
    // Trailers are an end of their own: a body before them must not be ended.
    this.#place = endOfStream && next !== place.trailers ? place.end : next;
    return true;
  }

  #call(
    phase: Phase,
    message: ProcessingRequest,
    name: HandlerName,
    value: HttpHeaders | Body | undefined,
  ): Promise<void> | undefined {
    const stream = this.#stream;
    const handlers = stream.processor as Handlers;
    if (stream.ended) return;
    if (!handlers[name]) {
      this.#answer(phase, message, undefined);
      return;
    }
    const { runtime, exchange } = stream;
    const done = runtime.observer?.handling(phase, exchange);
    const started = performance.now();
    const settle = (decision: Decision | void) => {
      runtime.metrics.handled(phase, (performance.now() - started) / 1000);
      done?.();
      this.#answer(phase, message, decision);
    };
    const fail = (error: unknown) => {
      runtime.metrics.handled(phase, (performance.now() - started) / 1000);
      done?.(error);
      stream.fail(phase, error);
    };
    let result: Result<Decision>;
    try {
      result = handlers[name](value, exchange);
    } catch (error) {
      fail(error);
      return;
    }
    if (!isPromise(result)) {
      settle(result);
      return;
    }
    return new Promise((resolve) => {
      // Whatever comes first decides; a handler that answers too late finds the stream ended.
      const deadline = runtime.deadlines.set(() => {
        fail(stream.timeout());
        resolve();
      });
      const settled = (act: () => void) => {
        runtime.deadlines.clear(deadline);
        if (!stream.ended) act();
        resolve();
      };
      result.then(
        (decision) => settled(() => settle(decision)),
        (error: unknown) => settled(() => fail(error)),
      );
    });
  }

  #answer(phase: Phase, message: ProcessingRequest, decision: Decision | void): void {
    const stream = this.#stream;
    if (stream.ended) return;
    if (message.observability) {
      stream.transport.consumed(message.size);
      return;
    }
    try {
      const response = decision ? answer(decision, this.#situation(phase)) : { phase };
      if (response.respond) stream.respond(response);
      else if (this.mode === 'FullDuplexStreamed' && !phase.endsWith('Headers'))
        this.#answerChunk(phase, message, response);
      else stream.transport.send(response, message.size);
      if (response.modeOverride) stream.override(response.modeOverride);
    } catch (error) {
      stream.fail(phase, error);
    }
  }

  #situation(phase: Phase): Situation {
    const { modes, exchange } = this.#stream;
    const hasLength = () => exchange[this.#side.headers].has('content-length');
    return { phase, mode: this.mode, modes, hasLength };
  }

  /** In FULL_DUPLEX_STREAMED a body is passed on by sending it back. */
  #answerChunk(phase: Phase, message: ProcessingRequest, response: ReturnType<typeof answer>): void {
    const { transport } = this.#stream;
    const isBody = !phase.endsWith('Trailers');
    const { body = isBody ? message.body : '', ...rest } = response;
    if (isBody) {
      const chunks = chunksOf(body);
      for (const [i, chunk] of chunks.entries()) {
        const last = i === chunks.length - 1;
        transport.send(
          {
            ...(last ? rest : { phase }),
            body: chunk,
            chunk: { endOfStream: last && message.endOfStream },
          },
          last ? message.size : 0,
        );
      }
      return;
    }
    const bodyPhase = phase === 'requestTrailers' ? 'requestBody' : 'responseBody';
    if (body.length)
      for (const chunk of chunksOf(body))
        transport.send({ phase: bodyPhase, body: chunk, chunk: { endOfStream: false } }, 0);
    transport.send(rest, message.size);
  }

  /** Gives a chunk to the stream handler, which is started by the first one. */
  #feed(phase: Phase, message: ProcessingRequest): void {
    this.#duplex ??= this.#start(phase);
    this.#duplex.push(message.body, message.size);
    if (message.endOfStream) this.#duplex.end();
  }

  #start(phase: Phase): Duplex {
    const stream = this.#stream;
    const { runtime, transport, processor, exchange } = stream;
    let deadline: Deadline | undefined;
    const duplex = new Duplex({
      send: (body) => transport.sendAndWait({ phase, body, chunk: { endOfStream: false } }),
      consumed: (bytes) => {
        if (!stream.ended) transport.consumed(bytes);
      },
      working: (working) => {
        runtime.deadlines.clear(deadline);
        if (working && !stream.ended)
          deadline = runtime.deadlines.set(() => stream.fail(phase, stream.timeout()));
      },
    });
    const done = runtime.observer?.handling(phase, exchange);
    const started = performance.now();
    const run = async () => {
      try {
        const answered = await duplex.run((chunks) => {
          const items = processor[this.#side.onStream]?.(chunks, exchange);
          if (!items) throw new TypeError(`${this.#side.onStream} returned nothing to iterate over`);
          return items;
        });
        done?.();
        if (stream.ended) return;
        if (answered) stream.respond(answer(answered, this.#situation(phase)));
        else if (this.#place === place.end)
          transport.send({ phase, body: '', chunk: { endOfStream: true } }, 0);
      } catch (error) {
        done?.(error);
        if (!stream.ended) stream.fail(phase, error);
      } finally {
        runtime.deadlines.clear(deadline);
        runtime.metrics.handled(phase, (performance.now() - started) / 1000);
        this.#duplex = undefined;
        stream.settled();
      }
    };
    this.#duplexDone = run();
    return duplex;
  }
}

/** A body message; the text is decoded when it is asked for. */
class ReceivedBody implements Body {
  readonly #message: ProcessingRequest;

  constructor(message: ProcessingRequest) {
    this.#message = message;
  }

  get bytes(): Uint8Array {
    return this.#message.body;
  }

  get endOfStream(): boolean {
    return this.#message.endOfStream;
  }

  text(): string {
    return this.#message.body.toString();
  }
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
