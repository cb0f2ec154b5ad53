import type { BodyMode, Processor } from '../processor.ts';
import { ExtProcError, GrpcStatus } from '../status.ts';
import { drive } from './index.ts';

const mask = (text: string) => text.replaceAll(/\d/g, '*');

const masking: Processor = {
  onRequestHeaders: (headers) =>
    headers.get('X-EG-Deny') === 'true'
      ? { respond: { status: 403, body: 'denied\n', headers: { 'x-why': ['a', 'b'] } } }
      : { set: { 'X-EG-Request': 'a' }, append: { 'x-many': ['3', '4'] }, remove: ['X-Gone'] },
  onRequestBody: (body) => ({ body: mask(body.text()) }),
  onResponseHeaders: () => ({ set: { 'x-eg-response': 'ä' } }),
  onResponseBody: async (body) => Promise.resolve({ body: mask(body.text()) }),
};

test('headers both ways', async () => {
  const { upstream, client } = await drive(masking).exchange({
    headers: { 'x-many': ['1', '2'], 'x-gone': 'x', 'X-Eg-Request': 'smuggled' },
  });
  expect(upstream?.header('x-eg-request')).toBe('a');
  expect(upstream?.header('x-many')).toBe('1, 2, 3, 4');
  expect(upstream?.header('x-gone')).toBeUndefined();
  expect(client.status).toBe(200);
  expect(client.header('x-eg-response')).toBe('ä');
});

test('an immediate response', async () => {
  const { upstream, client } = await drive(masking).exchange({ headers: { 'x-eg-deny': 'true' } });
  expect(upstream).toBeUndefined();
  expect(client).toMatchObject({ status: 403 });
  expect(client.text()).toBe('denied\n');
  expect(client.header('x-why')).toBe('a, b');
});

test.each<BodyMode>(['Buffered', 'BufferedPartial', 'Streamed', 'FullDuplexStreamed'])(
  'bodies, %s',
  async (mode) => {
    const driver = drive(masking, { request: mode as 'Buffered', response: mode as 'Buffered' });
    const { upstream, client } = await driver.exchange(
      { headers: { 'content-length': '4' }, body: ['a1', 'b2'] },
      { body: 'x'.repeat(200_000) + '1' },
    );
    expect(upstream?.text()).toBe('a*b*');
    expect(upstream?.header('content-length')).toBe('4');
    expect(client.text()).toBe('x'.repeat(200_000) + '*');
  },
);

test('a new body in Buffered mode gets the right content-length', async () => {
  const driver = drive(
    { onRequestBody: () => ({ body: 'ää', set: { 'x-a': '1' } }) },
    { request: 'Buffered' },
  );
  const { upstream } = await driver.exchange({ headers: { 'content-length': '1' }, body: '1' });
  expect(upstream?.header('content-length')).toBe('4');
  expect(upstream?.header('x-a')).toBe('1');
});

test('continueAndReplace', async () => {
  const driver = drive({ onRequestHeaders: () => ({ continueAndReplace: 'new' }) }, { request: 'Buffered' });
  const { upstream } = await driver.exchange({ body: 'old' });
  expect(upstream?.text()).toBe('new');
});

describe('a stream handler', () => {
  const options = { request: 'FullDuplexStreamed' } as const;
  const doubled: Processor = {
    async *onRequestStream(chunks) {
      yield '<';
      for await (const chunk of chunks) yield Buffer.concat([chunk, chunk]);
      yield '>';
    },
    onRequestTrailers: () => ({ set: { 'x-t': '2' }, body: '+' }),
  };

  test('yields the body in its own chunks', async () => {
    const { upstream } = await drive(doubled, options).exchange({ body: ['a', 'b'] });
    expect(upstream?.text()).toBe('<aabb>');
  });

  test('comes before the trailers', async () => {
    const { upstream } = await drive(doubled, options).exchange({ body: ['a'], trailers: { 'x-t': '1' } });
    expect(upstream?.text()).toBe('<aa>+');
    expect(upstream?.trailer('x-t')).toBe('2');
  });

  test('may return before the body has ended', async () => {
    const early: Processor = {
      async *onRequestStream(chunks) {
        for await (const chunk of chunks) {
          yield chunk;
          return;
        }
      },
    };
    const { upstream } = await drive(early, options).exchange({ body: ['a', 'b', 'c'] });
    expect(upstream?.text()).toBe('a');
  });

  test('may answer the client', async () => {
    const answering: Processor = {
      async *onRequestStream(chunks) {
        for await (const chunk of chunks) yield { respond: { status: 413, body: chunk } };
      },
    };
    const { client } = await drive(answering, options).exchange({ body: 'a' });
    expect(client.status).toBe(413);
  });

  test('that throws fails the exchange', async () => {
    const failing: Processor = {
      // eslint-disable-next-line require-yield
      async *onRequestStream(chunks) {
        for await (const chunk of chunks) throw new ExtProcError(GrpcStatus.UNAVAILABLE, String(chunk));
      },
    };
    await expect(drive(failing, options).exchange({ body: 'a' })).rejects.toMatchObject({ status: 14 });
  });
});

test('attributes, metadata and dynamic metadata', async () => {
  const values = { n: 1.5, t: true, f: false, z: null, l: [1, 'a', { b: [] }], s: 'x', o: { p: 0 } };
  const seen: unknown[] = [];
  const driver = drive(
    {
      onRequestHeaders(_, exchange) {
        seen.push(exchange.attributes, exchange.metadata['other']);
        return { dynamicMetadata: { mine: values } };
      },
    },
    { attributes: { 'request.path': '/p', 'request.size': 3 }, metadata: { other: values } },
  );
  const { dynamicMetadata } = await driver.exchange();
  expect(seen).toEqual([{ 'request.path': '/p', 'request.size': 3 }, values]);
  expect(dynamicMetadata).toEqual({ mine: values });
});

test('a processor for each exchange', async () => {
  const driver = drive(() => {
    let path: string | undefined;
    return {
      onRequestHeaders: (headers) => void (path = headers.get(':path')),
      onResponseHeaders: () => ({ set: { 'x-path': path ?? '' } }),
    };
  });
  const clients = await Promise.all(
    ['/a', '/b'].map((path) => driver.exchange({ headers: { ':path': path } })),
  );
  expect(clients.map(({ client }) => client.header('x-path'))).toEqual(['/a', '/b']);
});

test('mode override', async () => {
  const bodies: string[] = [];
  const driver = drive({
    onRequestHeaders: () => ({ modeOverride: { requestBody: 'Buffered', responseHeaders: false } }),
    onRequestBody: (body) => void bodies.push(body.text()),
  });
  await driver.exchange({ body: 'a' });
  expect(bodies).toEqual(['a']);
});

test('the signal aborts when the exchange has ended', async () => {
  let signal: AbortSignal | undefined;
  await drive({ onRequestHeaders: (_, exchange) => void (signal = exchange.signal) }).exchange();
  expect(signal?.aborted).toBe(true);
});

describe('a failure', () => {
  test.each<[string, Processor, object]>([
    [
      'throws',
      {
        onRequestHeaders() {
          throw new Error('secret');
        },
      },
      { status: GrpcStatus.INTERNAL, message: 'requestHeaders failed' },
    ],
    [
      'rejects',
      { onRequestHeaders: () => Promise.reject(new ExtProcError(GrpcStatus.UNAVAILABLE, 'later')) },
      { status: GrpcStatus.UNAVAILABLE, message: 'later' },
    ],
    [
      'never answers',
      { onRequestHeaders: () => new Promise(() => undefined) },
      { status: GrpcStatus.DEADLINE_EXCEEDED },
    ],
    [
      'responds with no status',
      { onRequestHeaders: () => ({ respond: { status: 99 } }) },
      { status: GrpcStatus.FAILED_PRECONDITION },
    ],
    [
      'changes headers too late',
      { onRequestBody: () => ({ set: { a: 'b' } }) },
      { status: GrpcStatus.FAILED_PRECONDITION },
    ],
  ])('%s', async (_, processor, expected) => {
    const logged: string[] = [];
    const driver = drive(processor, {
      request: 'Streamed',
      handlerTimeout: 20,
      log: ({ message }) => logged.push(message),
    });
    await expect(driver.exchange({ body: 'a' })).rejects.toMatchObject(expected);
    expect(logged).toEqual(['exchange failed']);
  });
});
