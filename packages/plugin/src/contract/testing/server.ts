import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { headersOf, type Headers, type Message } from '../message.ts';

/** A real HTTP server on loopback that stands for Envoy, the extension and the upstream together. */
export interface TestServer {
  readonly url: string;
  /** What arrived, by x-eg-verify-id. */
  readonly received: Map<string, Message>;
  seen(this: void, id: string): Message | undefined;
  close(): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse, got: Message) => void | Promise<void>;

/** Answers with what arrived, as JSON. */
export const echo: Answer = (_request, response, { method, path, headers, body, trailers }) => {
  const record = (of: Headers = new Map()) =>
    Object.fromEntries([...of].map(([name, values]) => [name, values.join(', ')]));
  response.setHeader('content-type', 'application/json');
  response.end(
    JSON.stringify({
      method,
      path,
      headers: record(headers),
      body: body?.toString(),
      trailers: record(trailers),
    }),
  );
};

export async function startServer(answer: Answer = echo): Promise<TestServer> {
  const received = new Map<string, Message>();
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const got = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: headersOf(request.rawHeaders),
        body: Buffer.concat(chunks),
        trailers: headersOf(request.rawTrailers),
      };
      received.set(String(request.headers['x-eg-verify-id']), got);
      await answer(request, response, got);
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    seen: (id) => received.get(id),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
