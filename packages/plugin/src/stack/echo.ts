import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { VERIFY_ID, type Echo, type Seen } from './types.ts';

/** How many requests `seen` remembers, and how many bytes of bodies in all. */
const MAX_SEEN = 10_000;
const MAX_SEEN_BYTES = 256 * 1024 * 1024;

/**
 * Starts the upstream on a free port of 127.0.0.1. It answers every request with 200 and what it got, as JSON;
 * the trailers of a request come back as trailers of the answer too.
 */
export async function startEcho(): Promise<Echo> {
  const seen = new SeenRequests();
  const server = createServer(
    { keepAliveTimeout: 0, requestTimeout: 0, maxHeaderSize: 1024 * 1024 },
    (request, response) => {
      answer(request, response, seen).catch(() => response.destroy());
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    seen: (id) => seen.get(id),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, seen: SeenRequests): Promise<void> {
  const chunks: Buffer[] = [];
  let got: Seen;
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } finally {
    // One that breaks off under way has reached the upstream all the same.
    got = describe(request, Buffer.concat(chunks));
    seen.add(got);
  }

  const json = Buffer.from(JSON.stringify(got));
  const trailers = Object.entries(got.trailers ?? {});
  response.setHeader('content-type', 'application/json');
  if (trailers.length) response.setHeader('trailer', trailers.map(([name]) => name).join(', '));
  else response.setHeader('content-length', json.length);
  response.write(json);
  if (trailers.length) response.addTrailers(trailers);
  response.end();
}

function describe(request: IncomingMessage, body: Buffer): Seen {
  const text = utf8(body);
  const trailers = joined(request.rawTrailers);
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: joined(request.rawHeaders),
    ...(text === undefined ? { bodyBase64: body.toString('base64') } : { body: text }),
    ...(Object.keys(trailers).length ? { trailers } : {}),
  };
}

function joined(raw: readonly string[]): Record<string, string> {
  // A header may be called like something that every object has.
  const headers = new Map<string, string>();
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    const before = headers.get(name);
    const value = raw[index + 1] ?? '';
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(headers);
}

function utf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The latest requests that carry an id; the oldest are forgotten. */
class SeenRequests {
  readonly #requests = new Map<string, Seen>();
  #bytes = 0;

  get(id: string): Seen | undefined {
    return this.#requests.get(id);
  }

  add(request: Seen): void {
    const id = request.headers[VERIFY_ID];
    if (id === undefined) return;
    this.#forget(id);
    this.#requests.set(id, request);
    this.#bytes += sizeOf(request);
    for (const oldest of this.#requests.keys()) {
      if ((this.#requests.size <= MAX_SEEN && this.#bytes <= MAX_SEEN_BYTES) || oldest === id) break;
      this.#forget(oldest);
    }
  }

  #forget(id: string): void {
    const request = this.#requests.get(id);
    if (!request) return;
    this.#requests.delete(id);
    this.#bytes -= sizeOf(request);
  }
}

const sizeOf = ({ body, bodyBase64 }: Seen): number => (body ?? bodyBase64 ?? '').length;
