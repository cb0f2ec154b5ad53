import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { planVerify, type VerifyOptions } from './plan.ts';

const plan = (options: VerifyOptions) =>
  planVerify(options, { workspaceRoot: '/ws', projectRoot: 'services/my-filter' });

describe('the plan of verify', () => {
  it('is a local stack and the contract of the project, when nothing is said', () => {
    expect(plan({})).toEqual({
      contract: '/ws/services/my-filter/contract.yaml',
      timeoutMs: 10_000,
      headers: {},
      invisible: false,
      where: { kind: 'local' },
    });
  });

  it.each<[VerifyOptions, object]>([
    [{ contract: 'other.yaml' }, { contract: '/ws/services/my-filter/other.yaml' }],
    [{ contract: '/tmp/c.yaml' }, { contract: '/tmp/c.yaml' }],
    [{ only: 'deny' }, { only: 'deny' }],
    [{ only: 403 }, { only: '403' }],
    [{ timeout: '1m' }, { timeoutMs: 60_000 }],
    [
      { junit: 'dist/verify.xml', json: 'dist/verify.json' },
      { junit: '/ws/dist/verify.xml', json: '/ws/dist/verify.json' },
    ],
    [{ json: '-' }, { json: '-' }],
    [{ invisible: true }, { invisible: true }],
    [
      { envoy: 'bin/envoy', policy: 'mine' },
      { where: { kind: 'local', envoyPath: '/ws/bin/envoy', policy: 'mine' } },
    ],
    [{ url: 'http://127.0.0.1:8080/' }, { where: { kind: 'gateway', origin: 'http://127.0.0.1:8080' } }],
    [
      { url: 'https://gateway.example', admin: 'http://127.0.0.1:19000' },
      { where: { kind: 'gateway', origin: 'https://gateway.example', admin: 'http://127.0.0.1:19000' } },
    ],
    [{ header: 'accept: a,b' }, { headers: { accept: 'a,b' } }],
    [
      { header: ['Host: www.example.com', 'x-a:', 'x-b:  c:d  '] },
      { headers: { Host: 'www.example.com', 'x-a': '', 'x-b': 'c:d' } },
    ],
  ])('of %j', (options, expected) => {
    expect(plan(options)).toMatchObject(expected);
  });

  it.each<[VerifyOptions, RegExp]>([
    [{ timeout: '0s' }, /--timeout=0s: must be a whole number and a unit/],
    [{ timeout: '-1s' }, /--timeout/],
    [{ timeout: '10' }, /--timeout/],
    [{ timeout: '99999h' }, /--timeout=99999h.*to 1h/],
    [{ url: 'localhost:8080' }, /--url=localhost:8080: must be a URL/],
    [{ url: 'gateway' }, /--url=gateway: must be a URL/],
    [{ url: 'http://localhost:99999' }, /must be a URL/],
    [{ url: 'http://localhost/api' }, /--url=http:\/\/localhost\/api: give only scheme, host and port/],
    [{ url: 'http://me:secret@localhost' }, /give only scheme, host and port/],
    [{ url: 'http://localhost', envoy: 'x' }, /--envoy is for the local stack/],
    [{ url: 'http://localhost', policy: 'x' }, /--policy is for the local stack/],
    [{ admin: 'http://localhost' }, /--admin belongs to --url/],
    [{ url: 'http://localhost', admin: 'x' }, /--admin=x: must be a URL/],
    [{ header: ['Host'] }, /--header="Host": must be a name, a colon and a value/],
    [{ header: ['x a: b'] }, /--header/],
    [{ header: ['x-a: b\nx-c: d'] }, /--header/],
  ])('refuses %j', (options, message) => {
    expect(() => plan(options)).toThrow(message);
  });

  it('has a described option for everything it reads', () => {
    const { properties } = JSON.parse(readFileSync(join(import.meta.dirname, 'schema.json'), 'utf8')) as {
      properties: Record<keyof VerifyOptions, { description: string }>;
    };
    const known: Record<keyof VerifyOptions, true> = {
      contract: true,
      only: true,
      timeout: true,
      junit: true,
      json: true,
      invisible: true,
      envoy: true,
      policy: true,
      url: true,
      header: true,
      admin: true,
    };
    expect(Object.keys(properties).sort()).toEqual(Object.keys(known).sort());
    for (const { description } of Object.values(properties)) expect(description).toMatch(/\w{3}/);
  });
});
