import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findResource, readManifests, type Resource } from './manifests.ts';

let home: string;
const { PATH } = process.env;

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'manifests-')));
  process.env['PATH'] = join(home, 'bin');
});
afterEach(() => {
  process.env['PATH'] = PATH;
  rmSync(home, { recursive: true });
});

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
  }
}

/** The resources of `base`, and messages without the directory of the test. */
async function read(files: Record<string, string>): Promise<Resource[]> {
  write(files);
  try {
    return await readManifests(join(home, 'base'));
  } catch (error) {
    throw new Error((error as Error).message.replaceAll(`${home}/`, ''), { cause: error });
  }
}

const map = (name: string, rest = '') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${rest}`;
const names = (resources: Resource[]) =>
  resources.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);

describe('resources', () => {
  it('come from files, directories, streams and lists, in order', async () => {
    const resources = await read({
      'base/kustomization.yaml': 'resources:\n  - a.yaml\n  - ../more\n  - list.yaml\n',
      'base/a.yaml': `# nothing\n---\n${map('one')}---\n---\n${map('two', '  namespace: other\n')}`,
      'more/kustomization.yml': 'resources: [b.yaml]\nnamespace: deep\n',
      'more/b.yaml': map('three'),
      'base/list.yaml': `apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Service\n    metadata: {name: four}\n`,
    });
    expect(names(resources)).toEqual([
      'ConfigMap default/one',
      'ConfigMap other/two',
      'ConfigMap deep/three',
      'Service default/four',
    ]);
    expect(resources.map(({ at }) => at(['metadata', 'name']))).toEqual([
      `${home}/base/a.yaml:6:9`,
      `${home}/base/a.yaml:12:9`,
      `${home}/base/../more/b.yaml:4:9`.replace('base/../', ''),
      `${home}/base/list.yaml:6:22`,
    ]);
  });

  it('are all in the namespace of the outermost kustomization', async () => {
    const resources = await read({
      'base/kustomization.yaml': 'namespace: "outer"\nresources: [a.yaml, ../more]\n',
      'base/a.yaml': map('one', '  namespace: other\n'),
      'more/kustomization.yaml': 'namespace: inner\nresources: [b.yaml]\n',
      'more/b.yaml': map('two'),
    });
    expect(names(resources)).toEqual(['ConfigMap outer/one', 'ConfigMap outer/two']);
  });
});

describe('a generated ConfigMap', () => {
  it('has the content of files, under their keys, and literals', async () => {
    const [resource] = await read({
      'base/kustomization.yaml': `configMapGenerator:
  - name: "script"
    files: [lua=deep/filter.lua, plain.txt]
    literals: ["a=b=c", 'quoted="x y"']
    options: { disableNameSuffixHash: true }
`,
      'base/deep/filter.lua': 'the script',
      'base/plain.txt': 'text',
    });
    expect(resource?.value['data']).toEqual({
      lua: 'the script',
      'plain.txt': 'text',
      a: 'b=c',
      quoted: 'x y',
    });
    expect(resource?.files?.['lua']).toBe(join(home, 'base/deep/filter.lua'));
    expect(resource?.hashed).toBe(false);
  });

  it.each([
    ['', true],
    ['generatorOptions: { disableNameSuffixHash: true }\n', false],
  ])('with %j', async (options, hashed) => {
    const [resource] = await read({
      'base/kustomization.yaml': `${options}configMapGenerator: [{ name: a, literals: [b=c] }]\n`,
    });
    expect(resource?.hashed).toBe(hashed);
  });
});

it('finds a resource by kind, name and namespace', async () => {
  const resources = await read({
    'base/kustomization.yaml': 'resources: [a.yaml]',
    'base/a.yaml': map('one'),
  });
  expect(findResource(resources, 'ConfigMap', { name: 'one', namespace: 'default' })).toBe(resources[0]);
  expect(findResource(resources, 'ConfigMap', { name: 'one', namespace: 'other' })).toBeUndefined();
  expect(findResource(resources, 'Secret', { name: 'one', namespace: 'default' })).toBeUndefined();
});

describe('mistakes, with file and line', () => {
  it.each<[string, Record<string, string>, string | RegExp]>([
    ['no directory', {}, 'base has no kustomization.yaml.'],
    [
      'a missing file',
      { 'base/kustomization.yaml': 'resources:\n  - a.yaml\n' },
      'base/kustomization.yaml:2:5: resources: base/a.yaml does not exist.',
    ],
    [
      'a file from outside',
      { 'base/kustomization.yaml': 'resources: [../a.yaml]', 'a.yaml': map('one') },
      'base/kustomization.yaml:1:13: resources: kustomize reads no file from outside base.',
    ],
    [
      'a script from outside',
      { 'base/kustomization.yaml': 'configMapGenerator: [{ name: a, files: [../a.lua] }]', 'a.lua': '' },
      'files: kustomize reads no file from outside base.',
    ],
    [
      'a missing script',
      { 'base/kustomization.yaml': 'configMapGenerator: [{ name: a, files: [lua=a.lua] }]' },
      'base/kustomization.yaml:1:41: files: base/a.lua does not exist.',
    ],
    [
      'a circle',
      {
        'base/kustomization.yaml': 'resources: [../more]',
        'more/kustomization.yaml': 'resources: [../base]',
      },
      'its resources lead back to itself.',
    ],
    [
      'broken YAML',
      { 'base/kustomization.yaml': 'resources: [a.yaml]', 'base/a.yaml': `${map('one')}---\na: [1,\n` },
      /^base\/a\.yaml:7:1: /,
    ],
    [
      'a broken kustomization',
      { 'base/kustomization.yaml': 'resources: a.yaml' },
      'base/kustomization.yaml:1:12: resources: must be array',
    ],
    ['an empty kustomization', { 'base/kustomization.yaml': '# nothing' }, 'must be object'],
    [
      'no kind',
      {
        'base/kustomization.yaml': 'resources: [a.yaml]',
        'base/a.yaml': 'apiVersion: v1\nmetadata: {name: a}\n',
      },
      'base/a.yaml:1:1: kind: a Kubernetes resource needs this text.',
    ],
    [
      'a name that is no text',
      { 'base/kustomization.yaml': 'resources: [a.yaml]', 'base/a.yaml': map('1e3') },
      'base/a.yaml:4:9: metadata.name: a Kubernetes resource needs this text.',
    ],
    [
      'a text',
      { 'base/kustomization.yaml': 'resources: [a.yaml]', 'base/a.yaml': 'hello' },
      'base/a.yaml:1:1: apiVersion: ',
    ],
    [
      'twins',
      { 'base/kustomization.yaml': 'resources: [a.yaml]', 'base/a.yaml': `${map('one')}---\n${map('one')}` },
      'base/a.yaml:6:1: ConfigMap one is there already: base/a.yaml:1:1.',
    ],
  ])('%s', async (_, files, message) => {
    await expect(read(files)).rejects.toThrow(message);
  });
});

describe('a field that only kustomize reads', () => {
  const patched = {
    'base/kustomization.yaml': 'resources: [a.yaml]\npatches:\n  - path: p.yaml\n',
    'base/a.yaml': map('one'),
  };

  it.each([
    [
      'base/kustomization.yaml:3:3: patches: only kustomize itself reads this field. Install kustomize',
      patched,
    ],
    [
      'configMapGenerator.0.envs: only kustomize',
      { 'base/kustomization.yaml': 'configMapGenerator: [{ name: a, envs: [x] }]' },
    ],
    [
      'resources.0: only kustomize',
      { 'base/kustomization.yaml': 'resources: ["https://example.com/x?ref=1"]' },
    ],
  ])('is named when there is no kustomize: %s', async (message, files) => {
    await expect(read(files)).rejects.toThrow(message);
  });

  it.each([
    ['kustomize', 'build'],
    ['kubectl', 'kustomize'],
  ])('is left to %s', async (program, subcommand) => {
    const script = `#!/bin/sh\n[ "$1 $2" = "${subcommand} ${home}/base" ] && printf '${map('two').replaceAll('\n', '\\n')}'\n`;
    write({ [`bin/${program}`]: script });
    chmodSync(join(home, 'bin', program), 0o755);
    expect(names(await read(patched))).toEqual(['ConfigMap default/two']);
  });

  it('fails with the words of kustomize', async () => {
    write({ 'bin/kustomize': '#!/bin/sh\necho no such patch >&2\nexit 1\n' });
    chmodSync(join(home, 'bin', 'kustomize'), 0o755);
    await expect(read(patched)).rejects.toThrow('`kustomize build base` failed:\nno such patch');
  });
});
