import { spawn } from 'node:child_process';

/** What a command printed (stdout and stderr together, without colours) and how it ended. */
export interface Result {
  readonly code: number;
  readonly output: string;
  readonly ms: number;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until the command is killed; default 5 minutes. */
  readonly timeoutMs?: number;
}

/** Nx without anything that differs from one run to the next: no daemon, no cloud, no prompts, no colours. */
const QUIET = {
  NX_DAEMON: 'false',
  NX_NO_CLOUD: 'true',
  NX_TUI: 'false',
  NX_INTERACTIVE: 'false',
  CI: 'true',
  NO_COLOR: '1',
  FORCE_COLOR: undefined,
  // Set for the plugin's own workspace by npm and jest; a user has none of them.
  NODE_ENV: undefined,
  NODE_OPTIONS: undefined,
  INIT_CWD: undefined,
  JEST_WORKER_ID: undefined,
};

/** Environment of a command in a test workspace. */
export function environment(env: CliOptions['env'] = {}): NodeJS.ProcessEnv {
  const clean = Object.entries(process.env).filter(([name]) => !/^(npm_|NX_)/.test(name));
  return { ...Object.fromEntries(clean), ...QUIET, npm_config_registry: process.env['EG_REGISTRY'], ...env };
}

/** Runs a command in `cwd` to its end, whatever its exit code. */
export async function run(
  cwd: string,
  command: string,
  args: readonly string[],
  { env, timeoutMs = 300_000 }: CliOptions = {},
): Promise<Result> {
  const started = Date.now();
  const child = spawn(command, args, { cwd, env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? -1));
  });
  clearTimeout(timer);
  // eslint-disable-next-line no-control-regex -- ANSI colours begin with a control character
  return { code, output: output.replace(/\x1b\[[0-9;]*m/g, ''), ms: Date.now() - started };
}

/** Runs a command that must succeed, and returns what it printed. */
export async function ok(cwd: string, command: string, args: readonly string[], options?: CliOptions) {
  const { code, output } = await run(cwd, command, args, options);
  if (code !== 0)
    throw new Error(`${[command, ...args].join(' ')} in ${cwd} ended with exit code ${code}:\n${output}`);
  return output;
}
