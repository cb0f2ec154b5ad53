import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkBody,
  checkHeader,
  checkMethod,
  checkPath,
  checkStatus,
  type Check,
  type ExpectedBody,
  type ExpectedHeader,
} from './checks.ts';
import type { Message } from './message.ts';

/** The first difference, as `expected … got …`. */
function difference(checks: Check[], message: Message): string | undefined {
  for (const check of checks) {
    const got = check.differs(message);
    if (got !== undefined) return `${check.expected} | ${got}`;
  }
  return undefined;
}

describe('a header', () => {
  const headers = new Map([
    ['x-one', ['a']],
    ['x-two', ['a', 'b']],
    ['x-empty', ['']],
  ]);

  it.each<[string, ExpectedHeader, string | undefined]>([
    ['x-one', 'a', undefined],
    ['X-One', 'a', undefined],
    ['x-one', 'b', '"b" | "a"'],
    ['x-one', ['a'], undefined],
    ['x-none', 'a', '"a" | absent'],
    ['x-none', '', '"" | absent'],
    ['x-empty', '', undefined],
    // HTTP lets a proxy join several lines into one.
    ['x-two', ['a', 'b'], undefined],
    ['x-two', 'a, b', undefined],
    ['x-two', ['b', 'a'], '"b, a" | "a, b"'],
    ['x-two', 'a', '"a" | "a, b"'],
    ['x-one', { present: true }, undefined],
    ['x-empty', { present: true }, undefined],
    ['x-none', { present: true }, 'present | absent'],
    ['x-none', { absent: true }, undefined],
    ['x-one', { absent: true }, 'absent | "a"'],
    ['x-one', { matches: '^[a-c]$' }, undefined],
    ['x-one', { matches: '^[b-c]$' }, 'something that matches /^[b-c]$/ | "a"'],
    ['x-none', { matches: '.*' }, 'something that matches /.*/ | absent'],
    ['x-two', { contains: 'b' }, undefined],
    ['x-two', { contains: 'c' }, 'something that contains "c" | "a, b"'],
    ['x-two', { contains: 'a', matches: 'c' }, 'something that matches /c/ | "a, b"'],
  ])('%s is %j: %s', (name, expected, got) => {
    expect(difference(checkHeader('headers', name, expected), { headers })).toBe(got);
  });

  it('is named, and so is a trailer', () => {
    expect(checkHeader('headers', 'X-A', 'b')[0]).toMatchObject({ part: 'headers', what: 'header X-A' });
    expect(checkHeader('trailers', 'x-a', 'b')[0]).toMatchObject({ part: 'trailers', what: 'trailer x-a' });
  });
});

describe('a status, a method and a path', () => {
  const message = { status: 200, method: 'GET', path: '/a?b=1' };

  it.each([
    [[checkStatus(200)], undefined],
    [[checkStatus(403)], '403 | 200'],
    [[checkMethod('GET')], undefined],
    [[checkMethod('POST')], 'POST | GET'],
    [checkPath('/a?b=1'), undefined],
    [checkPath('/a'), '"/a" | "/a?b=1"'],
    [checkPath({ matches: '^/a\\?' }), undefined],
    [checkPath({ contains: 'c' }), 'something that contains "c" | "/a?b=1"'],
  ])('%#', (checks, got) => {
    expect(difference(checks, message)).toBe(got);
  });
});

describe('a body', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'eg-checks-'));
    writeFileSync(join(directory, 'golden'), 'a\n');
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const json = '{"a":1,"b":{"c":[1,2],"d":null},"é":true}';

  it.each<[string | Buffer, ExpectedBody, string | undefined]>([
    ['a\n', 'a\n', undefined],
    ['a\n', 'a', '"a" | "a\\n"'],
    ['', '', undefined],
    ['a', '', '"" | "a"'],
    ['é', 'é', undefined],
    [Buffer.from([0xff, 0]), 'a', '"a" | 0xff00'],
    [Buffer.from([0xff, 0]), { base64: '/wA=' }, undefined],
    ['a', { base64: '/wA=' }, '0xff00 | "a"'],
    ['a\n', { file: 'golden' }, undefined],
    ['b', { file: 'golden' }, '"a\\n" | "b"'],
    ['abc', { contains: 'b', matches: 'c$' }, undefined],
    ['abc', { contains: 'x' }, 'something that contains "x" | "abc"'],
    ['abc', { matches: '^b' }, 'something that matches /^b/ | "abc"'],
    ['abc', { size: 3 }, undefined],
    ['abc', { size: '1KiB' }, '1024 bytes | 3 bytes: "abc"'],
    ['abab', { size: 4, fill: 'ab' }, undefined],
    ['abba', { size: 4, fill: 'ab' }, '"abab" | "abba"'],
    ['abc', { sha256: sha256('abc') }, undefined],
    ['abc', { sha256: sha256('') }, `${sha256('')} | ${sha256('abc')} of "abc"`],
    [json, { json: { a: 1 } }, undefined],
    [json, { json: { b: { c: [1, 2] } } }, undefined],
    [json, { json: {} }, undefined],
    [json, { json: { a: 2 } }, 'JSON with "{\\"a\\":2}" | $.a is "1"'],
    [json, { json: { b: { d: 0 } } }, expect.stringMatching(/\$\.b\.d is "null"/) as string],
    [json, { json: { b: { c: [1] } } }, expect.stringMatching(/\$\.b\.c has 2 items, not 1/) as string],
    [json, { json: { b: [] } }, expect.stringMatching(/\$\.b is /) as string],
    [json, { json: { e: 1 } }, expect.stringMatching(/\$\.e is missing/) as string],
    [json, { json: null }, expect.stringMatching(/\$ is /) as string],
    ['null', { json: null }, undefined],
    ['a', { json: 'a' }, expect.stringMatching(/no JSON: "a"/) as string],
  ])('%j is %j: %s', (body, expected, got) => {
    const message = { body: typeof body === 'string' ? Buffer.from(body) : body };
    expect(difference(checkBody(expected, directory), message)).toEqual(got);
  });

  it('is shown from where it departs, when it is long', () => {
    const got = Buffer.alloc(1024 * 1024, 'a');
    got[700_000] = 'b'.charCodeAt(0);
    const shown = difference(checkBody({ size: '1MiB', fill: 'a' }, directory), { body: got });
    expect(shown).toMatch(
      /^"a{160}"… \(1048576 bytes\) \| 1048576 bytes; from byte 700000 on they differ: …"a{20}ba+"…$/,
    );
  });
});
