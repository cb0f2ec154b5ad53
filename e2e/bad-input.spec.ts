import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { generators } from './support/generators.ts';
import { minimalWorkspace, type Workspace } from './support/workspace.ts';

let workspace: Workspace;

beforeAll(async () => {
  workspace = await minimalWorkspace('bad-input');
  for (const id of generators) await workspace.nx('g', `@eg/plugin:${id}`, `services/my-${id}`);
  workspace.write('docs/notes.txt', 'mine\n');
  workspace.write('a-file', 'mine\n');
  await workspace.commit();
});

// What one test wrongly wrote must not fail the next.
afterEach(() => workspace.reset());

/** The command must fail with one message for people that matches `message`, and must write nothing. */
async function refused(args: string[], message: RegExp, env: Record<string, string> = {}): Promise<void> {
  const { code, output } = await workspace.tryNx(args, { env });
  expect(output).toMatch(message);
  expect(code).not.toBe(0);
  expect(output).not.toMatch(/^\s+at .*[:(]\d+:\d+/m);
  expect(await workspace.changes()).toEqual([]);
}

const directories: [why: string, directory: string, message: RegExp][] = [
  ['a space', 'services/my filter', /my filter/],
  ['an apostrophe', "services/it's", /it's/],
  ['a double quote', 'services/"quoted"', /"quoted"/],
  ['a parent directory', '../outside', /out of the workspace/],
  ['a hidden parent directory', 'services/../../outside', /out of the workspace/],
  ['an absolute path', '/tmp/outside', /out of the workspace/],
  ['accents', 'services/naïve', /naïve/],
  ['another script', 'services/フィルタ', /フィルタ/],
  ['300 characters', `services/${'a'.repeat(300)}`, /300 characters/],
  ['a number in YAML', 'services/1e3', /1e3/],
  ['a shell substitution', 'services/$(touch hacked)', /touch hacked/],
  ['a shell separator', 'services/a;b', /a;b/],
  ['a YAML mapping', 'services/a: b', /a: b/],
  ['a line break', 'services/a\nb', /cannot be used/],
  ['capitals', 'services/MyFilter', /--name=myfilter/],
  ['a file', 'a-file', /a-file is a file/],
  ['a directory that holds other things', 'docs', /docs already holds/],
  ['a directory inside an extension', `services/my-${generators[0]}/inner`, /inside another/],
  ['nothing', '', /directory/],
];

describe('a directory', () => {
  it.each(directories)('with %s is refused', async (_, directory, message) => {
    await refused(['g', `@eg/plugin:${generators[0]}`, directory], message);
  });

  it('of another generator is refused', async () => {
    await refused(['g', `@eg/plugin:${generators[0]}`, `services/my-${generators[1]}`], /already holds/);
  });
});

const options: [option: string, message: RegExp][] = [
  ['--name=Not Valid', /Not Valid/],
  ['--name=-x', /-x/],
  [`--name=my-${generators[1]}`, /already has a project/],
  ['--target=Backend/x', /Backend\/x/],
  ['--target=Service/x', /Service\/x/],
  ['--target=HTTPRoute', /HTTPRoute/],
  ['--target=HTTPRoute/', /HTTPRoute\//],
  ['--target=Gateway/a/b/c', /Gateway\/a\/b\/c/],
  ['--target=HTTPRoute/Not_A_Name', /Not_A_Name/],
  ['--namespace=Not A Namespace', /namespace/],
  ['--request=everything', /request/],
  ['--nonsense=1', /nonsense/],
];

describe.each(generators)('%s', (id) => {
  it.each(options)('refuses %s', async (option, message) => {
    await refused(['g', `@eg/plugin:${id}`, 'services/other', option], message);
  });
});

const shared: [option: string, message: RegExp][] = [
  ['--messageTimeout=soon', /messageTimeout/],
  ['--messageTimeout=0s', /messageTimeout/],
  ['--messageTimeout=-1s', /messageTimeout/],
  ['--messageTimeout=99999h', /messageTimeout/],
  ['--registry=https://registry.example.com', /registry/],
  ['--registry=registry.example.com:99999999', /registry/],
  ['--image=Has:Tag', /image/],
];

describe('go-extproc', () => {
  it.each(shared)('refuses %s', async (option, message) => {
    await refused(['g', '@eg/plugin:go-extproc', 'services/other', option], message);
  });

  it.each([['vendor'], ['con']])('refuses the name %s, which means something to Go', async (name) => {
    await refused(['g', '@eg/plugin:go-extproc', `services/${name}`], new RegExp(name));
  });
});

describe('rust-wasm', () => {
  it.each([['match'], ['test'], ['core']])(
    'refuses the name %s, which means something to Rust',
    async (name) => {
      await refused(['g', '@eg/plugin:rust-wasm', `services/${name}`], new RegExp(name));
    },
  );
});

describe('serve and verify', () => {
  const project = 'my-lua-configmap';

  it.each([['--port=-1'], ['--port=99999']])('refuse %s', async (port) => {
    await refused(['serve', project, port], /port/);
  });

  it('say so when the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await refused(['serve', project, `--port=${port}`], new RegExp(`${port}`));
    server.close();
  });

  it('say so when there is no Envoy where it should be', async () => {
    await refused(['verify', project], /\/nowhere\/envoy/, { ENVOY_PATH: '/nowhere/envoy' });
  });

  it('say so when Envoy is not Envoy', async () => {
    await refused(['verify', project], /Envoy/, { ENVOY_PATH: '/bin/false' });
  });
});

describe('a broken extension', () => {
  const broken: [why: string, content: string, message: RegExp][] = [
    ['half-written YAML', 'generator: "lua-configmap\nname: [', /eg-extension\.yaml:\d+:\d+/],
    ['an empty file', '', /eg-extension\.yaml.*empty/],
    ['a list', '- a\n- b\n', /eg-extension\.yaml/],
    [
      'a generator that does not exist',
      'generator: nope\nversion: 0.1.0\nname: x\noptions: {}\n',
      /1:12: generator: must be one of/,
    ],
    [
      'a field of the wrong type',
      'generator: lua-configmap\nversion: 0.1.0\nname: [x]\noptions: {}\n',
      /name/,
    ],
  ];

  afterEach(async () => {
    workspace.write('services/half/eg-extension.yaml', '');
    await workspace.commit();
  });

  it.each(broken)('with %s says so, and the rest of the workspace works', async (_, content, message) => {
    workspace.write('services/half/eg-extension.yaml', content);
    await workspace.commit();
    const projects = JSON.parse(await workspace.nx('show', 'projects', '--json')) as string[];
    expect(projects).toEqual(expect.arrayContaining(generators.map((id) => `my-${id}`)));
    await refused(['build', 'half'], message);
    await workspace.nx('lint', 'my-lua-configmap');
  });
});

describe('names that YAML reads as something else', () => {
  it.each([['n'], ['no'], ['on'], ['true'], ['null']])('%s is a name like any other', async (name) => {
    await workspace.nx('g', '@eg/plugin:lua-configmap', `words/${name}`);
    await workspace.nx('run-many', '-t', 'test,lint,verify', '-p', name);
  });
});

describe('source that does not compile', () => {
  const sources: [generator: string, source: string][] = [
    ['go-extproc', 'processor.go'],
    ['rust-wasm', 'src/filter.rs'],
    ['go-wasm', 'filter.go'],
    ['as-wasm', 'assembly/filter.ts'],
  ];

  it.each(sources)('fails the build of %s with what the compiler says', async (id, source) => {
    const path = `services/my-${id}/${source}`;
    const before = workspace.read(path);
    workspace.write(path, `${before}\nthis is not code\n`);
    const { code, output } = await workspace.tryNx(['build', `my-${id}`]);
    workspace.write(path, before);
    expect([code, output]).toEqual([1, expect.stringContaining(source)]);
  });
});
