import { createTree } from '@nx/devkit/testing';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { languageOf } from './index.ts';

const context = { name: 'a', root: 'services/a', workspaceRoot: '/nowhere', artifact: 'executable' } as const;

describe('every language', () => {
  it.each(['assemblyscript', 'go', 'lua', 'rust'])('%s describes its targets, and caches them', (id) => {
    for (const target of Object.values(languageOf(id).targets(context))) {
      expect(target.metadata?.description).toMatch(/^[A-Z]/);
      expect(target.cache).toBe(true);
      expect(target.inputs).toContain('{projectRoot}/**/*');
    }
  });

  it.each(['assemblyscript', 'go', 'rust'])('%s compiles to Wasm with the executor', (id) => {
    const { build } = languageOf(id).targets({ ...context, artifact: 'wasm' });
    expect(build).toMatchObject({
      executor: '@eg/plugin:wasm-build',
      cache: true,
      outputs: ['{projectRoot}/dist/plugin.wasm'],
    });
  });

  it('is known by its id, and an unknown id is answered with those that are', () =>
    expect(() => languageOf('cobol')).toThrow(
      "no language 'cobol'. There are: assemblyscript, go, lua, rust",
    ));

  it.each([
    ['rust', 'match', /reserves/],
    ['rust', 'test', /reserves/],
    ['go', 'vendor', /module path/],
    ['go', 'con', /module path/],
  ])('%s refuses the name %s', (id, name, reason) => expect(languageOf(id).refuseName(name)).toMatch(reason));

  it.each([
    ['rust', 'n'],
    ['go', 'type'],
    ['lua', 'end'],
  ])('%s takes the name %s', (id, name) => expect(languageOf(id).refuseName(name)).toBeUndefined());
});

describe('joining', () => {
  const join = (id: string, files: Record<string, string>, file: string): string | null => {
    const tree = createTree();
    for (const [path, text] of Object.entries(files)) tree.write(path, text);
    languageOf(id).join(tree, 'services/a');
    const once = tree.read(file, 'utf8');
    languageOf(id).join(tree, 'services/a');
    expect(tree.read(file, 'utf8')).toBe(once);
    return once;
  };
  const module = { 'services/a/go.mod': 'module a\n\ngo 1.24.0\n' };

  it.each([
    ['go 1.25\n', 'go 1.25\n\nuse ./services/a\n'],
    ['go 1.21 // old\n\nuse ./b\n', 'go 1.24.0 // old\n\nuse ./b\n\nuse ./services/a\n'],
    [
      'go 1.25\nuse (\n\t./services/a // ours\n\t./b\n)\n',
      'go 1.25\nuse (\n\t./services/a // ours\n\t./b\n)\n',
    ],
    ['go 1.25\nuse "./services/a"\n', 'go 1.25\nuse "./services/a"\n'],
    ['go 1.25\nuse ./services/ab\n', 'go 1.25\nuse ./services/ab\n\nuse ./services/a\n'],
  ])('a go.work %j', (before, after) =>
    expect(join('go', { ...module, 'go.work': before }, 'go.work')).toBe(after),
  );

  it('the nearest go.work, by a path relative to it', () =>
    expect(join('go', { ...module, 'services/go.work': 'go 1.25\n' }, 'services/go.work')).toBe(
      'go 1.25\n\nuse ./a\n',
    ));

  it('nothing where there is no go.work', () => expect(join('go', module, 'go.work')).toBeNull());

  it('a Cargo workspace, keeping its comments', () => {
    const text = join('rust', { 'Cargo.toml': '[workspace] # ours\nmembers = ["b"] # one\n' }, 'Cargo.toml');
    expect(text).toMatch(/# ours/);
    expect(text).toMatch(/members = \[\s*"b",\s*"services\/a"\s*\] # one/);
  });

  it.each([
    '[workspace]\nmembers = ["services/*"]\n',
    '[workspace]\nmembers = ["services/a"]\n',
    '[package]\nname = "x"\n',
  ])('leaves %j as it is', (text) => expect(join('rust', { 'Cargo.toml': text }, 'Cargo.toml')).toBe(text));
});

describe('sources from elsewhere in the workspace are inputs', () => {
  let workspaceRoot: string;
  beforeEach(() => (workspaceRoot = mkdtempSync(join(tmpdir(), 'eg-local-'))));
  afterEach(() => rmSync(workspaceRoot, { recursive: true, force: true }));
  const inputs = (id: string, files: Record<string, string>) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(workspaceRoot, path)), { recursive: true });
      writeFileSync(join(workspaceRoot, path), text);
    }
    return languageOf(id).targets({ ...context, workspaceRoot })['test']?.inputs;
  };

  it('through a replace in go.mod, and on from there', () => {
    const found = inputs('go', {
      'services/a/go.mod': 'module a\nrequire example.com/b v0.0.0\nreplace example.com/b => ../../libs/b\n',
      'libs/b/go.mod': 'module example.com/b\nreplace example.com/c => ../c\n',
      'libs/c/go.mod': 'module example.com/c\n',
    });
    expect(found).toEqual(
      expect.arrayContaining(['{workspaceRoot}/libs/b/**/*', '{workspaceRoot}/libs/c/**/*']),
    );
  });

  it('through go.work, only those that are required', () => {
    const found = inputs('go', {
      'go.work': 'go 1.25\nuse (\n\t./services/a\n\t./libs/b\n\t./libs/c\n)\n',
      'services/a/go.mod': 'module a\nrequire example.com/b v0.0.0\n',
      'libs/b/go.mod': 'module example.com/b\n',
      'libs/c/go.mod': 'module example.com/c\n',
    });
    expect(found).toContain('{workspaceRoot}/libs/b/**/*');
    expect(found).not.toContain('{workspaceRoot}/libs/c/**/*');
  });

  it('through path dependencies of cargo, also inherited ones', () => {
    const found = inputs('rust', {
      'Cargo.toml':
        '[workspace]\nmembers = ["services/a"]\n[workspace.dependencies]\nc = { path = "libs/c" }\n',
      'services/a/Cargo.toml': '[dependencies]\nb = { path = "../../libs/b" }\nc = { workspace = true }\n',
    });
    expect(found).toEqual(
      expect.arrayContaining(['{workspaceRoot}/libs/b/**/*', '{workspaceRoot}/libs/c/**/*']),
    );
  });

  it('not when a manifest is broken', () =>
    expect(inputs('rust', { 'services/a/Cargo.toml': '[' })).toBeDefined());
});
