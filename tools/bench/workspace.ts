import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../lib/run.mjs';
import { makeWorkspace, NX } from '../lib/workspace.mjs';
import { build, pack } from '../pack.mjs';

export type BenchWorkspace = Awaited<ReturnType<typeof benchWorkspace>>;

/** An Nx workspace with the packed plugin and @nx/js, in a temporary directory. */
export async function benchWorkspace() {
  await build();
  const handle = await makeWorkspace(await pack(), {
    '@nx/js': NX,
    prettier: '^3',
    typescript: '~5.9.3',
  });
  const { root, command, env } = handle;
  const runIn = (
    program: string,
    args: readonly string[],
    directory = '.',
    more: Record<string, string> = {},
  ) => run(program, args, { cwd: join(root, directory), env: { ...env, ...more } });
  /** Runs the workspace's Nx, as users have it: with the daemon, unless `more` says otherwise. */
  const nx = (args: readonly string[], more: Record<string, string> = {}) =>
    runIn(process.execPath, command(...args), '.', { NX_DAEMON: 'true', ...more });
  await runIn('git', ['init', '-q']);
  return {
    root,
    handle,
    nx,
    run: runIn,
    read: (path: string) => readFileSync(join(root, path), 'utf8'),
    write: (path: string, text: string) => writeFileSync(join(root, path), text),
    async remove() {
      await nx(['daemon', '--stop']);
      rmSync(root, { recursive: true, force: true });
    },
  };
}
