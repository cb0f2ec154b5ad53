import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Exchange } from '../exchange.ts';
import type { Processor } from '../processor.ts';
import { ExtProcError, GrpcStatus } from '../status.ts';
import { cores, type Rig, type RigOptions, startRig } from './rig.ts';

const body = { body: [Buffer.from('a1'), Buffer.from('b2')], trailers: { 'x-sent': 'v' } };
const denied = { respond: { status: 403, body: 'denied', headers: { 'x-why': 'no' }, details: 'by_test' } };
const everything = { request: 'FullDuplexStreamed', response: 'FullDuplexStreamed' } as const;
const seconds = (count: number) => count * 1_000;

describe.each(cores)('%s', (core) => {
  let rig: Rig;
  const using = async (options: Omit<RigOptions, 'core'>) => {
    rig = await startRig({ core, ...options });
    return rig;
  };
  afterEach(() => rig.stop());

  test('set, append and remove headers', async () => {
    await using({
      processor: {
        onRequestHeaders: (headers) => ({
          set: { 'X-Set': 'ä', 'x-twice': ['1', '2'], 'x-seen': headers.get('X-SENT') ?? '' },
          append: { 'x-sent': 'b' },
          remove: ['X-Gone'],
        }),
        onResponseHeaders: (headers) => ({
          set: { 'x-status': headers.get(':status') ?? '', 'x-a': ['1', '2'] },
        }),
      },
    });
    const { upstream, headers } = await rig.send({ headers: { 'x-sent': 'a', 'x-gone': 'x', 'x-set': 'y' } });
    expect(upstream?.headers).toMatchObject({ 'x-sent': 'a, b', 'x-twice': '1, 2', 'x-seen': 'a' });
    expect(Buffer.from(upstream?.headers['x-set'] ?? '', 'latin1').toString()).toBe('ä');
    expect(upstream?.headers).not.toHaveProperty('x-gone');
    expect(headers).toMatchObject({ 'x-status': '200', 'x-a': '1, 2' });
  });

  const bufferedBodies = { request: 'Buffered', response: 'Buffered', trailers: true } as const;
  test.each<[string, keyof Processor, Omit<RigOptions, 'core' | 'processor'>, boolean]>([
    ['request headers', 'onRequestHeaders', {}, false],
    ['a request body', 'onRequestBody', bufferedBodies, false],
    ['a streamed request body', 'onRequestBody', { request: 'Streamed' }, true],
    ['request trailers', 'onRequestTrailers', bufferedBodies, false],
    ['response headers', 'onResponseHeaders', {}, true],
    ['a response body', 'onResponseBody', bufferedBodies, true],
  ])('answers the client at %s', async (_, handler, options, reachesUpstream) => {
    await using({ ...options, processor: { [handler]: () => denied } });
    const { status, headers, body: text, upstream } = await rig.send(body);
    expect(status).toBe(403);
    expect(text.toString()).toBe('denied');
    expect(headers['x-why']).toBe('no');
    if (!reachesUpstream) expect(upstream).toBeUndefined();
    await sleep(50);
    expect(rig.accessLog()).toContain(' 403 by_test ');
    expect((await rig.stats()).get('extproc_failed') ?? 0).toBe(0);
  });

  test('answers the client from an iterator', async () => {
    await using({
      request: 'FullDuplexStreamed',
      processor: {
        async *onRequestStream(chunks) {
          for await (const chunk of chunks) if (chunk.length) yield denied;
        },
      },
    });
    expect(await rig.send(body)).toMatchObject({ status: 403, upstream: undefined });
  });

  test('replaces a message at its headers', async () => {
    await using({
      processor: {
        onRequestHeaders: () => ({ continueAndReplace: 'new request', set: { 'x-a': '1' } }),
        onResponseHeaders: () => ({ continueAndReplace: 'new response' }),
      },
    });
    const reply = await rig.send({ body: 'old' });
    expect(reply.body.toString()).toBe('new response');
    expect(reply.upstream?.headers).toMatchObject({ 'x-a': '1' });
  });

  test('changes trailers', async () => {
    await using({
      ...everything,
      processor: {
        onRequestTrailers: (trailers) => ({ set: { 'x-t': `${trailers.get('x-sent')}2` }, body: '+' }),
        onResponseTrailers: () => ({ set: { 'x-trailer': '2' } }),
      },
    });
    const { body: text, upstream, trailers } = await rig.send(body);
    expect(text.toString()).toBe('a1b2+');
    expect(upstream?.trailers).toMatchObject({ 'x-t': 'v2' });
    expect(trailers['x-trailer']).toBe('2');
  });

  test('a buffered body of another length, with headers', async () => {
    await using({
      request: 'Buffered',
      processor: { onRequestBody: (b) => ({ body: `${b.text()}${b.text()}`, set: { 'x-late': '1' } }) },
    });
    const { body: text, upstream } = await rig.send({ body: 'a1' });
    expect(text.toString()).toBe('a1a1');
    expect(upstream?.headers).toMatchObject({ 'x-late': '1', 'content-length': '4' });
  });

  test('takes a body out', async () => {
    await using({ response: 'Buffered', processor: { onResponseBody: () => ({ body: '' }) } });
    expect((await rig.send({ body: 'a1' })).body.length).toBe(0);
  });

  test('mode override', async () => {
    await using({
      allowModeOverride: true,
      processor: {
        onRequestHeaders: () => ({ modeOverride: { requestBody: 'Buffered', responseHeaders: false } }),
        onRequestBody: (b) => ({ body: b.text().toUpperCase() }),
        onResponseHeaders: () => ({ set: { 'x-never': '1' } }),
      },
    });
    const { body: text, headers } = await rig.send({ body: 'abc' });
    expect(text.toString()).toBe('ABC');
    expect(headers).not.toHaveProperty('x-never');
  });

  test('attributes and dynamic metadata', async () => {
    let attributes: Exchange['attributes'] = {};
    await using({
      requestAttributes: [
        'request.path',
        'request.method',
        'request.size',
        'xds.cluster_name',
        'connection.mtls',
      ],
      processor: {
        onRequestHeaders(_, exchange) {
          attributes = exchange.attributes;
          return { dynamicMetadata: { suite: { user: 'ä', level: 3, list: [true, null] } } };
        },
        onResponseHeaders: (_, exchange) => ({
          set: { 'x-metadata': JSON.stringify(exchange.metadata['suite']?.['level'] ?? null) },
        }),
      },
    });
    const { headers } = await rig.send({ path: '/p?q=1' });
    expect(attributes).toMatchObject({ 'request.path': '/p?q=1', 'request.method': 'GET' });
    expect(headers['x-metadata']).toBe('3');
    await sleep(50);
    expect(rig.accessLog()).toMatch(/"user":"(ä|\\u00e4)"/);
  });

  test('state between phases, and a route chosen anew', async () => {
    await using({
      processor: () => {
        let path: string | undefined;
        return {
          onRequestHeaders(headers) {
            path = headers.get(':path');
            return path === '/away' ? { set: { ':path': '/direct' }, clearRouteCache: true } : {};
          },
          onResponseHeaders: () => ({ set: { 'x-path': path ?? '' } }),
        };
      },
    });
    const replies = await Promise.all(['/a', '/b', '/away'].map((path) => rig.send({ path })));
    expect(replies.map(({ headers }) => headers['x-path'])).toEqual(['/a', '/b', '/away']);
    expect(replies[2]?.body.toString()).toBe('ok');
  });

  describe.each([
    ['closed', false],
    ['open', true],
  ])('fails %s', (_, failOpen) => {
    test.each<[string, Processor['onRequestHeaders'], number]>([
      [
        'throws',
        () => {
          throw new Error('oops');
        },
        500,
      ],
      ['rejects', () => Promise.reject(new ExtProcError(GrpcStatus.UNAVAILABLE, 'later')), 500],
      ['never answers', () => new Promise(() => undefined), 500],
      ['asks for what cannot be', () => ({ respond: { status: 1 } }), 500],
      ['answers too late', () => sleep(400, { set: { 'x-late': '1' } }), 500],
    ])('when a handler %s', async (_, onRequestHeaders, status) => {
      await using({ failOpen, processor: { onRequestHeaders }, serve: { handlerTimeout: 200 } });
      const reply = await rig.send();
      expect(reply.status).toBe(failOpen ? 200 : status);
      expect(reply.upstream?.headers['x-late']).toBeUndefined();
      expect(rig.logs.some(({ message }) => message === 'exchange failed')).toBe(true);
      // The server is as good as before.
      expect((await rig.send({ path: '/again' })).status).toBe(failOpen ? 200 : status);
    });
  });

  test('Envoy gives up before the handler does', async () => {
    const signals: AbortSignal[] = [];
    await using({
      messageTimeout: 0.1,
      processor: {
        onRequestHeaders: (_, { signal }) => {
          signals.push(signal);
          return new Promise(() => undefined);
        },
      },
    });
    expect((await rig.send()).status).toBe(504);
    await sleep(50);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(rig.servers[0]?.metrics()).toContain('extproc_streams_active 0');
  });

  test('an iterator that stands still', async () => {
    await using({
      request: 'FullDuplexStreamed',
      serve: { handlerTimeout: 200 },
      processor: {
        async *onRequestStream(chunks) {
          for await (const chunk of chunks) {
            await sleep(seconds(60), undefined, { ref: false });
            yield chunk;
          }
        },
      },
    });
    expect((await rig.send(body)).status).toBe(500);
  });

  test('a message over the limit', async () => {
    await using({ request: 'Buffered', processor: {}, serve: { limits: { messageBytes: 10_000 } } });
    expect((await rig.send({ body: Buffer.alloc(20_000) })).status).toBe(500);
    expect((await rig.send({ body: Buffer.alloc(5_000) })).status).toBe(200);
  });

  test('clients that hang up', async () => {
    const clients = 100;
    const signals: AbortSignal[] = [];
    await using({
      processor: {
        onRequestHeaders(_, { signal }) {
          signals.push(signal);
          return signals.length > clients ? undefined : new Promise(() => undefined);
        },
      },
    });
    const outgoing = Array.from({ length: clients }, () =>
      request({ socketPath: rig.sockets.front })
        .on('error', () => undefined)
        .end(),
    );
    while (signals.length < clients) await sleep(5);
    for (const each of outgoing) each.destroy();
    while (!signals.every(({ aborted }) => aborted)) await sleep(5);
    expect(rig.servers[0]?.metrics()).toContain('extproc_streams_active 0');
    expect((await rig.send()).status).toBe(200);
  });

  test('metrics and observer', async () => {
    const seen: string[] = [];
    await using({
      processor: { onRequestHeaders: () => ({}), onResponseHeaders: () => Promise.resolve({}) },
      serve: {
        observer: {
          handling(phase) {
            seen.push(phase);
            return (error) => void seen.push(`${phase} ${error === undefined ? 'done' : 'failed'}`);
          },
        },
      },
    });
    await rig.send();
    expect(seen).toEqual([
      'requestHeaders',
      'requestHeaders done',
      'responseHeaders',
      'responseHeaders done',
    ]);
    expect(rig.servers[0]?.metrics()).toContain(
      'extproc_handler_duration_seconds_count{phase="responseHeaders"} 1',
    );
  });
});
