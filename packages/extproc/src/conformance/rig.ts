import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { start, stop } from '../../../plugin/src/lib/exec.ts';
import { findEnvoy } from '../../../plugin/src/stack/find-envoy.ts';
import type { CoreName } from '../core/core.ts';
import type { LogEntry } from '../log.ts';
import type { Processor } from '../processor.ts';
import { serve, type ServeOptions } from '../serve.ts';
import { envoyConfig, type FilterOptions } from './config.ts';

export const cores: CoreName[] = ['native', 'grpc-js'];

export interface RigOptions extends FilterOptions {
  readonly core: CoreName;
  readonly processor: Processor | (() => Processor);
  readonly serve?: ServeOptions;
  /** Default: 1. */
  readonly replicas?: number;
}

export interface RequestOptions {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** An iterable is sent in chunks. */
  readonly body?: string | Buffer | Iterable<Buffer>;
  readonly trailers?: Record<string, string>;
  /** Takes the response's body, which is then not collected. */
  readonly sink?: (chunk: Buffer) => void;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly trailers: NodeJS.Dict<string>;
  /** Headers that the upstream got, with its trailers; undefined when it was not reached. */
  readonly upstream: { headers: Record<string, string>; trailers: Record<string, string> } | undefined;
}

/** A real Envoy between a client and an upstream that sends each body back, with one or more servers of a processor. */
export async function startRig(options: RigOptions) {
  const { path: envoyPath } = await findEnvoy(undefined, () => undefined);
  const directory = mkdtempSync(join(tmpdir(), 'extproc-'));
  const at = (name: string) => join(directory, name);
  const processors = Array.from({ length: options.replicas ?? 1 }, (_, i) => at(`p${i}`));
  const sockets = {
    front: at('front'),
    admin: at('admin'),
    upstream: at('upstream'),
    accessLog: at('access.log'),
    processors,
  };
  const logs: LogEntry[] = [];
  const startServer = (path: string) =>
    serve(options.processor, {
      signals: false,
      core: options.core,
      listen: `unix:${path}`,
      log: (entry) => logs.push(entry),
      ...options.serve,
    });
  const servers = await Promise.all(processors.map(startServer));
  const upstream = createServer((incoming, outgoing) => void echo(incoming, outgoing)).listen(
    sockets.upstream,
  );
  writeFileSync(at('envoy.json'), envoyConfig(sockets, withLimit(options)));
  let envoyLog = '';
  const startEnvoy = async () => {
    const started = await start({
      command: envoyPath,
      args: [
        '-c',
        at('envoy.json'),
        '--concurrency',
        '1',
        '--disable-hot-restart',
        '--file-flush-interval-msec',
        '20',
        '-l',
        'error',
      ],
    });
    started.stderr?.on('data', (text: Buffer) => (envoyLog += text.toString()));
    return started;
  };
  let envoy = await startEnvoy();
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const ready = async () => {
    for (let attempt = 0; ; attempt++)
      try {
        const { body } = await send(sockets.admin, agent, { path: '/ready' });
        if (body.toString().includes('LIVE')) return;
        throw new Error('not ready');
      } catch (error) {
        if (attempt > 200) throw new Error(`Envoy does not start: ${envoyLog}`, { cause: error });
        await sleep(20);
      }
  };
  const rig = {
    sockets,
    servers,
    startServer,
    logs,
    agent,
    send: (options: RequestOptions = {}) => send(sockets.front, agent, options),
    accessLog: () => readFileSync(sockets.accessLog, 'utf8'),
    /** Statistics of Envoy, by name. */
    stats: async () => {
      const { body } = await send(sockets.admin, agent, { path: '/stats' });
      return new Map(
        body
          .toString()
          .split('\n')
          .map((line) => line.split(': ') as [string, string])
          .map(([name, value]) => [name, Number(value)]),
      );
    },
    restartEnvoy: async () => {
      await stop(envoy);
      envoy = await startEnvoy();
      await ready();
    },
    stop: async () => {
      agent.destroy();
      await stop(envoy);
      await Promise.all(servers.map((server) => server.shutdown()));
      upstream.close();
      upstream.closeAllConnections();
      rmSync(directory, { recursive: true });
    },
  };
  await ready();
  return rig;
}

export type Rig = Awaited<ReturnType<typeof startRig>>;

/** Node's HTTP/2 needs what the notice of the grpc-js core says. */
function withLimit(options: RigOptions): FilterOptions {
  return options.core === 'grpc-js' ? { maxRequestsPerConnection: 900, ...options } : options;
}

/** Sends a body back as it comes, and tells in headers and trailers what else arrived. */
async function echo(incoming: IncomingMessage, response: ServerResponse) {
  response.writeHead(200, {
    // Headers are Latin-1 to Node; this way nothing is written twice.
    'x-upstream': encodeURIComponent(JSON.stringify(incoming.headers)),
    'transfer-encoding': 'chunked',
    trailer: 'x-upstream-trailers, x-trailer',
  });
  response.flushHeaders();
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>)
      if (!response.write(chunk)) await new Promise((resolve) => response.once('drain', resolve));
    if (incoming.headers['te'] === 'trailers')
      response.addTrailers({ 'x-upstream-trailers': JSON.stringify(incoming.trailers), 'x-trailer': '1' });
    response.end();
  } catch {
    response.destroy();
  }
}

function send(socketPath: string, agent: Agent, options: RequestOptions): Promise<Reply> {
  const { path = '/', body = '', trailers, sink } = options;
  const method = options.method ?? (body === '' ? 'GET' : 'POST');
  const chunked = trailers !== undefined || !(typeof body === 'string' || Buffer.isBuffer(body));
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        socketPath,
        agent,
        path,
        method,
        headers: {
          ...(trailers ? { te: 'trailers', trailer: Object.keys(trailers).join(', ') } : {}),
          ...(chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': Buffer.byteLength(body) }),
          ...options.headers,
        },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', sink ?? ((chunk: Buffer) => chunks.push(chunk)));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const seen = incoming.headers['x-upstream'] as string | undefined;
          const seenTrailers = incoming.trailers['x-upstream-trailers'];
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(chunks),
            trailers: incoming.trailers,
            upstream: seen
              ? {
                  headers: JSON.parse(decodeURIComponent(seen)) as Record<string, string>,
                  trailers: JSON.parse(seenTrailers ?? '{}') as Record<string, string>,
                }
              : undefined,
          });
        });
      },
    );
    outgoing.on('error', reject);
    void (async () => {
      if (typeof body === 'string' || Buffer.isBuffer(body)) outgoing.write(body);
      else
        for (const chunk of body)
          if (!outgoing.write(chunk)) await new Promise((resume) => outgoing.once('drain', resume));
      if (trailers) outgoing.addTrailers(trailers);
      outgoing.end();
    })();
  });
}
