import { spawn } from 'node:child_process';

/** A program that failed: what it printed is the message. */
export class CommandError extends Error {
  /** @override */
  name = 'CommandError';
}

/**
 * Runs a program to its end and returns what it printed on stdout. Without `show` its output is only shown when it fails.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, show?: boolean, timeoutMs?: number }} [options]
 * @returns {Promise<string>}
 * @throws {CommandError} when it cannot be started, fails, or runs longer than `timeoutMs`
 */
export async function run(command, args, { cwd, env, show = false, timeoutMs } = {}) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
  });
  let stdout = '';
  let all = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => ((stdout += text), (all += text)));
  child.stderr?.setEncoding('utf8').on('data', (text) => (all += text));
  const line = [command, ...args].join(' ');
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new CommandError(`${line}: ${error.message}`)));
    child.once('close', (code, signal) => resolve([code, signal]));
  });
  if (code !== 0)
    throw new CommandError(`${line}\n${all}(${signal ? `ended by ${signal}` : `exit code ${code}`})`);
  return stdout;
}

/**
 * Runs npm: the one that started this program where there is one.
 *
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function npm(args, options) {
  const cli = process.env['npm_execpath'];
  return cli?.endsWith('.js') ? run(process.execPath, [cli, ...args], options) : run('npm', args, options);
}
