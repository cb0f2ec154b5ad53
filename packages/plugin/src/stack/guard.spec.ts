import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesWith, until } from './testing/processes.ts';

/** Lets any Node run TypeScript. */
const LOADER = ['--import', '@swc-node/register/esm-register'];

const script = join(import.meta.dirname, 'testing', 'hold.ts');

const parents: ChildProcess[] = [];
afterEach(() => parents.splice(0).forEach((parent) => parent.kill('SIGKILL')));

/** Starts hold.ts and waits until it guards something. */
async function hold(...args: string[]) {
  const parent = spawn(process.execPath, [...LOADER, script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  parents.push(parent);
  const [line] = (await parent.stdout.setEncoding('utf8').take(1).toArray()) as string[];
  const { home, pid } = JSON.parse(line ?? '') as { home: string; pid: number };
  return { parent, home, pid };
}

/** Whether the guard has got as far as to have a handler for SIGHUP (signal 1), its last. */
function isDeaf(pid: number): boolean {
  const [, mask = ''] = /^SigCgt:\s*([0-9a-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return (BigInt(`0x${mask}`) & 1n) !== 0n;
}

it.each([
  ['SIGKILL', 'the process alone', false],
  ['SIGKILL', 'its group', true],
  ['SIGTERM', 'its group', true],
] as const)('%s to %s leaves no process and no directory', async (signal, _, group) => {
  const { parent, home } = await hold();
  expect(existsSync(home)).toBe(true);
  // The child and the guard.
  expect(processesWith(home)).toHaveLength(2);
  process.kill((group ? -1 : 1) * (parent.pid ?? 0), signal);
  await until(() => processesWith(home).length === 0 && !existsSync(home));
});

it('ends when it is released', async () => {
  const { parent, home } = await hold('release');
  await until(() => parent.exitCode === 0 && processesWith(home).length === 0);
  expect(existsSync(home)).toBe(false);
});

it('outlives what ends a whole terminal, to clean up after the others', async () => {
  const { parent, home, pid } = await hold();
  const guard = processesWith(home).find((candidate) => candidate !== pid) ?? 0;
  await until(() => isDeaf(guard));
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.kill(guard, signal);
  await sleep(100);
  expect(processesWith(home)).toContain(guard);
  parent.kill('SIGKILL');
  await until(() => processesWith(home).length === 0 && !existsSync(home));
});

it('refuses a path that is too long for sockets', () => {
  const deep = join(mkdtempSync(join(tmpdir(), 'deep-')), 'x'.repeat(80));
  mkdirSync(deep);
  const { status, stderr } = spawnSync(process.execPath, [...LOADER, script], {
    env: { ...process.env, TMPDIR: deep },
    encoding: 'utf8',
  });
  expect(stderr).toMatch(/too long for unix sockets\. Set TMPDIR/);
  expect(status).toBe(1);
  expect(readdirSync(deep).filter((name) => name.startsWith('eg-'))).toEqual([]);
  rmSync(dirname(deep), { recursive: true });
});
