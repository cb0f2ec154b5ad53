import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseContract, readContract } from './parse.ts';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'eg-contract-'));
  writeFileSync(join(directory, 'body.json'), '{"a":1}');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const parse = (text: string) => parseContract(text, 'contract.yaml', directory);

/** The error that `text` leads to. */
function mistakes(text: string): string {
  try {
    parse(text);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the contract was accepted');
}

/** A contract of one entry that expects 200, with `fields` added to it. */
const entry = (fields: string) => `requests:\n  - name: it\n    response: { status: 200 }\n    ${fields}\n`;

describe('a contract', () => {
  it('fills in what is left out', () => {
    const { entries } = parse('requests: [{ name: it, response: { headers: { x-a: b } } }]');
    expect(entries).toMatchObject([
      {
        name: 'it',
        at: 'contract.yaml:1:12',
        request: { method: 'GET', path: '/', headers: [], chunked: false, trailers: [] },
        upstream: [],
        response: [
          { what: 'status', expected: '200' },
          { what: 'header x-a', expected: '"b"' },
        ],
        repeat: 1,
        concurrency: 1,
      },
    ]);
    expect(entries[0]).not.toHaveProperty('withinMs');
  });

  it('keeps names, values and their order as written', () => {
    const [first] = parse(
      entry('request: { path: "/a%20b?c=d&e", headers: { X-B: [one, two], x-a: "" } }'),
    ).entries;
    expect(first?.request).toMatchObject({
      path: '/a%20b?c=d&e',
      headers: [
        ['X-B', ['one', 'two']],
        ['x-a', ['']],
      ],
    });
  });

  it.each([
    ['body: text', ['text'], false],
    ['body: ""', [''], false],
    ['body: { base64: aGk= }', ['hi'], false],
    ['body: { file: body.json }', ['{"a":1}'], false],
    ['body: { size: 12 }', ['012345678901'], false],
    ['body: { size: 5 B, fill: ab }', ['ababa'], false],
    ['body: { size: 0 }', [''], false],
    ['{ body: { chunks: [a, b] } }', ['a', 'b'], true],
    ['{ body: text, chunked: true }', ['text'], true],
    ['{ body: text, trailers: { x-t: v } }', ['text'], true],
  ])('sends with %s', (request, chunks, chunked) => {
    const [first] = parse(entry(`request: ${request.startsWith('{') ? request : `{ ${request} }`}`)).entries;
    expect(first?.request.body?.chunks.map(String)).toEqual(chunks);
    expect(first?.request.chunked).toBe(chunked);
  });

  it('takes anchors', () => {
    const { entries } = parse(`
requests:
  - name: one
    request: { headers: &headers { x-a: b } }
    response: { status: 200 }
  - name: two
    request: { headers: *headers }
    response: { status: 200 }
`);
    expect(entries[1]?.request.headers).toEqual(entries[0]?.request.headers);
  });

  it.each([
    ['500ms', 500],
    ['1m30s', 90_000],
  ])('reads within: %s', (within, ms) => {
    expect(parse(entry(`within: ${within}`)).entries[0]?.withinMs).toBe(ms);
  });
});

describe('a mistake in a contract is told with its place', () => {
  it.each([
    ['', /^contract\.yaml:1:1: the contract is empty, so it cannot fail/],
    ['# nothing\n', /contract is empty/],
    ['requests: []', /^contract\.yaml:1:1: requests: is an empty list, so it cannot fail/],
    ['requests: 3', /^contract\.yaml:1:1: requests: must be a list$/],
    ['[]', /^contract\.yaml:1:1: the contract: must be a map$/],
    ['a: [', /^contract\.yaml:1:\d+: /],
    ['requests: []\nrequests: []', /^contract\.yaml:2:1: Map keys must be unique/],
    ['requests: *nowhere', /^contract\.yaml:1:\d+: .*nowhere/],
    ['requests:\n  - name: it', /^contract\.yaml:2:5: requests\.0: says nothing about upstream or response/],
    [
      'requests:\n  - name: it\n    respons:\n      status: 200',
      /:3:5: requests\.0\.respons: there is no such field; did you mean response\?$/,
    ],
    ['requests:\n  - response: { status: 200 }', /:2:5: requests\.0: the field name is missing/],
    ['requests: [{ name: it, response: {} }]', /response: is empty; say what is expected/],
    ['requests: [{ name: it, response: }]', /response: is empty; fill it in/],
    [
      'requests: [{ name: it, upstream: nothing }]',
      /upstream: write none, or what the upstream must have seen/,
    ],
    ['requests: [{ name: it, upstream: { headers: { x-a: {} } } }]', /x-a: is empty/],
    [
      'requests: [{ name: it, upstream: { headers: { x-a: { absent: true, present: true } } } }]',
      /absent stands alone/,
    ],
    [
      'requests: [{ name: it, upstream: { headers: { x-a: { absent: false } } } }]',
      /absent: must be true, or be left out/,
    ],
    ['requests: [{ name: it, upstream: { headers: { x-a: { match: a } } } }]', /did you mean matches\?/],
    [
      'requests: [{ name: it, upstream: { headers: { x-a: { matches: "(" } } } }]',
      /x-a\.matches: .*Unterminated group/,
    ],
    ['requests: [{ name: it, upstream: { headers: { x-a: 1 } } }]', /put it in quotes: "1"/],
    ['requests: [{ name: it, upstream: { headers: { X-A: a, x-a: b } } }]', /x-a: is the same header as X-A/],
    ['requests: [{ name: it, upstream: { path: { matches: ^/ } } }]', /matches anything/],
    [
      'requests: [{ name: it, response: { body: { matches: .* } } }]',
      /\/\.\*\/ matches anything, so this check cannot fail/,
    ],
    ['requests: [{ name: it, response: { body: { contains: "" } } }]', /contains: .*fewer than 1 char/],
    ['requests: [{ name: it, response: { body: { fill: a } } }]', /body: also needs size/],
    ['requests: [{ name: it, response: { body: { sha256: abc } } }]', /64 hexadecimal digits/],
    ['requests: [{ name: it, response: { status: "200" } }]', /status: must be a whole number/],
    ['requests: [{ name: it, response: { status: 99 } }]', /status: must be >= 200/],
    [entry('request: { method: get }'), /:4:16: requests\.0\.request\.method: write a method in capitals/],
    [entry('request: { method: CONNECT }'), /CONNECT cannot be sent/],
    [entry('request: { path: a }'), /path: begin with \//],
    [entry('request: { path: "/a b" }'), /percent-encode/],
    [
      entry('request: { headers: { "x a": b } }'),
      /:4:27: requests\.0\.request\.headers\.x a: a header name has/,
    ],
    [entry('request: { headers: { x-a: "a\\nb" } }'), /no line breaks/],
    [entry('request: { headers: { x-a: true } }'), /must be text, and YAML reads true as something else/],
    [entry('request: { headers: { x-a: } }'), /x-a: is empty; write "" for an empty text/],
    [entry('request: { headers: { Content-Length: "3" } }'), /cannot be set: the length comes from the body/],
    [entry('request: { headers: { x-eg-verify-id: a } }'), /verify sets it itself/],
    [entry('request: { body: { size: 1MB } }'), /write a size as a whole number and a unit/],
    [entry('request: { body: { size: 65MiB } }'), /body: 65MiB is more than 64MiB/],
    [entry('request: { body: { size: 99999999 } }'), /size: must be <= 67108864/],
    [entry('request: { body: { base64: "=" } }'), /this is not base64/],
    [
      entry('request: { body: { base64: aGk=, size: 2 } }'),
      /must be text, or one of base64, file, size, chunks/,
    ],
    [entry('request: { body: { file: none.json } }'), /body: there is no file .*none\.json/],
    [entry('request: { body: { file: . } }'), /there is no file/],
    [entry('within: 0s'), /within: must be more than nothing/],
    [entry('within: soon'), /write a duration as a whole number and a unit/],
    [entry('concurrency: 2'), /concurrency: is 2, but the request is sent only 1 times/],
    [entry('repeat: 0'), /repeat: must be >= 1/],
    [
      entry('') + entry('').replace('requests:\n', ''),
      /:5:5: requests\.1\.name: "it" is also the name of the entry at contract\.yaml:2:5/,
    ],
  ])('%j', (text, message) => {
    expect(mistakes(text)).toMatch(message);
  });

  it('with all others, in the order of the file', () => {
    const text = entry('request: { methd: GET, path: a }\n    repeats: 2').replace('status', 'stats');
    expect(mistakes(text).split('\n')).toEqual([
      'contract.yaml:3:17: requests.0.response.stats: there is no such field; did you mean status?',
      'contract.yaml:4:16: requests.0.request.methd: there is no such field; did you mean method?',
      expect.stringMatching(/^contract\.yaml:4:28: requests\.0\.request\.path: begin with/),
      'contract.yaml:5:5: requests.0.repeats: there is no such field; did you mean repeat?',
    ]);
  });

  it('when aliases would grow without bound', () => {
    const levels = Array.from(
      { length: 9 },
      (_, i) =>
        `x${i}: &a${i} [${Array(9)
          .fill(i ? `*a${i - 1}` : 'lol')
          .join(', ')}]`,
    );
    expect(mistakes(levels.join('\n'))).toMatch(/alias/i);
  });
});

describe('the file of a contract', () => {
  it('is read, and shown under the name given', () => {
    const path = join(directory, 'contract.yaml');
    writeFileSync(path, entry('request: { body: { file: ./body.json } }'));
    expect(readContract(path, 'services/a/contract.yaml').entries[0]?.at).toBe(
      'services/a/contract.yaml:2:5',
    );
  });

  it('must exist', () => {
    expect(() => readContract(join(directory, 'nope.yaml'))).toThrow(
      /There is no file .*nope\.yaml\..*--contract/,
    );
    expect(() => readContract(directory)).toThrow(/There is no file/);
  });

  it('must not be huge', () => {
    const path = join(directory, 'huge.yaml');
    writeFileSync(path, `${entry('')}#${'x'.repeat(1024 * 1024)}`);
    expect(() => readContract(path)).toThrow(/huge\.yaml has \d+ bytes; a contract has at most 1MiB/);
  });
});
