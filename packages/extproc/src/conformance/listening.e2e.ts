import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as grpc from '@grpc/grpc-js';
import { run } from '../../../plugin/src/lib/exec.ts';
import { type Server, serve, type ServeOptions } from '../serve.ts';
import { decodeResponse, encodeRequest } from '../testing/wire.ts';
import { cores } from './rig.ts';

const same = (bytes: Buffer): Buffer => bytes;
const processPath = '/envoy.service.ext_proc.v3.ExternalProcessor/Process';

/** Asks a server as Envoy would, and returns the header that it sets. */
async function ask(target: string, credentials = grpc.credentials.createInsecure()): Promise<unknown> {
  const client = new grpc.Client(target, credentials, { 'grpc.ssl_target_name_override': 'localhost' });
  try {
    const call = client.makeBidiStreamRequest(processPath, same, same, {});
    const answer = new Promise<Buffer>((resolve, reject) => call.on('data', resolve).on('error', reject));
    call.write(encodeRequest({ phase: 'requestHeaders', headers: [[':path', '/']] }));
    const { changes } = decodeResponse(await answer);
    call.end();
    return changes?.set?.['x-a'];
  } finally {
    client.close();
  }
}

/** Statuses that a watch of the health service sees. */
function watch(target: string): { seen: number[]; ended: Promise<void> } {
  const client = new grpc.Client(target, grpc.credentials.createInsecure());
  const call = client.makeServerStreamRequest(
    '/grpc.health.v1.Health/Watch',
    same,
    same,
    Buffer.alloc(0),
    {},
  );
  const seen: number[] = [];
  call.on('data', (response: Buffer) => seen.push(response[1] ?? 0));
  const ended = new Promise<void>((resolve) => {
    call.on('error', () => resolve()).on('end', resolve);
  });
  return { seen, ended: ended.finally(() => client.close()) };
}

describe.each(cores)('%s', (core) => {
  let server: Server;
  let directory: string;
  const at = (name: string) => join(directory, name);
  const listening = async (options: ServeOptions) => {
    server = await serve(
      { onRequestHeaders: () => ({ set: { 'x-a': '1' } }) },
      { core, signals: false, log: () => undefined, listen: '127.0.0.1:0', ...options },
    );
    return server.address;
  };
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'extproc-'));
  });
  afterEach(async () => {
    await server.shutdown();
    rmSync(directory, { recursive: true });
  });

  test('TCP', async () => {
    expect(await ask(await listening({}))).toEqual(['1']);
  });

  test('a unix socket', async () => {
    const address = await listening({ listen: `unix:${at('s')}` });
    expect(await ask(address)).toEqual(['1']);
  });

  describe('with certificates', () => {
    const read = (name: string) => readFileSync(at(name));
    const openssl = (name: string, ...more: string[]) =>
      run({
        command: 'openssl',
        args: [
          ...[
            'req',
            '-x509',
            '-newkey',
            'ec',
            '-pkeyopt',
            'ec_paramgen_curve:prime256v1',
            '-nodes',
            '-days',
            '1',
          ],
          ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost'],
          ...['-keyout', at(`${name}.key`), '-out', at(`${name}.crt`), ...more],
        ],
      });
    const signed = ['-addext', 'basicConstraints=critical,CA:FALSE', '-CA', 'ca.crt', '-CAkey', 'ca.key'];
    beforeEach(async () => {
      await openssl('ca');
      for (const name of ['server', 'client'])
        await openssl(name, ...signed.map((arg) => (arg.startsWith('ca.') ? at(arg) : arg)));
      await openssl('stranger');
    });

    test('TLS', async () => {
      const address = await listening({ tls: { certificate: read('server.crt'), key: read('server.key') } });
      expect(await ask(address, grpc.credentials.createSsl(read('ca.crt')))).toEqual(['1']);
      await expect(ask(address)).rejects.toThrow();
    });

    test('mTLS', async () => {
      const address = await listening({
        tls: {
          certificate: read('server.crt'),
          key: read('server.key'),
          clientAuthorities: read('ca.crt'),
        },
      });
      const as = (name: string) =>
        grpc.credentials.createSsl(read('ca.crt'), read(`${name}.key`), read(`${name}.crt`));
      expect(await ask(address, as('client'))).toEqual(['1']);
      await expect(ask(address, as('stranger'))).rejects.toThrow();
    });
  });

  test('health', async () => {
    const address = await listening({});
    const { seen, ended } = watch(address);
    while (!seen.length) await sleep(5);
    server.setServing(false);
    while (seen.length < 2) await sleep(5);
    server.setServing(true);
    while (seen.length < 3) await sleep(5);
    await server.shutdown();
    await ended;
    expect(seen.slice(0, 3)).toEqual([1, 2, 1]);
  });

  test('an address that is taken', async () => {
    const address = await listening({});
    await expect(serve({}, { core, signals: false, log: () => undefined, listen: address })).rejects.toThrow(
      /in use|EADDRINUSE|No address added/,
    );
  });
});
