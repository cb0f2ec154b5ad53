import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { environment } from './cli.ts';
import { MARK, marked } from './processes.ts';
import { until } from './wait.ts';
import type { Workspace } from './workspace.ts';

/** A running `nx serve`. */
export interface Serving {
  readonly child: ChildProcess;
  readonly url: string;
  /** See processes.ts. */
  readonly mark: string;
  output(): string;
  /** Interrupts it as Ctrl-C in a terminal does, the whole group, and waits until nothing of it is left. */
  interrupt(): Promise<void>;
}

/** Starts `nx serve name` and waits for its URL. */
export async function serve(workspace: Workspace, name: string, ...args: string[]): Promise<Serving> {
  const mark = randomUUID();
  const child = spawn(workspace.node, [join('node_modules', '.bin', 'nx'), 'serve', name, ...args], {
    cwd: workspace.root,
    env: environment({ [MARK]: mark }),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const url = await until(
    `the URL of nx serve ${name}`,
    () => {
      if (child.exitCode !== null) throw new Error(`it ended:\n${output}`);
      return /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
    },
    60_000,
  ).catch((error: unknown) => {
    kill(child, 'SIGKILL');
    throw new Error(`${String(error)}\n${output}`);
  });
  const interrupt = async () => {
    kill(child, 'SIGINT');
    await until('every process of nx serve to end', () => marked(mark).length === 0);
  };
  return { child, url, mark, output: () => output, interrupt };
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // Already gone.
  }
}
