import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { envoyConfig } from '../../../packages/extproc/src/conformance/config.ts';
import { start, stop } from '../../../packages/plugin/src/lib/exec.ts';
import { findEnvoy } from '../../../packages/plugin/src/stack/find-envoy.ts';
import { run } from '../../lib/run.mjs';

/** A server to measure. */
export interface Subject {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** What the policy has to set for it. */
  readonly maxRequestsPerConnection?: number;
}

export interface Measured {
  readonly perSecond: number;
  /** In ms. */
  readonly p50: number;
  readonly p99: number;
  readonly errors: number;
  /** CPU time of the server, in µs a request. */
  readonly cpu: number;
  /** In MB. */
  readonly memory: number;
  /** The same with clients that hang up all the time. */
  readonly storm: {
    readonly aborts: number;
    readonly errors: number;
    /** Opened anew while anything was measured: each is one that broke, or was used up. */
    readonly connections: number;
  };
}

/** Measures one server behind an Envoy of its own. Linux only: CPU time comes from /proc. */
export async function measure(subject: Subject, seconds: number): Promise<Measured> {
  const directory = mkdtempSync(join(tmpdir(), 'extproc-bench-'));
  const at = (name: string) => join(directory, name);
  const port = await freePort();
  const processor = at('processor');
  const sockets = {
    front: port,
    admin: at('admin'),
    upstream: at('upstream'),
    processors: [processor],
    accessLog: '/dev/null',
  };
  const { command, args, maxRequestsPerConnection } = subject;
  writeFileSync(at('envoy.json'), envoyConfig(sockets, { maxRequestsPerConnection }));
  const env = {
    LISTEN: `unix:${processor}`,
    REQUEST_HEADER: 'x-eg-request: my-filter',
    RESPONSE_HEADER: 'x-eg-response: my-filter',
    DENY_HEADER: 'x-eg-deny: true',
  };
  const server = await start({ command, args, env }, 'ignore');
  const envoy = await start(
    {
      command: (await findEnvoy(undefined, () => undefined)).path,
      args: ['-c', at('envoy.json'), '--concurrency', '1', '--disable-hot-restart', '-l', 'off'],
    },
    'ignore',
  );
  try {
    await untilReady(port);
    await wrk(port, 1);
    const statistic = async (name: string) =>
      Number(/: (\d+)/.exec(await get({ socketPath: sockets.admin, path: `/stats?filter=^${name}$` }))?.[1]);
    const failed = () => statistic('http.front.downstream_rq_5xx');
    const connections = () => statistic('cluster.processor.upstream_cx_total');
    const before = { cpu: cpuTime(server.pid), errors: await failed(), connections: await connections() };
    const load = await wrk(port, seconds);
    const after = { cpu: cpuTime(server.pid), errors: await failed() };
    const [, aborts] = await Promise.all([
      wrk(port, seconds),
      run(process.execPath, [join(import.meta.dirname, 'storm.mjs'), String(port), String(seconds)]),
    ]);
    return {
      ...load,
      errors: after.errors - before.errors,
      cpu: (after.cpu - before.cpu) / load.requests,
      memory: residentMemory(server.pid),
      storm: {
        aborts: Number(aborts),
        errors: (await failed()) - after.errors,
        connections: (await connections()) - before.connections,
      },
    };
  } finally {
    await stop(envoy);
    await stop(server);
    rmSync(directory, { recursive: true });
  }
}

async function wrk(port: number, seconds: number) {
  const output = await run('wrk', [
    ...['-t1', '-c32', `-d${seconds}s`, '--latency'],
    `http://127.0.0.1:${port}/direct`,
  ]);
  const latency = (percentile: number) => {
    const [, value, unit] = new RegExp(`${percentile}%\\s+([\\d.]+)(us|ms|s)`).exec(output) ?? [];
    return Number(value) * (unit === 'us' ? 0.001 : unit === 'ms' ? 1 : 1_000);
  };
  return {
    requests: Number(/(\d+) requests in/.exec(output)?.[1]),
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]),
    p50: latency(50),
    p99: latency(99),
  };
}

/** Of a process, user and system, in µs. */
function cpuTime(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

function residentMemory(pid: number | undefined): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
}

async function untilReady(port: number): Promise<void> {
  for (let attempt = 0; attempt < 800; attempt++) {
    try {
      if ((await get({ port, path: '/direct' })) === 'ok') return;
    } catch {
      // Not yet.
    }
    await sleep(25);
  }
  throw new Error('Envoy or the processor does not start');
}

function get(where: { port?: number; socketPath?: string; path: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', agent: false, ...where }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
