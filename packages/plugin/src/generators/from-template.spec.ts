import type { Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { templateIds } from '../engine/template.ts';
import { fromTemplate } from './from-template.ts';

const contents = (tree: Tree): Record<string, string | undefined> =>
  Object.fromEntries(tree.listChanges().map(({ path, content }) => [path, content?.toString()]));

describe('a language that needs npm packages', () => {
  const dependencies = (tree: Tree) =>
    (JSON.parse(tree.read('package.json', 'utf8') ?? '') as { devDependencies: unknown }).devDependencies;

  it('has them added to the workspace', async () => {
    const tree = createTreeWithEmptyWorkspace();
    await fromTemplate('as-wasm')(tree, { directory: 'a/b' });
    expect(dependencies(tree)).toMatchObject({ assemblyscript: expect.stringMatching(/^\d/) as string });
  });

  it('keeps the versions that are there', async () => {
    const tree = createTreeWithEmptyWorkspace();
    tree.write('package.json', '{ "devDependencies": { "assemblyscript": "~0.28.1" } }');
    await fromTemplate('as-wasm')(tree, { directory: 'a/b' });
    expect(dependencies(tree)).toEqual({ assemblyscript: '~0.28.1' });
  });
});

describe.each(templateIds())('%s', (id) => {
  const generate = fromTemplate(id);
  let tree: Tree;
  beforeEach(() => (tree = createTreeWithEmptyWorkspace()));

  it('makes the files that every extension has', async () => {
    await generate(tree, { directory: 'services/my-filter' });
    for (const file of [
      'eg-extension.yaml',
      'contract.yaml',
      'README.md',
      'k8s/base/kustomization.yaml',
      'k8s/base/policy.yaml',
    ])
      expect(tree.exists(`services/my-filter/${file}`)).toBe(true);
    expect(JSON.parse(tree.read('nx.json', 'utf8') ?? '')).toMatchObject({ plugins: ['@eg/plugin'] });
  });

  it('changes nothing the second time', async () => {
    await generate(tree, { directory: 'services/my-filter' });
    const once = contents(tree);
    await generate(tree, { directory: 'services/my-filter' });
    expect(contents(tree)).toEqual(once);
  });

  it('keeps what a user wrote, and restores what is missing', async () => {
    await generate(tree, { directory: 'a/b' });
    const once = contents(tree);
    tree.write('a/b/README.md', 'mine');
    tree.write('a/b/extra.txt', 'mine too');
    tree.delete('a/b/contract.yaml');
    await generate(tree, { directory: 'a/b' });
    expect(contents(tree)).toEqual({ ...once, 'a/b/README.md': 'mine', 'a/b/extra.txt': 'mine too' });
  });

  it('brings untouched files up to date with a new option, and remembers it', async () => {
    await generate(tree, { directory: 'a/b' });
    tree.write('a/b/README.md', 'mine');
    await generate(tree, { directory: 'a/b', namespace: 'team-2' } as { directory: string });
    expect(tree.read('a/b/k8s/base/kustomization.yaml', 'utf8')).toContain('team-2');
    expect(tree.read('a/b/README.md', 'utf8')).toBe('mine');
    const once = contents(tree);
    await generate(tree, { directory: 'a/b', namespace: 'default' } as { directory: string });
    expect(contents(tree)).toEqual(once);
  });

  it('lists every TODO of its files in the README', async () => {
    await generate(tree, { directory: 'a/b' });
    const readme = tree.read('a/b/README.md', 'utf8') ?? '';
    for (const { path, content } of tree.listChanges()) {
      if (!path.startsWith('a/b/') || path.endsWith('README.md') || !content?.includes('TODO')) continue;
      expect(readme).toContain(path.slice('a/b/'.length));
    }
  });

  it.each([
    [{ directory: '' }, /directory is empty/],
    [{ directory: '../x' }, /leads out of the workspace/],
    [{ directory: '/etc/x' }, /leads out of the workspace/],
    [{ directory: 'a/$(rm -rf x)' }, /cannot be used/],
    [{ directory: 'a/"b' }, /cannot be used/],
    [{ directory: 'a/größe' }, /cannot be used/],
    [{ directory: `a/${'b'.repeat(300)}` }, /300 characters/],
    [{ directory: 'a/1e3' }, /try --name=e3/],
    [{ directory: 'a/b', name: 'My Filter' }, /try --name=my-filter/],
    [{ directory: 'a/b', namespace: 'x: y' }, /--namespace "x: y"/],
    [{ directory: 'a/b', target: ['Backend/x'] }, /--target "Backend\/x"/],
  ])('refuses %j and writes nothing', async (options, message) => {
    const before = contents(tree);
    await expect(generate(tree, options)).rejects.toThrow(message);
    expect(contents(tree)).toEqual(before);
  });

  it('refuses a directory that holds other files, is a file, or lies in another extension', async () => {
    tree.write('other/file.txt', '');
    await expect(generate(tree, { directory: 'other' })).rejects.toThrow(
      /already holds other files \(file\.txt\)/,
    );
    await expect(generate(tree, { directory: 'other/file.txt', name: 'x' })).rejects.toThrow(/is a file/);
    await generate(tree, { directory: 'a/b' });
    await expect(generate(tree, { directory: 'a/b/c' })).rejects.toThrow(/is an extension itself/);
    await expect(generate(tree, { directory: 'a/b', name: 'c' })).rejects.toThrow(
      /already holds the extension 'b'/,
    );
  });

  it.each(['n', 'no', 'on', 'null', 'y', 'true'])('takes the YAML word %s as a name', async (name) => {
    await generate(tree, { directory: `a/${name}`, name: name === 'true' ? 'truth' : name });
    expect(tree.read(`a/${name}/eg-extension.yaml`, 'utf8')).toMatch(/name: "/);
  });
});
