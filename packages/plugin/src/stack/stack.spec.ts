import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStack } from './stack.ts';
import { sendAlways } from './testing/load.ts';
import { wasmModule } from './testing/module.ts';
import { commandLine, listening, processesWith, until } from './testing/processes.ts';
import {
  deployment,
  luaFiles,
  policy,
  project,
  script,
  serviceFiles,
  wasmFiles,
  type Project,
} from './testing/project.ts';
import type { Stack, StackOptions } from './types.ts';

const server = readFileSync(join(import.meta.dirname, 'testing', 'ext-proc-server.mjs'), 'utf8').replace(
  '/usr/bin/env node',
  process.execPath,
);

const stacks: Stack[] = [];
const projects: Project[] = [];

beforeAll(() => {
  // Which Envoy: see find-envoy.spec.ts.
  if (!process.env['ENVOY_PATH']) throw new Error('ENVOY_PATH must name an Envoy for these tests.');
});
afterEach(async () => {
  await Promise.all(stacks.splice(0).map((stack) => stack.stop()));
  projects.splice(0).forEach((made) => made.remove());
});

function make(...args: Parameters<typeof project>): Project {
  const made = project(...args);
  projects.push(made);
  return made;
}

async function start(made: Project, options: Partial<StackOptions> = {}): Promise<Stack> {
  const stack = await startStack({ ...made.options, ...options });
  stacks.push(stack);
  return stack;
}

const mine = async ({ url }: Stack): Promise<string | null> =>
  (await fetch(`${url}/hello`)).headers.get('x-mine');

/** What an ext_proc entry needs, or another mechanism, with the value of the header that it sets. */
const kinds: [string, (value: string) => Project, (made: Project, value: string) => void][] = [
  [
    'lua',
    (value) => make('lua', luaFiles(value)),
    (made, value) => made.write('lua/filter.lua', script(value)),
  ],
  [
    'wasm',
    (value) => make('wasm', { ...wasmFiles(), 'dist/plugin.wasm': wasmModule(value) }),
    (made, value) => made.write('dist/plugin.wasm', wasmModule(value)),
  ],
  [
    'ext_proc',
    (value) => make('ext_proc', serviceFiles(server, { VALUE: value })),
    (made, value) => made.write('k8s/base/deployment.yaml', deployment({ VALUE: value })),
  ],
];

describe.each(kinds)('%s', (_, create, edit) => {
  it('answers from the first request on, and proves that it was loaded', async () => {
    const stack = await start(create('one'));
    const before = await stack.stats();
    const response = await fetch(`${stack.url}/hello?a=b`, { headers: { 'x-eg-verify-id': '1' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-mine')).toBe('one');
    expect(await response.json()).toMatchObject({ method: 'GET', path: '/hello?a=b' });
    expect(stack.echo.seen('1')).toMatchObject({ method: 'GET', path: '/hello?a=b' });
    expect(stack.mechanism.proveLoaded(before, await stack.stats()).loaded).toBe(true);
  });

  it('loads what changed, and says whether anything had', async () => {
    const made = create('one');
    const stack = await start(made);
    expect(await stack.reload()).toBe(false);
    edit(made, 'two');
    expect(await stack.reload()).toBe(true);
    expect(await mine(stack)).toBe('two');
    expect(await stack.reload()).toBe(false);
  });

  it('leaves no process and no file', async () => {
    const stack = await start(create('one'));
    const home = homeOf(stack);
    expect(processesWith(home).length).toBeGreaterThan(0);
    await stack.stop();
    await until(() => processesWith(home).length === 0);
    expect(readdirSync(tmpdir())).not.toContain(home.split('/').pop());
  });
});

// For ext_proc, the server decides too: Go's is tried by the benchmarks, and Node's own loses requests.
it.each(kinds.slice(0, 2))(
  '%s: no request is lost in 200 changes under load',
  async (_, create, edit) => {
    const made = create('0');
    const stack = await start(made);
    const load = sendAlways(stack.url, 8);
    for (let change = 1; change <= 200; change++) {
      edit(made, String(change));
      await stack.reload();
    }
    const { answered, failed } = await load.stop();
    expect(failed).toEqual([]);
    expect(answered).toBeGreaterThan(100);
    expect(await mine(stack)).toBe('200');
  },
  120_000,
);

describe('what Envoy or the extension refuses', () => {
  it('is told with the line of the script, and the version before goes on', async () => {
    const made = make('lua', luaFiles('one'));
    const stack = await start(made);
    made.write('lua/filter.lua', `${script('two')}function oops(\n`);
    await expect(stack.reload()).rejects.toThrow(
      /services\/mine\/lua\/filter\.lua:6: .*expected near '<eof>'/,
    );
    expect(await mine(stack)).toBe('one');
    // Saving the same again is a new attempt.
    await expect(stack.reload()).rejects.toThrow(/filter\.lua:6/);
    made.write('lua/filter.lua', script('three'));
    expect(await stack.reload()).toBe(true);
    expect(await mine(stack)).toBe('three');
  });

  it('is told when it is so from the start', async () => {
    const made = make('lua', { ...luaFiles('one'), 'lua/filter.lua': 'oops(' });
    await expect(start(made)).rejects.toThrow(/Envoy refuses the configuration:\n.*lua\/filter\.lua:1:/);
  });

  it('is told for a module that is none', async () => {
    const made = make('wasm', { ...wasmFiles(), 'dist/plugin.wasm': wasmModule('one') });
    const stack = await start(made);
    made.write('dist/plugin.wasm', 'nonsense');
    await expect(stack.reload()).rejects.toThrow(/Wasm VM failed/);
    expect(await mine(stack)).toBe('one');
  });

  it('is told for a program that does not start', async () => {
    const made = make('ext_proc', serviceFiles(server, { VALUE: 'one' }));
    const stack = await start(made);
    made.write('k8s/base/deployment.yaml', deployment({ VALUE: 'two', CRASH: 'start' }));
    await expect(stack.reload()).rejects.toThrow(
      /mine ended \(exit code 1\):\n(.*\n)*.*cannot read the settings/,
    );
    expect(await mine(stack)).toBe('one');
  });

  it('is told for a policy that is wrong', async () => {
    const made = make('lua', luaFiles('one'));
    const stack = await start(made);
    made.write('k8s/base/policy.yaml', policy({ lua: [{ type: 'inline' }] }));
    await expect(stack.reload()).rejects.toThrow(
      /^services\/mine\/k8s\/base\/policy\.yaml:1:\d+: spec\.lua\[0\]\.type: /,
    );
    expect(await mine(stack)).toBe('one');
  });
});

it('follows a policy that gets another entry', async () => {
  const made = make('lua', luaFiles('one'));
  const stack = await start(made);
  const inline = { type: 'Inline', inline: script('second') };
  const valueRef = { type: 'ValueRef', valueRef: { group: '', kind: 'ConfigMap', name: 'mine' } };
  // Responses pass the filters in reverse.
  made.write('k8s/base/policy.yaml', policy({ lua: [inline, valueRef] }));
  expect(await stack.reload()).toBe(true);
  expect(await mine(stack)).toBe('second');
  made.write('k8s/base/policy.yaml', policy({ lua: [valueRef] }));
  expect(await stack.reload()).toBe(true);
  expect(await mine(stack)).toBe('one');
});

describe('the log', () => {
  it('has what the script says, apart from Envoy, with the line of an error', async () => {
    const made = make('lua', {
      ...luaFiles('one'),
      'lua/filter.lua': 'function envoy_on_request(handle)\n  handle:logInfo("hello")\n  nothing()\nend\n',
    });
    const stack = await start(made);
    await fetch(stack.url);
    await until(() => made.log.length >= 2);
    expect(made.log).toEqual([
      'mine | hello',
      expect.stringMatching(/^mine \| services\/mine\/lua\/filter\.lua:3: attempt to call global 'nothing'/),
    ]);
  });

  it('shows a trap of a module', async () => {
    const made = make('wasm', { ...wasmFiles(), 'dist/plugin.wasm': wasmModule('one', { trap: true }) });
    const stack = await start(made);
    await fetch(stack.url);
    await until(() => made.log.some((line) => line.includes('unreachable')));
  });

  it('has what the program prints', async () => {
    const made = make('ext_proc', serviceFiles(server, { VALUE: 'one' }));
    await start(made);
    expect(made.log).toContain('mine | serving one');
  });
});

describe('a crash', () => {
  it('of the program fails the stack, with its last words', async () => {
    const made = make('ext_proc', serviceFiles(server, { CRASH: 'request' }));
    const stack = await start(made);
    expect((await fetch(stack.url)).status).toBe(500);
    await expect(stack.failed).rejects.toThrow(/mine ended \(exit code 1\):\n(.*\n)*.*no such header/);
  });

  it('of the program is waited out when somebody edits it', async () => {
    const made = make('ext_proc', serviceFiles(server, { CRASH: 'request' }));
    const stack = await start(made, { onCrash: 'wait' });
    await fetch(stack.url);
    await until(() => made.log.some((line) => line.startsWith('stack | mine ended')));
    made.write('k8s/base/deployment.yaml', deployment({ VALUE: 'mended' }));
    expect(await stack.reload()).toBe(true);
    expect(await mine(stack)).toBe('mended');
  });

  it('of Envoy fails the stack', async () => {
    const stack = await start(make('lua', luaFiles('one')));
    const [envoy] = processesWith('bootstrap.json').filter((pid) => commandLine(pid).includes(homeOf(stack)));
    process.kill(envoy ?? 0, 'SIGKILL');
    await expect(stack.failed).rejects.toThrow('Envoy ended (SIGKILL)');
  });
});

describe('what is missing', () => {
  it.each<[string, () => Project, RegExp]>([
    [
      'a module',
      () => make('wasm', wasmFiles()),
      /^services\/mine\/dist\/plugin\.wasm does not exist\. Build it first: nx build mine$/,
    ],
    [
      'a policy',
      () => make('lua', { ...luaFiles('one'), 'k8s/base/policy.yaml': '' }),
      /^services\/mine\/k8s\/base: there is no EnvoyExtensionPolicy/,
    ],
    ['an entry of the mechanism', () => make('wasm', luaFiles('one')), /spec\.wasm has no entry/],
    [
      'a ConfigMap',
      () => make('lua', { ...luaFiles('one'), 'k8s/base/kustomization.yaml': 'resources: [policy.yaml]' }),
      /policy\.yaml:1:\d+: there is no ConfigMap mine in namespace default/,
    ],
    ['manifests', () => make('lua', {}), /services\/mine\/k8s\/base has no kustomization\.yaml/],
  ])('%s', async (_, create, message) => {
    await expect(start(create())).rejects.toThrow(message);
  });

  it('the program', async () => {
    const files = serviceFiles(server, {});
    delete files['dist/mine'];
    await expect(start(make('ext_proc', files))).rejects.toThrow(
      /dist\/mine does not exist\. Build it first/,
    );
  });

  it('the port', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await sleep(10);
    const { port } = taken.address() as AddressInfo;
    await expect(start(make('lua', luaFiles('one')), { port })).rejects.toThrow(`Port ${port} is taken`);
    taken.close();
  });
});

it('listens on the port that was asked for, and nothing beyond loopback', async () => {
  const free = createServer().listen(0, '127.0.0.1');
  await sleep(10);
  const { port } = free.address() as AddressInfo;
  await new Promise((resolve) => free.close(resolve));
  const stack = await start(make('lua', luaFiles('one')), { port });
  expect(stack.url).toBe(`http://127.0.0.1:${port}`);
  const addresses = listening(processesWith(homeOf(stack)));
  expect(addresses.length).toBeGreaterThan(0);
  expect(addresses.filter((address) => !address.startsWith('0100007F:'))).toEqual([]);
});

it('runs several stacks at once', async () => {
  const values = ['one', 'two', 'three'];
  const running = await Promise.all(values.map((value) => start(make('lua', luaFiles(value)))));
  expect(await Promise.all(running.map(mine))).toEqual(values);
});

/** Directory of the stack, as its Envoy's statistics name it. */
function homeOf(stack: Stack): string {
  const port = new URL(stack.adminUrl).port;
  const found = readdirSync(tmpdir())
    .filter((name) => name.startsWith('eg-'))
    .map((name) => join(tmpdir(), name))
    .find(
      (home) =>
        existsSync(join(home, 'admin')) && readFileSync(join(home, 'admin'), 'utf8').endsWith(`:${port}`),
    );
  if (!found) throw new Error('The stack has no directory.');
  return found;
}
