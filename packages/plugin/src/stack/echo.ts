import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SeenRequests } from './seen.ts';
import type { Echo, Seen } from './types.ts';

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
