import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { original } from './original.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'eg-original-'));
  for (const [directory, text] of [
    ['dist', 'the script'],
    ['other', 'The script'],
    ['lua', 'the script'],
  ] as const) {
    mkdirSync(join(root, directory));
    writeFileSync(join(root, directory, 'filter.lua'), text);
  }
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const built = { path: 'output of kustomize', line: 9 };

it('names the file that kustomize took the script from', () =>
  expect(original({ ...built, text: 'the script' }, root)).toEqual({
    text: 'the script',
    path: join(root, 'lua/filter.lua'),
    line: 1,
  }));

it('leaves a script alone that is in no file, or in its own', () => {
  const nowhere = { ...built, text: 'another' };
  expect(original(nowhere, root)).toBe(nowhere);
  const own = { text: 'the script', path: join(root, 'other/filter.lua'), line: 3 };
  expect(original(own, root)).toBe(own);
});
