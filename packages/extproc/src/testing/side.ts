import type { BodyMode } from '../processor.ts';
import type { Stream } from '../protocol/stream.ts';
import type { Phase } from '../wire/request.ts';
import type { ProcessingResponse } from '../wire/response.ts';
import type { JsonObject } from '../wire/struct.ts';
import type { DriveOptions, Sends } from './index.ts';
import type { MemoryTransport } from './memory.ts';
import { applyChanges, bytesOf, Message, Responded } from './message.ts';
import { encodeRequest, type EnvoyMessage, type HeaderList } from './wire.ts';

/** What both sides of an exchange share. */
export interface Shared {
  readonly stream: Stream;
  readonly transport: MemoryTransport;
  readonly dynamicMetadata: Record<string, JsonObject>;
  readonly options: DriveOptions;
}

/** What Envoy does with a request or a response. */
export class Side {
  readonly #shared: Shared;
  readonly #side: 'request' | 'response';
  readonly #sendsHeaders: boolean;
  #mode: BodyMode;
  #trailers: boolean;

  constructor(shared: Shared, side: 'request' | 'response', sends: Sends) {
    this.#shared = shared;
    this.#side = side;
    this.#sendsHeaders = sends !== 'none';
    this.#mode = sends === 'none' || sends === 'headers' ? 'None' : sends;
    this.#trailers = shared.options.trailers ?? this.#mode === 'FullDuplexStreamed';
  }

  /** Passes a message through the processor. @throws {Responded} when that answers the client */
  async pass(message: Message, other: Side): Promise<Message> {
    let { headers, trailers, body } = message;
    const hasBody = message.chunks.length > 0;
    if (this.#sendsHeaders) {
      const { attributes, metadata } = this.#shared.options;
      const isRequest = this.#side === 'request';
      this.#send({
        phase: `${this.#side}Headers`,
        headers,
        endOfStream: !hasBody && !trailers.length,
        ...(attributes ? { attributes } : {}),
        ...(metadata ? { metadata } : {}),
        modes: isRequest ? [this.#mode, other.#mode] : [other.#mode, this.#mode],
      });
      const answer = await this.#answer();
      headers = applyChanges(headers, answer.changes ?? {});
      if (answer.modeOverride) {
        const { requestBody = 'None', responseBody = 'None' } = answer.modeOverride;
        [this.#mode, other.#mode] = isRequest ? [requestBody, responseBody] : [responseBody, requestBody];
        this.#trailers = answer.modeOverride[`${this.#side}Trailers`] ?? false;
      }
      if (answer.replace) {
        headers = headers.filter(([name]) => name !== 'content-length');
        return new Message(headers, bytesOf(answer.body ?? ''), []);
      }
    }
    if (this.#mode === 'FullDuplexStreamed') return this.#duplex(message, headers);
    if (hasBody && this.#mode !== 'None') {
      const chunks = this.#mode === 'Streamed' ? message.chunks : [message.body];
      const passed: Buffer[] = [];
      for (const [i, chunk] of chunks.entries()) {
        const endOfStream = i === chunks.length - 1 && !trailers.length;
        this.#send({ phase: `${this.#side}Body`, body: chunk, endOfStream });
        const answer = await this.#answer();
        if (this.#mode !== 'Streamed') headers = applyChanges(headers, answer.changes ?? {});
        passed.push(answer.body === undefined ? chunk : bytesOf(answer.body));
      }
      body = Buffer.concat(passed);
    }
    if (trailers.length && this.#trailers) {
      this.#send({ phase: `${this.#side}Trailers`, headers: trailers });
      trailers = applyChanges(trailers, (await this.#answer()).changes ?? {});
    }
    return new Message(headers, body, trailers);
  }

  /** In FULL_DUPLEX_STREAMED everything is sent, and whatever comes back is the message. */
  async #duplex({ chunks, trailers }: Message, headers: HeaderList): Promise<Message> {
    for (const [i, body] of chunks.entries()) {
      const endOfStream = i === chunks.length - 1 && !trailers.length;
      this.#send({ phase: `${this.#side}Body`, body, endOfStream });
    }
    if (trailers.length) this.#send({ phase: `${this.#side}Trailers`, headers: trailers });
    const passed: Buffer[] = [];
    if (chunks.length || trailers.length)
      for (;;) {
        const { body = '', chunk, changes, phase } = await this.#answer();
        passed.push(bytesOf(body));
        if (phase?.endsWith('Trailers'))
          return new Message(headers, passed, applyChanges(trailers, changes ?? {}));
        if (chunk?.endOfStream) break;
      }
    return new Message(headers, passed, []);
  }

  #send(message: EnvoyMessage): void {
    this.#shared.stream.message(encodeRequest(message));
  }

  async #answer(): Promise<ProcessingResponse & { phase?: Phase }> {
    const answer = await this.#shared.transport.next();
    Object.assign(this.#shared.dynamicMetadata, answer.dynamicMetadata);
    if (answer.respond) throw new Responded(answer.respond);
    return answer;
  }
}
