import { generators } from './support/generators.ts';
import { createdWorkspace, type Workspace } from './support/workspace.ts';

/** How Nx tells that it did not run a task. */
const CACHED = /\[(local cache|existing outputs match the cache, left as is)\]/;

/** Tasks of an `nx run-many`, each with whether it came from the cache. */
function tasks(output: string): Map<string, boolean> {
  return new Map(
    [...output.matchAll(/^(?:>|✔|✖) +nx run (\S+:\S+)(.*)$/gm)].map(([, task = '', note = '']) => [
      task,
      CACHED.test(note),
    ]),
  );
}

describe.each([['ts'], ['apps']])('a workspace of create-nx-workspace --preset=%s', (preset) => {
  const names = generators.map((id) => `my-${id}`);
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await createdWorkspace(`${preset}-workspace`, preset);
  });

  it('gets the plugin by nx add, registered once', async () => {
    await workspace.nx('g', '@eg/plugin:init');
    expect(await workspace.changes()).toEqual([]);
    const { plugins } = JSON.parse(workspace.read('nx.json')) as { plugins: unknown[] };
    expect(plugins.filter((plugin) => plugin === '@eg/plugin')).toHaveLength(1);
  });

  it('writes nothing with --dry-run', async () => {
    for (const id of generators)
      await workspace.nx('g', `@eg/plugin:${id}`, `services/my-${id}`, '--dry-run');
    expect(await workspace.changes()).toEqual([]);
  });

  it.each(generators)('takes %s', async (id) => {
    await workspace.nx('g', `@eg/plugin:${id}`, `services/my-${id}`);
    expect(workspace.exists(`services/my-${id}/eg-extension.yaml`)).toBe(true);
    await workspace.commit();
  });

  it.each(generators)('shows the targets of %s, each with a description', async (id) => {
    const project = JSON.parse(await workspace.nx('show', 'project', `my-${id}`, '--json')) as {
      targets: Record<string, { metadata?: { description?: string } }>;
    };
    expect(Object.keys(project.targets)).toEqual(expect.arrayContaining(['test', 'lint', 'serve', 'verify']));
    for (const [name, { metadata }] of Object.entries(project.targets))
      expect([name, metadata?.description]).toEqual([name, expect.stringMatching(/\w/)]);
  });

  it.each(generators)('builds, tests, lints and verifies %s', async (id) => {
    await workspace.nx('run-many', '-t', 'build,test,lint,verify', '-p', `my-${id}`);
  });

  it('leaves nothing uncommitted after the targets ran', async () => {
    // A lockfile that a build completes belongs into what was generated.
    expect(await workspace.changes()).toEqual([]);
  });

  it('answers a second run from the cache, and an edit of a source not', async () => {
    const run = () => workspace.nx('run-many', '-t', 'build,test,lint', '-p', names.join(','));
    const before = tasks(await run());
    expect([...before.keys()].length).toBeGreaterThanOrEqual(names.length * 2);
    expect([...before].filter(([, cached]) => !cached)).toEqual([]);

    for (const name of names)
      workspace.write(`services/${name}/README.md`, `${workspace.read(`services/${name}/README.md`)}\n`);
    expect([...tasks(await run())].filter(([, cached]) => !cached)).toEqual([]);
  });

  it('changes nothing when a generator runs again', async () => {
    await workspace.commit();
    for (const id of generators) await workspace.nx('g', `@eg/plugin:${id}`, `services/my-${id}`);
    expect(await workspace.changes()).toEqual([]);
  });

  it('keeps what the user edited', async () => {
    for (const name of names) {
      workspace.write(`services/${name}/README.md`, '# Mine\n');
      workspace.write(`services/${name}/own.txt`, 'mine\n');
    }
    await workspace.commit();
    for (const id of generators)
      await workspace.nx('g', `@eg/plugin:${id}`, `services/my-${id}`, '--namespace=elsewhere');
    for (const name of names) {
      expect(workspace.read(`services/${name}/README.md`)).toBe('# Mine\n');
      expect(workspace.exists(`services/${name}/own.txt`)).toBe(true);
      // Files that nobody touched follow the new option.
      expect(workspace.read(`services/${name}/k8s/base/kustomization.yaml`)).toContain('elsewhere');
    }
    await workspace.commit();
  });

  it('knows what an edit affects', async () => {
    workspace.write(`services/${names[0]}/own.txt`, 'changed\n');
    const affected = await workspace.nx('show', 'projects', '--affected', '--base=HEAD', '--json');
    expect(JSON.parse(affected)).toEqual([names[0]]);
    await workspace.commit();
  });

  it('draws the graph', async () => {
    await workspace.nx('graph', '--file=tmp/graph.json');
    const { graph } = JSON.parse(workspace.read('tmp/graph.json')) as {
      graph: { nodes: Record<string, unknown> };
    };
    expect(Object.keys(graph.nodes)).toEqual(expect.arrayContaining(names));
  });
});
