import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Processor } from '../processor.ts';
import { cores, type Rig, startRig } from './rig.ts';

const processor: Processor = {
  onRequestHeaders: async () => Promise.resolve({ set: { 'x-request': '1' } }),
  onResponseHeaders: () => ({ set: { 'x-response': '1' } }),
};

/** Sends requests from some clients until told to stop, and counts the statuses. */
function load(rig: Rig, clients = 32) {
  const statuses = new Map<number | string, number>();
  let running = true;
  const client = async () => {
    while (running) {
      const status = await rig.send({ path: '/direct' }).then(
        (reply) => (reply.headers['x-response'] ? reply.status : `${reply.status} unprocessed`),
        (error: unknown) => String(error),
      );
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  const done = Promise.all(Array.from({ length: clients }, client));
  return async () => {
    running = false;
    await done;
    return Object.fromEntries(statuses);
  };
}

/**
 * Clients that hang up while a request of theirs is with the processor. Each gets one answer before it does so again, so
 * that no more than 100 resets come at once: Envoy itself closes a connection for which more than 1,000 wait.
 */
async function storm(rig: Rig, ms: number): Promise<number> {
  const end = performance.now() + ms;
  let aborts = 0;
  const client = async () => {
    while (performance.now() < end) {
      await rig.send({ path: '/direct' });
      const outgoing = request({ socketPath: rig.sockets.front, path: '/direct' });
      outgoing.on('error', () => undefined).end();
      await sleep(Math.random() * 3);
      outgoing.destroy();
      aborts++;
    }
  };
  await Promise.all(Array.from({ length: 100 }, client));
  return aborts;
}

describe.each(cores)('%s', (core) => {
  let rig: Rig;
  afterEach(() => rig.stop());

  test('no request fails under load, nor in a storm of aborts', async () => {
    rig = await startRig({ core, processor });
    await rig.send();
    const before = process.memoryUsage().rss;
    const stop = load(rig);
    const aborts = await storm(rig, 6_000);
    const statuses = await stop();
    expect(aborts).toBeGreaterThan(500);
    expect(Object.keys(statuses)).toEqual(['200']);
    expect(statuses['200']).toBeGreaterThan(200);
    const stats = await rig.stats();
    expect(stats.get('http.front.downstream_rq_5xx')).toBe(0);
    if (core === 'native') expect(stats.get('cluster.processor.upstream_cx_total')).toBe(1);
    expect(process.memoryUsage().rss - before).toBeLessThan(128 << 20);
  });

  test('no request fails while replicas restart', async () => {
    rig = await startRig({
      core,
      processor,
      replicas: 2,
      serve: { drainDelay: 500, shutdownTimeout: 10_000 },
    });
    await sleep(200);
    const stop = load(rig, 16);
    for (let round = 0; round < 2; round++)
      for (const [i, path] of rig.sockets.processors.entries()) {
        await rig.servers[i]?.shutdown();
        rig.servers[i] = await rig.startServer(path);
        await sleep(300);
      }
    const statuses = await stop();
    expect(Object.keys(statuses)).toEqual(['200']);
    expect((await rig.stats()).get('http.front.downstream_rq_5xx')).toBe(0);
  });

  test('a stream under way ends before the server does', async () => {
    rig = await startRig({
      core,
      processor: { onRequestHeaders: () => sleep(500, { set: { 'x-slow': '1' } }) },
    });
    const reply = rig.send();
    await sleep(100);
    const [server] = rig.servers;
    const stopped = server?.shutdown();
    expect((await reply).upstream?.headers['x-slow']).toBe('1');
    await stopped;
    expect(server?.metrics()).toContain('extproc_streams_active 0');
  });

  test('a stream that does not end is cut off', async () => {
    rig = await startRig({
      core,
      processor: { onRequestHeaders: () => new Promise(() => undefined) },
      serve: { shutdownTimeout: 200 },
    });
    const reply = rig.send();
    await sleep(100);
    await rig.servers[0]?.shutdown();
    expect((await reply).status).toBeGreaterThanOrEqual(500);
    expect(rig.logs.some(({ level }) => level === 'warn')).toBe(true);
  });

  test('Envoy restarts', async () => {
    rig = await startRig({ core, processor });
    await rig.send();
    const stop = load(rig, 8);
    await sleep(200);
    await rig.restartEnvoy();
    await stop();
    expect((await rig.send()).status).toBe(200);
    await sleep(100);
    expect(rig.servers[0]?.metrics()).toContain('extproc_streams_active 0');
  });
});
