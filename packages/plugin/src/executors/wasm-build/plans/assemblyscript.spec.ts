import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { assemblyscript } from './assemblyscript.ts';

let workspace: string;
beforeEach(() => {
  workspace = realpathSync(mkdtempSync(join(tmpdir(), 'eg asc ')));
  const compiler = join(workspace, 'node_modules/assemblyscript/bin/asc.js');
  mkdirSync(dirname(compiler), { recursive: true });
  writeFileSync(compiler, '');
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

const plan = (options = {}) => assemblyscript(join(workspace, 'apps/small'), options);

it.each([
  [{}, 'release'],
  [{ profile: 'dev' }, 'debug'],
])('%j runs the compiler of the workspace for target %s', (options, target) =>
  expect(plan(options).compile).toMatchObject({
    command: process.execPath,
    args: [
      join(workspace, 'node_modules/assemblyscript/bin/asc.js'),
      ...['--target', target, '--outFile', join(workspace, 'apps/small/dist/unchecked.wasm')],
    ],
    cwd: join(workspace, 'apps/small'),
  }),
);

it.each(['Version 0.28.20\n', 'Version 0.29.0\n', 'Version 1.0.0\n'])('takes %j', (version) =>
  expect(plan().missing(version)).toBeUndefined(),
);

it('refuses an old compiler, and says what to get', () =>
  expect(plan().missing('Version 0.14.13\n')).toMatch(/0\.28 or newer.*0\.14\.13\. Install it: npm install/));

it('says how to install the compiler where there is none', () => {
  rmSync(join(workspace, 'node_modules'), { recursive: true });
  expect(() => plan()).toThrow(/not installed in .*small or above\. Install it: npm install/);
});

it('has no features', () => expect(() => plan({ features: ['a'] })).toThrow('no features'));
