import { generators } from './support/generators.ts';
import { commandLine, exposed, marked } from './support/processes.ts';
import { serve } from './support/serving.ts';
import { until } from './support/wait.ts';
import { minimalWorkspace, type Workspace } from './support/workspace.ts';

let workspace: Workspace;

beforeAll(async () => {
  workspace = await minimalWorkspace('serve');
  for (const id of generators) await workspace.nx('g', `@eg/plugin:${id}`, `services/my-${id}`);
  await workspace.nx('run-many', '-t', 'build');
});

/** The header that the extension adds to a response. */
async function header(url: string): Promise<string | null> {
  return (await fetch(`${url}/hello`)).headers.get('x-eg-response');
}

describe.each(generators)('serve of %s', (id) => {
  const name = `my-${id}`;

  it('runs the extension, on loopback only, and leaves nothing behind after Ctrl-C', async () => {
    const serving = await serve(workspace, name);
    expect(await header(serving.url)).toBe(name);
    expect(exposed(marked(serving.mark))).toEqual([]);
    await serving.interrupt();
    expect(marked(serving.mark)).toEqual([]);
  });

  it('leaves nothing behind when it is killed', async () => {
    const serving = await serve(workspace, name);
    serving.child.kill('SIGKILL');
    await until('every process to end', () => marked(serving.mark).length === 0);
  });

  it('ends with a message when Envoy crashes', async () => {
    const serving = await serve(workspace, name);
    const envoy = marked(serving.mark).filter((pid) => /^\S*envoy\S* /.test(commandLine(pid)));
    expect(envoy).toHaveLength(1);
    process.kill(envoy[0] ?? 0, 'SIGKILL');
    await until('nx serve to end', () => marked(serving.mark).length === 0);
    expect(serving.child.exitCode).not.toBe(0);
    expect(serving.output()).toMatch(/Envoy/);
  });
});

describe('two stacks', () => {
  it('run at the same time', async () => {
    const names = generators.slice(0, 2).map((id) => `my-${id}`);
    const servings = await Promise.all(names.map((name) => serve(workspace, name)));
    expect(await Promise.all(servings.map(({ url }) => header(url)))).toEqual(names);
    await Promise.all(servings.map((serving) => serving.interrupt()));
  });
});
