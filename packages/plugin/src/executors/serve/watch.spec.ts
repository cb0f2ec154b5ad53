import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchDirectories, type Watcher } from './watch.ts';

let home: string;
let watcher: Watcher;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'watch-'));
  mkdirSync(join(home, 'deep'));
  mkdirSync(join(home, 'dist'));
  writeFileSync(join(home, 'a.txt'), 'one');
  watcher = watchDirectories([home]);
});
afterEach(() => {
  watcher.close();
  rmSync(home, { recursive: true });
});

const write = (path: string, text = String(Math.random())) => writeFileSync(join(home, path), text);

it.each<[string, () => void, string]>([
  ['a file that is written', () => write('a.txt'), 'a.txt'],
  [
    'a file that is replaced',
    () => {
      write('a.txt.tmp');
      renameSync(join(home, 'a.txt.tmp'), join(home, 'a.txt'));
    },
    'a.txt',
  ],
  ['a new file', () => write('deep/b.txt'), 'deep/b.txt'],
  [
    'a file in a new directory',
    () => {
      mkdirSync(join(home, 'new/er'), { recursive: true });
      write('new/er/c.txt');
    },
    'new/er/c.txt',
  ],
  ['a file that is removed', () => rmSync(join(home, 'a.txt')), 'a.txt'],
])('notices %s', async (_, change, path) => {
  change();
  expect(await watcher.next()).toContain(join(home, path));
});

it('notices the same file again and again', async () => {
  for (let time = 0; time < 5; time++) {
    write('a.txt.tmp');
    renameSync(join(home, 'a.txt.tmp'), join(home, 'a.txt'));
    expect(await watcher.next()).toEqual([join(home, 'a.txt')]);
  }
});

it('follows a directory that is replaced', async () => {
  renameSync(join(home, 'deep'), join(home, 'other'));
  mkdirSync(join(home, 'deep'));
  await watcher.next();
  write('deep/b.txt');
  expect(await watcher.next()).toEqual([join(home, 'deep/b.txt')]);
});

it('takes changes that come together as one', async () => {
  write('a.txt');
  write('deep/b.txt');
  expect((await watcher.next()).sort()).toEqual([join(home, 'a.txt'), join(home, 'deep/b.txt')]);
});

it('keeps what changes while nobody waits', async () => {
  write('a.txt');
  await sleep(100);
  expect(await watcher.next()).toEqual([join(home, 'a.txt')]);
});

it('does not look at what builds and editors write', async () => {
  write('dist/mine');
  write('deep/.a.swp');
  await sleep(100);
  write('a.txt');
  expect(await watcher.next()).toEqual([join(home, 'a.txt')]);
});
