import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { setImmediate } from 'node:timers/promises';
import { VERIFY_ID } from '../stack/types.ts';
import type { Request } from './contract.ts';
import { headersOf, onWire, type Message } from './message.ts';
import { formatMs } from './units.ts';

/** Longest answer that is read, in bytes; a longer one is cut off. */
const MAX_ANSWER = 256 * 1024 * 1024;

/** Size of the chunks of a body that is sent in chunks, in bytes. */
const CHUNK = 16 * 1024;

export interface Connection {
  /** `http://` or `https://`, host and port. */
  readonly origin: string;
  /** Sent with every request that does not set them itself. */
  readonly headers: Readonly<Record<string, string>>;
  /** How long to wait for the whole answer, in milliseconds. */
  readonly timeoutMs: number;
}

/** HTTP/1.1 connections that are kept open between requests. */
export class Client {
  readonly #connection: Connection;
  readonly #secure: boolean;
  readonly #agent: HttpAgent;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#secure = connection.origin.startsWith('https:');
    this.#agent = this.#secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  }

  /**
   * Sends one request and reads the whole answer.
   * @param id goes into the header by which the echo finds the request again
   * @throws Error saying why there is no (complete) answer.
   */
  async send(spec: Request, id: string): Promise<Message> {
    const { origin, timeoutMs } = this.#connection;
    const open = this.#secure ? httpsRequest : httpRequest;
    const request = open(origin, { method: spec.method, path: spec.path, agent: this.#agent });
    this.#setHeaders(request, spec, id);
    let timer: NodeJS.Timeout | undefined;
    let reusable = false;
    try {
      const late = new Promise<never>((_, reject) => {
        const error = new Error(`no complete answer within ${formatMs(timeoutMs)}`);
        timer = setTimeout(() => reject(error), timeoutMs);
      });
      const message = await Promise.race([answer(request, spec), late]);
      // An answer may come before the body is sent; the rest of the body is not wanted then.
      reusable = request.writableFinished;
      return message;
    } finally {
      clearTimeout(timer);
      if (!reusable) request.destroy();
    }
  }

  /** Ends every connection; requests under way fail. */
  close(): void {
    this.#agent.destroy();
  }

  #setHeaders(request: ClientRequest, spec: Request, id: string): void {
    for (const [name, value] of Object.entries(this.#connection.headers))
      request.setHeader(name, onWire(value));
    for (const [name, values] of spec.headers) request.setHeader(name, values.map(onWire));
    request.setHeader(VERIFY_ID, id);
    if (spec.trailers.length) request.setHeader('trailer', spec.trailers.map(([name]) => name).join(', '));
    const length = (spec.body?.chunks ?? []).reduce((sum, { length }) => sum + length, 0);
    if (spec.chunked) request.setHeader('transfer-encoding', 'chunked');
    else if (spec.body || !['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'].includes(spec.method))
      request.setHeader('content-length', length);
  }
}

function answer(request: ClientRequest, spec: Request): Promise<Message> {
  return new Promise((resolve, reject) => {
    let answered = false;
    request.once('response', (response) => {
      answered = true;
      read(response).then(resolve, reject);
    });
    request.on('error', (error) => {
      // A server that has answered need not read the rest of the body.
      if (!answered) reject(error);
    });
    void write(request, spec);
  });
}

async function write(request: ClientRequest, { body, chunked, trailers }: Request): Promise<void> {
  const pieces = body?.chunks ?? [];
  const [whole] = pieces;
  for (const piece of chunked && whole && pieces.length === 1 ? inChunks(whole) : pieces) {
    if (request.destroyed) return;
    // Each chunk leaves before the next one is written, so that they can arrive apart.
    await new Promise<void>((resolve) => void request.write(piece, () => resolve()));
    await setImmediate();
  }
  if (trailers.length)
    request.addTrailers(
      trailers.flatMap(([name, values]) => values.map((value) => [name, onWire(value)] as const)) as never,
    );
  request.end();
}

function* inChunks(bytes: Buffer): Iterable<Buffer> {
  for (let start = 0; start < bytes.length; start += CHUNK) yield bytes.subarray(start, start + CHUNK);
}

async function read(response: IncomingMessage): Promise<Message> {
  const chunks: Buffer[] = [];
  let length = 0;
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_ANSWER) response.destroy();
  });
  await new Promise((resolve) => response.once('close', resolve).once('error', resolve));
  if (!response.complete) throw new Error(`the answer ends after ${length} bytes, before it is complete`);
  return {
    status: response.statusCode ?? 0,
    headers: headersOf(response.rawHeaders),
    body: Buffer.concat(chunks),
    trailers: headersOf(response.rawTrailers),
  };
}
