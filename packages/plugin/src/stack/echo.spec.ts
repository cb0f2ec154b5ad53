import { request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEcho } from './echo.ts';
import { VERIFY_ID, type Echo } from './types.ts';

let echo: Echo;
beforeAll(async () => {
  echo = await startEcho();
});
afterAll(() => echo.stop());

/** Sends a request and reads the answer. */
async function send(
  headers: OutgoingHttpHeaders,
  body: string | Buffer,
  trailers: Record<string, string> = {},
) {
  const sent = request({ host: '127.0.0.1', port: echo.port, method: 'POST', path: '/a?b=c', headers });
  sent.write(body);
  sent.addTrailers(trailers);
  sent.end();
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    sent.once('response', resolve).once('error', reject),
  );
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const answer = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
  return { status: response.statusCode, answer, trailers: response.trailers };
}

it('answers with what it got, and remembers it by its id', async () => {
  const { status, answer } = await send({ [VERIFY_ID]: 'one', 'X-A': ['b', 'c'] }, 'text');
  expect(status).toBe(200);
  expect(answer).toMatchObject({ method: 'POST', path: '/a?b=c', headers: { 'x-a': 'b, c' }, body: 'text' });
  expect(echo.seen('one')).toEqual(answer);
  expect(echo.seen('two')).toBeUndefined();
});

it('has bytes that are no text in base64', async () => {
  const { answer } = await send({}, Buffer.from([0xff, 0]));
  expect(answer['bodyBase64']).toBe('/wA=');
  expect(answer).not.toHaveProperty('body');
});

it('takes a body of 50 MB', async () => {
  const body = 'x'.repeat(50 * 1024 * 1024);
  const { answer } = await send({}, body);
  expect(answer['body'] === body).toBe(true);
});

it('sends trailers back', async () => {
  const { answer, trailers } = await send({ trailer: 'x-t' }, 'text', { 'x-t': '1' });
  expect(answer['trailers']).toEqual({ 'x-t': '1' });
  expect(trailers).toEqual({ 'x-t': '1' });
});

it('remembers a request that breaks off', async () => {
  const headers = { [VERIFY_ID]: 'broken', 'content-length': 100 };
  const sent = request({ host: '127.0.0.1', port: echo.port, method: 'POST', headers });
  sent.on('error', () => undefined);
  await new Promise<void>((resolve) => void sent.write('half', () => resolve()));
  await sleep(50);
  sent.destroy();
  while (!echo.seen('broken')) await sleep(10);
  expect(echo.seen('broken')).toMatchObject({ method: 'POST', path: '/', body: 'half' });
});
