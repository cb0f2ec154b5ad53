import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAddress, removeStaleSocket } from './listen.ts';

test.each([
  [':9002', { host: '::', port: 9002 }],
  ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
  ['[::1]:80', { host: '::1', port: 80 }],
  ['unix:/run/a.sock', { path: '/run/a.sock' }],
])('%s', (text, address) => {
  expect(parseAddress(text)).toEqual(address);
});

test.each(['', '9002', 'unix:', 'host', 'host:70000', '::1:80'])('refuses %j', (text) => {
  expect(() => parseAddress(text)).toThrow(/cannot listen on/);
});

describe('a path', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'extproc-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('may be free', async () => {
    await removeStaleSocket(join(directory, 'free'));
  });

  test('with a file is left alone', async () => {
    const path = join(directory, 'file');
    writeFileSync(path, '');
    await expect(removeStaleSocket(path)).rejects.toThrow('is not a socket');
  });

  test('in use is left alone', async () => {
    const path = join(directory, 'used');
    const server = createServer().listen(path);
    await new Promise((resolve) => server.once('listening', resolve));
    await expect(removeStaleSocket(path)).rejects.toThrow('another process does');
    server.close();
  });
});
