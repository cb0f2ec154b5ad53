import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { curlLine } from './curl.ts';
import { parseContract } from './parse.ts';
import { startServer, type TestServer } from './testing/server.ts';

let server: TestServer;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "eg curl's "));
  writeFileSync(join(directory, 'body.json'), '@{"a":1}\n');
  server = await startServer();
});
afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true, force: true });
});

const requestOf = (request: string) => {
  const text = `requests: [{ name: it, request: ${request}, response: { status: 200 } }]`;
  const [entry] = parseContract(text, 'contract.yaml', directory).entries;
  if (!entry) throw new Error('no entry');
  return entry.request;
};

it('is short where there is little to say', () => {
  expect(curlLine(requestOf('{}'), 'http://localhost')).toBe("curl -i --path-as-is 'http://localhost/'");
});

it.each([
  ['{ path: "/a/../b?c=it\'s&d=%20$HOME" }'],
  ['{ method: DELETE, headers: { x-a: [one, "it\'s"], x-empty: "" } }'],
  ['{ method: POST, body: text }'],
  ['{ method: POST, body: "@it\'s\\n \\\\n 100% \\"quoted\\"" }'],
  ['{ method: POST, headers: { content-type: text/plain }, body: "" }'],
  ['{ body: with GET }'],
  ['{ method: PUT, body: { base64: AP8K } }'],
  ['{ method: PUT, body: { file: body.json } }'],
  ['{ method: PUT, body: { size: 64KiB } }'],
  ['{ method: PUT, body: { size: 1001, fill: "it\'s" }, chunked: true }'],
  ['{ method: PUT, body: { chunks: [a, b] } }'],
  ['{ method: PUT, body: a, trailers: { x-t: b } }'],
])('sends %s', async (text) => {
  const request = requestOf(text);
  server.received.clear();
  const line = curlLine(request, server.url, { 'x-a': 'default', 'x-eg-verify-id': 'id' });
  await promisify(execFile)('sh', ['-c', line.replace('curl -i', 'curl -sS -i')]);
  const got = server.seen('id');
  expect(got).toMatchObject({ method: request.method, path: request.path });
  expect(got?.body).toEqual(Buffer.concat(request.body?.chunks ?? []));
  const own = new Map(request.headers.map(([name, values]) => [name, values]));
  expect(got?.headers?.get('x-a')).toEqual(own.get('x-a') ?? ['default']);
  expect(got?.headers?.get('x-empty')).toEqual(own.get('x-empty'));
  expect(got?.headers?.get('content-type')).toEqual(own.get('content-type'));
  expect(got?.headers?.get('transfer-encoding')).toEqual(request.chunked ? ['chunked'] : undefined);
});
