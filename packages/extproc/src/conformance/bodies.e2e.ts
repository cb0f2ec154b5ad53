import type { Processor } from '../processor.ts';
import { cores, type Rig, startRig } from './rig.ts';

/** Digits become asterisks, in place. */
function mask(bytes: Uint8Array): Uint8Array {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte >= 48 && byte <= 57) bytes[i] = 42;
  }
  return bytes;
}

const masking: Processor = {
  onRequestHeaders: () => ({ set: { 'x-request': '1' } }),
  onRequestBody: ({ bytes }) => ({ body: mask(bytes) }),
  onResponseHeaders: () => ({ set: { 'x-response': '1' } }),
  onResponseBody: ({ bytes }) => ({ body: mask(bytes) }),
};

const later: Processor = {
  onRequestHeaders: async () => Promise.resolve({ set: { 'x-request': '1' } }),
  onRequestBody: async ({ bytes }) => Promise.resolve({ body: mask(bytes) }),
  onResponseHeaders: async () => Promise.resolve({ set: { 'x-response': '1' } }),
  onResponseBody: async ({ bytes }) => Promise.resolve({ body: mask(bytes) }),
};

const iterating: Processor = {
  ...masking,
  async *onRequestStream(chunks) {
    for await (const chunk of chunks) yield mask(chunk);
  },
  async *onResponseStream(chunks) {
    for await (const chunk of chunks) yield mask(chunk);
  },
};

const sizes = [0, 1, (64 << 10) + 1, 1 << 20];
const modes = ['Buffered', 'BufferedPartial', 'Streamed', 'FullDuplexStreamed'] as const;
const cases = cores.flatMap((core) => [
  ...modes.map((mode) => ({ core, mode, kind: 'handlers', processor: masking })),
  ...modes.map((mode) => ({ core, mode, kind: 'asynchronous handlers', processor: later })),
  { core, mode: 'FullDuplexStreamed' as const, kind: 'iterators', processor: iterating },
  { core, mode: 'FullDuplexStreamed' as const, kind: 'no handlers', processor: {} },
]);

describe.each(cases)('$core, $mode, $kind', ({ core, mode, processor }) => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig({ core, processor, request: mode, response: mode });
  });
  afterAll(() => rig.stop());

  const masked = processor === masking || processor === later || processor === iterating;
  const expected = (size: number) => Buffer.alloc(size, masked ? 'a*' : 'a1');

  test.each(sizes)('%i bytes', async (size) => {
    const { status, body, headers, upstream } = await rig.send({
      method: 'POST',
      body: Buffer.alloc(size, 'a1'),
    });
    expect(status).toBe(200);
    if (masked) {
      expect(upstream?.headers['x-request']).toBe('1');
      expect(headers['x-response']).toBe('1');
    }
    expect(body.length).toBe(size);
    expect(body.equals(expected(size))).toBe(true);
  });

  test('many at once', async () => {
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, i) => rig.send({ method: 'POST', body: Buffer.alloc(i * 4_001, 'a1') })),
    );
    for (const [i, { body }] of replies.entries()) expect(body.equals(expected(i * 4_001))).toBe(true);
  });

  test('trailers', async () => {
    const { body, trailers, upstream } = await rig.send({
      body: [Buffer.from('a1'), Buffer.from('b2')],
      trailers: { 'x-sent': 'v' },
    });
    expect(body.toString()).toBe(masked ? 'a*b*' : 'a1b2');
    expect(upstream?.trailers['x-sent']).toBe('v');
    expect(trailers['x-trailer']).toBe('1');
  });

  if (mode === 'Streamed' || mode === 'FullDuplexStreamed')
    test('50 MB in flat memory', async () => {
      const chunk = Buffer.alloc(64 << 10, 'a1');
      const count = 800;
      let received = 0;
      let wrong = 0;
      const before = process.memoryUsage().rss;
      let peak = 0;
      const { status } = await rig.send({
        body: (function* () {
          for (let i = 0; i < count; i++) yield chunk;
        })(),
        sink: (part) => {
          received += part.length;
          wrong += Number(masked && part.includes('1'));
          peak = Math.max(peak, process.memoryUsage().rss);
        },
      });
      expect(status).toBe(200);
      expect(received).toBe(count * chunk.length);
      expect(wrong).toBe(0);
      // Client, upstream and processor share this process; what they hold at a time must not grow with the body.
      expect(peak - before).toBeLessThan(96 << 20);
    });
});
