import type { HeaderChanges, HeaderValues, Respond } from '../processor.ts';
import type { HeaderList } from './wire.ts';

/** A request or response to start from. */
export interface MessageInit {
  /** Added to the pseudo-headers, or replacing them. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** A list is a body that arrives in those chunks. */
  readonly body?: string | Uint8Array | readonly (string | Uint8Array)[];
  readonly trailers?: Readonly<Record<string, string | readonly string[]>>;
}

/** A request or response. */
export class Message {
  readonly headers: HeaderList;
  readonly body: Buffer;
  readonly trailers: HeaderList;
  /** The body as it arrives. */
  readonly chunks: readonly Buffer[];

  constructor(headers: HeaderList, body: Buffer | readonly Buffer[], trailers: HeaderList) {
    this.headers = headers;
    this.chunks = Buffer.isBuffer(body) ? (body.length ? [body] : []) : body;
    this.body = Buffer.isBuffer(body) ? body : Buffer.concat(body);
    this.trailers = trailers;
  }

  static from({ headers, body = '', trailers }: MessageInit, pseudo: Record<string, string>): Message {
    const whole = typeof body === 'string' || body instanceof Uint8Array;
    return new Message(
      listOf({ ...pseudo, ...lowerCase(headers ?? {}) }),
      whole ? bytesOf(body) : body.map(bytesOf),
      listOf(lowerCase(trailers ?? {})),
    );
  }

  /** All values of a header, joined as HTTP does; undefined when there is none. */
  header(name: string): string | undefined {
    return join(this.headers, name);
  }

  /** The same for a trailer. */
  trailer(name: string): string | undefined {
    return join(this.trailers, name);
  }

  /** The body as UTF-8. */
  text(): string {
    return this.body.toString();
  }
}

/** Carries an answer to the client past everything that would have followed. */
export class Responded extends Error {
  readonly respond: Respond;

  constructor(respond: Respond) {
    super('the processor has answered');
    this.respond = respond;
  }
}

function join(list: HeaderList, name: string): string | undefined {
  const values = list.filter(([known]) => known === name.toLowerCase()).map(([, value]) => value);
  return values.length ? values.join(', ') : undefined;
}

function lowerCase<T>(headers: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

export function bytesOf(body: string | Uint8Array): Buffer {
  return Buffer.from(body);
}

export function listOf(values: HeaderValues): HeaderList {
  return Object.entries(values).flatMap(([name, value]) =>
    (typeof value === 'string' || value instanceof Uint8Array ? [value] : value).map(
      (one) => [name.toLowerCase(), bytesOf(one).toString()] as const,
    ),
  );
}

/** Does to headers what Envoy does. */
export function applyChanges(headers: HeaderList, { set, append, remove }: HeaderChanges): HeaderList {
  const setList = listOf(set ?? {});
  const gone = new Set([...setList.map(([name]) => name), ...(remove ?? [])]);
  return [...headers.filter(([name]) => !gone.has(name)), ...setList, ...listOf(append ?? {})];
}
