import { join } from 'node:path';
import { run } from './support/cli.ts';
import { generators } from './support/generators.ts';
import { minimalWorkspace, NX, Workspace } from './support/workspace.ts';

/** The Node that runs the tests, and those that tools/setup got. */
const nodes: [name: string, program: string][] = [
  [`Node ${process.versions.node}`, process.execPath],
  ['Node 22', process.env['NODE_22'] ?? ''],
  ['Node 24', process.env['NODE_24'] ?? ''],
];
const repository = join(import.meta.dirname, '..');

// The ends of the range that package.json promises; the version in between is that of every other test.
describe.each([['22.7.12'], ['24.0.6']])('Nx %s', (version) => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await minimalWorkspace(`nx-${version}`, { nx: version });
  });

  it.each(nodes)('generates, tests and verifies on %s', async (title, node) => {
    const here = new Workspace(workspace.root, node);
    const name = title.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    await here.nx('g', '@eg/plugin:lua-configmap', `services/${name}`);
    await here.nx('run-many', '-t', 'test,lint,verify', '-p', name);
    await here.commit();
    await here.nx('g', '@eg/plugin:lua-configmap', `services/${name}`);
    expect(await here.changes()).toEqual([]);
  });

  it.each(generators)('runs every target of %s', async (id) => {
    await workspace.nx('g', `@eg/plugin:${id}`, `services/my-${id}`);
    await workspace.nx('run-many', '-t', 'build,test,lint,verify', '-p', `my-${id}`);
  });
});

describe(`Nx ${NX}`, () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await minimalWorkspace('nodes');
  });

  it.each(nodes)('generates, tests and verifies on %s', async (title, node) => {
    const here = new Workspace(workspace.root, node);
    const name = title.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    await here.nx('g', '@eg/plugin:lua-configmap', `services/${name}`);
    await here.nx('run-many', '-t', 'test,lint,verify', '-p', name);
  });
});

describe('the workspace of the plugin itself', () => {
  it.each(nodes)('runs it from its sources on %s', async (_, node) => {
    const nx = join('node_modules', '.bin', 'nx');
    const shown = await run(repository, node, [nx, 'show', 'projects']);
    expect([shown.code, shown.output]).toEqual([0, expect.stringContaining('@eg/plugin')]);
    for (const id of generators) {
      const args = ['g', `@eg/plugin:${id}`, `tmp/my-${id}`, '--dry-run'];
      const { code, output } = await run(repository, node, [nx, ...args]);
      expect([code, output]).toEqual([0, expect.stringContaining(`CREATE tmp/my-${id}/eg-extension.yaml`)]);
    }
  });
});
