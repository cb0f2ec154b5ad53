import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cases, flags, generators } from './support/generators.ts';
import { minimalWorkspace, type Workspace } from './support/workspace.ts';

let workspace: Workspace;

beforeAll(async () => {
  workspace = await minimalWorkspace('matrix');
  // The created workspaces have neither, so here extensions join what a workspace of that language already has.
  workspace.write('go.work', 'go 1.24\n');
  workspace.write('Cargo.toml', '[workspace]\nresolver = "2"\nmembers = []\n');
  workspace.write('.gitignore', 'node_modules\n.nx\ntarget\n');
  await workspace.commit();
});

describe.each(cases)('%s, case %s', (id, name, options) => {
  const project = `${id}-${name}`;
  const generate = () => workspace.nx('g', `@eg/plugin:${id}`, `ext/${project}`, ...flags(options));

  it('generates, and generates again without a change', async () => {
    await generate();
    await workspace.commit();
    await generate();
    expect(await workspace.changes()).toEqual([]);
  });

  it('builds, passes its tests and its linter, and does on a real Envoy what its contract says', async () => {
    await workspace.nx('run-many', '-t', 'build,test,lint,verify', '-p', project);
  });
});

// A contract that cannot fail proves nothing: each of these breaks what an extension does, and verify must notice.
const breaks: [what: string, from: RegExp, to: string][] = [
  ['the name of the request header', /x-eg-request/g, 'x-eg-requested'],
  ['the name of the response header', /x-eg-response/g, 'x-eg-responded'],
  ['the condition for a denial', /x-eg-deny/g, 'x-eg-denied'],
  ['the answer of a denial', /denied by/g, 'refused by'],
];

describe.each(generators)('verify of a broken %s', (id) => {
  const project = `${id}-default`;
  const directory = `ext/${project}`;

  beforeAll(() => workspace.commit());

  it.each(breaks)('fails when %s is wrong', async (_, from, to) => {
    const files = sources(workspace.path(directory)).filter(
      (file) => workspace.read(join(directory, file)).search(from) >= 0,
    );
    const before = files.map((file) => workspace.read(join(directory, file)));
    files.forEach((file) => workspace.edit(join(directory, file), from, to));
    const { code, output } = await workspace.tryNx(['verify', project]);
    files.forEach((file, index) => workspace.write(join(directory, file), before[index] ?? ''));
    expect(files).not.toEqual([]);
    expect([code, output]).toEqual([1, expect.stringMatching(/x-eg-|denied by/)]);
  });

  it('fails when the policy that loads it is missing', async () => {
    const kustomization = `${directory}/k8s/base/kustomization.yaml`;
    const before = workspace.read(kustomization);
    workspace.edit(kustomization, /^.*policy\.yaml.*\n/m, '');
    const { code, output } = await workspace.tryNx(['verify', project]);
    workspace.write(kustomization, before);
    expect([code, output]).toEqual([1, expect.stringMatching(/policy/i)]);
  });
});

/** What an extension is made from: everything but its contract and what is written about it. */
function sources(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .filter(
      (file) =>
        !/^(dist|target|node_modules)\//.test(file) &&
        !/\.md$|^contract\.yaml$|^eg-extension\.yaml$/.test(file),
    );
}
