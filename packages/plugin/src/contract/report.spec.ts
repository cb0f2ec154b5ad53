import { execFileSync } from 'node:child_process';
import { loadSchema } from '../lib/schema.ts';
import { parseContract } from './parse.ts';
import { junitReport } from './junit.ts';
import { reportOf, type Proof, type Report } from './report.ts';
import { runEntries } from './run.ts';
import { echo, startServer, type TestServer } from './testing/server.ts';
import { textReport } from './text.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer((request, response, got) => {
    if (request.url === '/bad') response.setHeader('x-bad', '<&">\'\u00ff');
    return echo(request, response, got);
  });
});
afterAll(() => server.close());

const loaded: Proof = { name: 'loaded', ok: true, detail: 'streams_started 0 → 4' };

async function report(requests: string, { proofs = [loaded], local = true } = {}): Promise<Report> {
  const { entries } = parseContract(`requests:\n${requests}`, 'contract.yaml', '.');
  const endpoint = { origin: server.url, headers: {}, timeoutMs: 5000, ...(local && { seen: server.seen }) };
  const results = await runEntries(entries, endpoint);
  return reportOf({
    extension: 'my-filter',
    url: 'http://127.0.0.1:10080',
    envoy: { path: '/usr/bin/envoy', version: '1.40.0' },
    headers: {},
    proofs,
    results,
  });
}

const good = '  - { name: good, upstream: { path: / } }\n';
const bad = '  - { name: "bad <&\\">\'", request: { path: /bad }, response: { headers: { x-bad: good } } }\n';
const often = '  - { name: often, repeat: 3, upstream: { path: /b } }\n';

describe('a report', () => {
  it('is ok when everything holds', async () => {
    expect(await report(good)).toMatchObject({
      ok: true,
      entries: [{ name: 'good', at: 'contract.yaml:2:5', ok: true, requests: 1, problems: [] }],
      total: { entries: 1, failed: 0, requests: 1 },
    });
  });

  it('is not ok when an entry fails, a proof fails, or there are no entries', async () => {
    expect((await report(good + bad)).ok).toBe(false);
    expect((await report(good, { proofs: [{ ...loaded, ok: false }] })).ok).toBe(false);
    expect(reportOf({ extension: 'a', url: 'b', headers: {}, proofs: [loaded], results: [] }).ok).toBe(false);
  });

  it('is ok when a proof could not be made, which is said', async () => {
    const unproven = await report(good, { proofs: [{ ...loaded, ok: null, detail: 'no --admin' }] });
    expect(unproven.ok).toBe(true);
    expect(textReport(unproven, false)).toContain('  ! loaded: no --admin');
    expect(junitReport(unproven)).toContain('<skipped message="no --admin">');
  });

  it('has percentiles of the times', () => {
    const { entries } = parseContract(
      'requests: [{ name: a, repeat: 100, response: { status: 200 } }]',
      'c',
      '.',
    );
    const [entry] = entries;
    if (!entry) throw new Error('no entry');
    const times = Array.from({ length: 100 }, (_, index) => 100 - index);
    const results = [{ entry, requests: 100, times, problems: [], notChecked: [] }];
    const { total } = reportOf({ extension: 'a', url: 'b', headers: {}, proofs: [], results });
    expect(total).toMatchObject({ requests: 100, p50Ms: 50, p99Ms: 99 });
  });

  it('keeps to its schema', async () => {
    const validate = loadSchema('verify-report');
    const written: unknown = JSON.parse(JSON.stringify(await report(good + bad + often)));
    validate(written);
    expect(validate.errors).toBeNull();
  });
});

describe('on the terminal', () => {
  /** Without what differs between runs. */
  const text = async (requests: string, local = true) =>
    textReport(await report(requests, { local }), false).replace(/\d+(\.\d+)? ms/g, 'N ms');

  it('shows what holds and what does not, with expected and got, the place and a line to reproduce it', async () => {
    expect(await text(good + bad + often)).toBe(`
my-filter on Envoy 1.40.0

  ✓ good  N ms
  ✗ bad <&">'  N ms  contract.yaml:3:5
      response header x-bad
        expected  "good"
        got       "<&\\">'ÿ"
      curl -i --path-as-is 'http://127.0.0.1:10080/bad'
  ✗ often  3 requests, p50 N ms, p99 N ms  contract.yaml:4:5
      upstream path (in 3 of 3 requests)
        expected  "/b"
        got       "/"
      curl -i --path-as-is 'http://127.0.0.1:10080/'

  ✓ loaded: streams_started 0 → 4

  To send the curl lines, first: nx serve my-filter --port=10080

  entries  held  failed  partly checked  requests  p50     p99
  3        1     2       0               5         N ms  N ms

The contract does not hold.
`);
  });

  it('shows what was not checked', async () => {
    const noEcho = await text(
      '  - { name: denied, request: { path: /, method: HEAD }, upstream: none }\n',
      false,
    );
    expect(noEcho).toContain('✓ denied  N ms\n      ! upstream not checked: no echo service answered there');
    expect(noEcho).toContain('The contract holds as far as it could be checked.');
  });

  it('uses colours only when told to', async () => {
    const both = await report(good);
    expect(textReport(both, true)).toContain('\u001b[32m✓\u001b[0m good');
    expect(textReport(both, false)).not.toContain('\u001b');
  });
});

describe('as JUnit XML', () => {
  /** What another XML reader makes of the report. */
  function parsed(xml: string): unknown {
    const program = `
import json, sys, xml.etree.ElementTree as tree
def node(e): return {'tag': e.tag, **e.attrib, 'text': (e.text or '').strip(), 'children': [node(c) for c in e]}
print(json.dumps(node(tree.fromstring(sys.stdin.buffer.read()))))`;
    return JSON.parse(execFileSync('python3', ['-c', program], { input: xml, encoding: 'utf8' }));
  }

  it('has a case for each entry and each proof', async () => {
    expect(parsed(junitReport(await report(good + bad)))).toMatchObject({
      tag: 'testsuites',
      tests: '3',
      failures: '1',
      errors: '0',
      skipped: '0',
      children: [
        {
          tag: 'testsuite',
          name: 'my-filter',
          tests: '3',
          children: [
            {
              tag: 'testcase',
              name: 'good',
              classname: 'my-filter',
              time: expect.stringMatching(/^0\.\d{6}$/) as string,
              children: [],
            },
            {
              name: 'bad <&">\'',
              children: [
                {
                  tag: 'failure',
                  message: 'response header x-bad: expected "good", got "<&\\">\'ÿ"',
                  text: expect.stringMatching(
                    /^contract\.yaml:3:5\n.*expected {2}"good"\n.*\ncurl -i/s,
                  ) as string,
                },
              ],
            },
            {
              name: 'loaded',
              classname: 'my-filter.run',
              children: [{ tag: 'system-out', text: 'streams_started 0 → 4' }],
            },
          ],
        },
      ],
    });
  });

  it('stays well-formed whatever the names are', async () => {
    const nasty = 'a\u0000\u001b[31m]]>\ud800\uffff\n"\'<b>& 😀';
    const [proof] = [{ name: nasty, ok: false, detail: nasty }];
    const xml = junitReport(await report(good, { proofs: [proof] }));
    expect(JSON.stringify(parsed(xml))).toContain('😀');
  });
});
