import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs a server that prints its URL while `work` uses it, then interrupts it as Ctrl-C would.
 *
 * @template T
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env: Record<string, string | undefined> }} options
 * @param {(url: string) => Promise<T>} work
 * @returns {Promise<T>}
 * @throws {Error} with what it printed, when it ends before it prints a URL
 */
export async function serving(command, args, { cwd, env }, work) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
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
    void ended.then(() => reject(new Error(`${command} ${args.join(' ')} ended early:\n${output}`)));
  });
  try {
    return await work(await url);
  } finally {
    if (child.pid && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGINT');
    await ended;
  }
}
