import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs `nx serve` of an extension while `work` uses its URL, then interrupts it.
 *
 * @template T
 * @param {import('./workspace.mjs').Workspace} workspace
 * @param {string} name
 * @param {(url: string, output: () => string) => Promise<T>} work gets its URL, and what it has printed so far
 * @returns {Promise<T>}
 * @throws {Error} with what it printed, when it ends before it prints a URL
 */
export async function serving(workspace, name, work) {
  const child = spawn(process.execPath, workspace.command('serve', name), {
    cwd: workspace.root,
    env: { ...process.env, ...workspace.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let output = '';
  const url = new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(output) ?? [];
        if (found) resolve(found);
      });
    void ended.then(() => reject(new Error(`nx serve ${name} ended early:\n${output}`)));
  });
  try {
    return await work(await url, () => output);
  } finally {
    child.kill('SIGINT');
    await ended;
  }
}
