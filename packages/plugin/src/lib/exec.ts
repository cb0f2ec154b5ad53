import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { UserError } from './errors.ts';

export type { ChildProcess };

/** A program to run: never a shell line, always a list of arguments. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  /** Working directory; default: that of this process. */
  readonly cwd?: string;
  /** Added to, or replacing, the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** What to run, or where to look, when the program is not installed. */
  readonly install?: string;
}

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const running = new Set<ChildProcess>();

/**
 * Starts a program in a process group of its own, so that `stop` reaches whatever it starts in turn.
 * Resolves once the program runs.
 * @throws UserError when the program cannot be started, naming it and how to get it.
 */
export async function start(command: Command, stdio: StdioOptions = 'pipe'): Promise<ChildProcess> {
  const child = spawn(command.command, [...command.args], {
    cwd: command.cwd,
    env: { ...process.env, ...command.env },
    stdio,
    detached: process.platform !== 'win32',
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error: NodeJS.ErrnoException) => reject(cannotStart(command, error)));
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Runs a program to its end and collects what it printed. A non-zero exit code is an answer, not an error. */
export async function run(command: Command): Promise<Output> {
  const child = await start(command, ['ignore', 'pipe', 'pipe']);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number>((resolve) =>
    child.once('close', (status, signal) => resolve(status ?? (signal ? 1 : 0))),
  );
  return { code, stdout, stderr };
}

/**
 * Asks the whole process group of `child` to end and waits for it; after `graceMs` (milliseconds) it is killed.
 */
export async function stop(child: ChildProcess, graceMs = 5000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  signal(child, 'SIGTERM');
  const timer = setTimeout(() => signal(child, 'SIGKILL'), graceMs);
  await gone;
  clearTimeout(timer);
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(name);
    else process.kill(-child.pid, name);
  } catch {
    // Already gone.
  }
}

// Last resort for an exit that nobody awaited: leave no process behind.
process.once('exit', () => running.forEach((child) => signal(child, 'SIGKILL')));

function cannotStart(command: Command, error: NodeJS.ErrnoException): UserError {
  if (error.code !== 'ENOENT') return new UserError(`Cannot start ${command.command}: ${error.message}`);
  const how = command.install ? `\nTo install it: ${command.install}` : '';
  return new UserError(`\`${command.command}\` was not found on PATH.${how}`);
}
