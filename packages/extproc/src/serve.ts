import { unlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CoreName, Limits, TlsOptions } from './core/core.ts';
import { loadCore } from './core/load.ts';
import { openToGroup, parseAddress, removeStaleSocket } from './listen.ts';
import { jsonLog, type Log } from './log.ts';
import { Metrics } from './metrics.ts';
import type { Observer } from './observer.ts';
import type { Processor } from './processor.ts';
import { Deadlines } from './protocol/deadlines.ts';
import { type Runtime, Stream } from './protocol/stream.ts';

/** How to serve. Every option has a default that suits a Deployment. */
export interface ServeOptions {
  /** `:9002`, `host:port` or `unix:/path/to.sock`. Default: the environment's LISTEN, else `:9002`. */
  readonly listen?: string;
  /** Default: no TLS, as within a pod or mesh. */
  readonly tls?: TlsOptions;
  /** Time for a handler to decide, in ms. Keep it near the policy's messageTimeout. Default: 10,000. */
  readonly handlerTimeout?: number;
  /** Time for exchanges to end after SIGTERM, in ms. Default: the environment's SHUTDOWN_TIMEOUT (`20s`), else 20,000. */
  readonly shutdownTimeout?: number;
  /** Time between reporting NOT_SERVING and refusing connections, in ms, for load balancers to notice. Default: 0. */
  readonly drainDelay?: number;
  /** Default: messages up to 64 MiB, 2^20 streams a connection, 256 KiB buffered a stream. */
  readonly limits?: Partial<Limits>;
  /** Default `auto`: native where there is one for the platform, else grpc-js with a notice. */
  readonly core?: CoreName | 'auto';
  /** Default: JSON lines on stderr, from the environment's LOG_LEVEL (`info`) up. */
  readonly log?: Log;
  /** Serves Prometheus metrics over HTTP at `/metrics`, at `:port` or `host:port`. Default: not. */
  readonly metrics?: string;
  /** Sees each call of a handler, for tracing. */
  readonly observer?: Observer;
  /** Shuts down on SIGTERM and SIGINT, and then ends the process; a second signal ends it at once. Default: true. */
  readonly signals?: boolean;
}

/** A server that runs. */
export interface Server {
  /** Where it listens, with the port it got. */
  readonly address: string;
  readonly core: CoreName;
  /** The metrics in the text format of Prometheus. */
  metrics(): string;
  /** Sets what the health service reports. */
  setServing(serving: boolean): void;
  /** Reports NOT_SERVING, sends GOAWAY, and resolves when all exchanges have ended or `shutdownTimeout` has passed. */
  shutdown(): Promise<void>;
}

const defaultLimits: Limits = {
  messageBytes: 64 << 20,
  streamsPerConnection: 1 << 20,
  bufferedBytes: 256 << 10,
};

/**
 * Serves a processor to Envoy. A function instead of a processor makes one for each exchange, whose fields can carry what
 * one phase learned to the next.
 * @throws {Error} when it cannot listen, or no core can be loaded
 */
export async function serve(
  processor: Processor | (() => Processor),
  options: ServeOptions = {},
): Promise<Server> {
  const log = options.log ?? jsonLog(process.env.LOG_LEVEL);
  const address = parseAddress(options.listen ?? process.env.LISTEN ?? ':9002');
  const shutdownTimeout = options.shutdownTimeout ?? duration('SHUTDOWN_TIMEOUT', 20_000);
  const handlerTimeout = options.handlerTimeout ?? 10_000;
  const metrics = new Metrics();
  const runtime: Runtime = {
    create: typeof processor === 'function' ? processor : () => processor,
    deadlines: new Deadlines(handlerTimeout),
    handlerTimeout,
    metrics,
    log,
    observer: options.observer,
  };
  const core = await loadCore(options.core ?? 'auto', log);
  if ('path' in address) await removeStaleSocket(address.path);
  const listener = await core.listen(
    { address, tls: options.tls, limits: { ...defaultLimits, ...options.limits } },
    (transport) => new Stream(transport, runtime),
  );
  if ('path' in address) openToGroup(address.path);
  const stopMetrics =
    options.metrics === undefined ? undefined : await serveMetrics(options.metrics, metrics);

  const name = 'path' in address ? `unix:${address.path}` : `${address.host}:${listener.port}`;
  log({ level: 'info', message: 'listening', address: name, core: core.name });

  let shuttingDown: Promise<void> | undefined;
  const shutdown = async () => {
    log({ level: 'info', message: 'shutting down', timeout: shutdownTimeout });
    listener.setServing(false);
    await sleep(options.drainDelay ?? 0);
    const timer = new AbortController();
    const late = sleep(shutdownTimeout, true, { signal: timer.signal }).catch(() => false);
    if (await Promise.race([listener.drain().then(() => false), late]))
      log({ level: 'warn', message: 'exchanges cut off at the end of the timeout', active: metrics.active });
    timer.abort();
    listener.close();
    stopMetrics?.();
    if ('path' in address) removeSocket(address.path);
  };
  const server: Server = {
    address: name,
    core: core.name,
    metrics: () => metrics.render(),
    setServing: (serving) => listener.setServing(serving),
    shutdown: () => (shuttingDown ??= shutdown()),
  };
  if (options.signals ?? true) onSignals(() => server.shutdown());
  return server;
}

function onSignals(shutdown: () => Promise<void>): void {
  const handle = (signal: NodeJS.Signals) => {
    for (const each of ['SIGTERM', 'SIGINT'] as const) process.off(each, handle);
    void shutdown().then(() => process.exit(signal === 'SIGTERM' ? 0 : 130));
  };
  process.on('SIGTERM', handle).on('SIGINT', handle);
}

/** Starts the HTTP server of the metrics, and returns what stops it. */
async function serveMetrics(listen: string, metrics: Metrics): Promise<() => void> {
  const address = parseAddress(listen);
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(metrics.render());
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(address, resolve));
  server.unref();
  return () => server.close();
}

function removeSocket(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Node removes the socket of grpc-js itself.
  }
}

/** Reads a duration such as `500ms`, `20s` or `1m` from the environment. */
function duration(name: string, otherwise: number): number {
  const text = process.env[name];
  if (!text) return otherwise;
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? [];
  if (!number || !unit)
    throw new Error(`${name} has to be a duration such as 20s, not ${JSON.stringify(text)}`);
  return Number(number) * { ms: 1, s: 1_000, m: 60_000 }[unit as 'ms' | 's' | 'm'];
}
