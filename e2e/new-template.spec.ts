import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ok } from './support/cli.ts';
import { minimalWorkspace, Workspace } from './support/workspace.ts';

const repository = join(import.meta.dirname, '..');

describe('a new folder in templates/', () => {
  let copy: Workspace;

  beforeAll(async () => {
    copy = new Workspace(join(process.env['EG_E2E_DIR'] ?? '', 'repository'));
    const files = await ok(repository, 'git', [
      'ls-files',
      '-z',
      '--cached',
      '--others',
      '--exclude-standard',
    ]);
    for (const file of files.split('\0').filter(Boolean)) {
      mkdirSync(dirname(copy.path(file)), { recursive: true });
      cpSync(join(repository, file), copy.path(file));
    }
    symlinkSync(join(repository, 'node_modules'), copy.path('node_modules'));
    copy.write('.gitignore', `${copy.read('.gitignore')}\n/node_modules\n`);
    await ok(copy.root, 'git', ['init', '-q', '-b', 'main']);
    await copy.commit();

    cpSync(copy.path('templates', 'lua-configmap'), copy.path('templates', 'fourth'), { recursive: true });
    copy.edit('templates/fourth/template.yaml', /^title: .*$/m, 'title: The fourth generator');
    await copy.npm('run', 'generate');
  });

  it('needs no other file written by hand', async () => {
    const changed = (await copy.changes())
      .map((line) => line.slice(3))
      .filter((file) => !file.startsWith('templates/fourth/'));
    expect(changed.sort()).toEqual([
      'docs/generators.md',
      'packages/plugin/generators.json',
      'packages/plugin/schemas/eg-extension.json',
      'packages/plugin/schemas/generators/fourth.json',
      'packages/plugin/src/generators/generated.ts',
    ]);
    await copy.npm('run', 'generate', '--', '--check');
  });

  it('is a generator of the package', async () => {
    const output = await ok(copy.root, process.execPath, ['tools/pack.mjs']);
    const tarball = copy.path(output.trim().split('\n').at(-1) ?? '');
    const workspace = await minimalWorkspace('fourth', { plugin: `file:${tarball}` });
    expect(await workspace.nx('g', '@eg/plugin:fourth', '--help')).toContain('fourth');
    await workspace.nx('g', '@eg/plugin:fourth', 'services/mine');
    await workspace.nx('run-many', '-t', 'test,lint,verify', '-p', 'mine');
  });
});
