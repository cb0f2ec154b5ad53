import type { ExecutorContext } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromTemplate } from '../../generators/from-template.ts';
import { loadSchema } from '../../lib/schema.ts';
import { readStats } from '../../stack/stats.ts';
import verify from './executor.ts';
import type { VerifyOptions } from './plan.ts';

// Everything here is real: the generated extension, Envoy, and the requests through it.

/** Names the file in which Envoy says where its admin interface is. */
const ADDRESS = '--admin-address-path';

const project = 'services/my-filter';
let workspace: string;
let printed: string;

beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), 'eg-verify-'));
  const tree = createTreeWithEmptyWorkspace();
  await fromTemplate('lua-configmap')(tree, { directory: project });
  for (const { path, content } of tree.listChanges()) if (content) write(path, content.toString());
});
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

beforeEach(() => {
  printed = '';
  const collect = (text: unknown) => {
    printed += String(text);
    return true;
  };
  jest.spyOn(process.stdout, 'write').mockImplementation(collect);
  jest.spyOn(console, 'error').mockImplementation(collect);
});
afterEach(() => jest.restoreAllMocks());

function write(path: string, text: string): void {
  const target = join(workspace, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
}

function run(options: VerifyOptions = {}): Promise<{ success: boolean }> {
  const projects = { 'my-filter': { root: project } };
  const context = {
    root: workspace,
    projectName: 'my-filter',
    projectsConfigurations: { version: 2, projects },
  };
  return verify(options, context as unknown as ExecutorContext);
}

const read = (path: string): string => readFileSync(join(workspace, path), 'utf8');

it('passes for what was generated, and proves that Envoy ran it', async () => {
  expect(await run({ junit: 'out/verify.xml', json: 'out/verify.json' })).toEqual({ success: true });
  expect(printed).toMatch(
    /✓ adds its header to the response.*✓ loaded: .*✓ able to fail: .*The contract holds\./s,
  );
  expect(read('out/verify.xml')).toMatch(/<testsuite name="my-filter" tests="\d+" failures="0"/);
  const report: unknown = JSON.parse(read('out/verify.json'));
  const validate = loadSchema('verify-report');
  validate(report);
  expect(validate.errors).toBeNull();
  expect(report).toMatchObject({ ok: true, envoy: { version: expect.stringMatching(/^\d+\./) as string } });
});

it('fails for an extension that does something else, and shows what it logged', async () => {
  const script = `${project}/lua/filter.lua`;
  const before = read(script);
  write(
    script,
    before
      .replace('x-eg-response', 'x-eg-responded')
      .replace('local headers', 'request_handle:logWarn("hm")\n  local headers'),
  );
  const result = await run({ json: '-' });
  write(script, before);
  expect(result).toEqual({ success: false });
  const report = JSON.parse(printed.slice(0, printed.indexOf('\n}\n') + 3)) as {
    entries: { ok: boolean; problems: object[] }[];
  };
  expect(report.entries.find(({ ok }) => !ok)?.problems).toMatchObject([
    { what: 'response header x-eg-response', expected: '"my-filter"', got: 'absent' },
  ]);
  expect(printed).toMatch(/What was logged last:\n.*hm/s);
});

it('fails for a contract that would also hold without the extension', async () => {
  write(`${project}/weak.yaml`, 'requests: [{ name: answers, response: { status: 200 } }]\n');
  expect(await run({ contract: 'weak.yaml' })).toEqual({ success: false });
  expect(printed).toMatch(/✓ answers.*✗ able to fail: every entry also holds without the extension/s);
  expect(await run({ contract: 'weak.yaml', invisible: true })).toEqual({ success: true });
});

it('fails for an entry that must fail, whatever it expects', async () => {
  write(
    `${project}/wrong.yaml`,
    `requests:
  - { name: status, response: { status: 404 } }
  - { name: upstream, upstream: none }
  - { name: denied, request: { headers: { x-eg-deny: "true" } }, upstream: { path: / }, response: { status: 403 } }
  - { name: trailers, request: { body: a, trailers: { x-t: b } }, upstream: { trailers: { x-t: { absent: true } } } }
  - { name: time, within: 1ms, repeat: 20, concurrency: 20, request: { body: { size: 1MiB } }, upstream: { body: { size: 1MiB } } }
`,
  );
  expect(await run({ contract: 'wrong.yaml' })).toEqual({ success: false });
  expect(printed.match(/✗ \w+/g)).toEqual(['✗ status', '✗ upstream', '✗ denied', '✗ trailers', '✗ time']);
});

it('says why, when Envoy ends under way', async () => {
  write(
    `${project}/long.yaml`,
    'requests: [{ name: long, repeat: 100000, concurrency: 5, upstream: { path: / } }]\n',
  );
  const running = run({ contract: 'long.yaml' });
  process.kill(await busyEnvoy(), 'SIGKILL');
  expect(await running).toEqual({ success: false });
  expect(printed).toMatch(/✗ long .*✗ no crash: Envoy ended/s);
});

it.each<[VerifyOptions, RegExp]>([
  [
    { only: 'zzz' },
    /--only=zzz: no entry of services\/my-filter\/contract\.yaml has this in its name\. There are:\n {2}\w/,
  ],
  [{ contract: 'none.yaml' }, /There is no file services\/my-filter\/none\.yaml/],
  [{ envoy: 'none/envoy' }, /none\/envoy/],
  [{ policy: 'none' }, /none/],
])('refuses %j', async (options, message) => {
  await expect(run(options)).rejects.toThrow(message);
});

/** The process id of the Envoy that this process started, once it has run the script a hundred times. */
async function busyEnvoy(): Promise<number> {
  for (;;) {
    const list = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' });
    const words = list.split('\n').map((line) => line.trim().split(/\s+/));
    const [pid, , ...args] =
      words.find((line) => Number(line[1]) === process.pid && line.includes(ADDRESS)) ?? [];
    const executions = await readFile(args[args.indexOf(ADDRESS) + 1] ?? '', 'utf8')
      .then((address) => readStats(`http://${address.trim()}`, 'lua.executions'))
      .then((stats) => Math.max(...stats.values()))
      .catch(() => 0);
    if (executions > 100) return Number(pid);
    await sleep(50);
  }
}
