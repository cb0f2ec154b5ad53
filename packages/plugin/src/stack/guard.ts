import { mkdtempSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../lib/errors.ts';
import { start, type ChildProcess } from '../lib/exec.ts';

/** The stack's own directory, and the promise that neither it nor a process of the stack outlives this process. */
export interface Guard {
  /** Absolute path of the directory. */
  readonly home: string;
  /** From now on the process group of `child` ends with this process. */
  readonly watch: (child: ChildProcess) => void;
  /** Removes the directory. To be called when every process has ended. */
  readonly release: () => void;
}

// Runs in a process of its own, whose standard input ends when this process does, however it ends. It is told
// the process groups to end then (+), and those whose leader has ended (-). In a group of its own and deaf to what ends the others, so that it comes last.
const SCRIPT = `
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
const groups = new Set();
const end = (group) => { try { process.kill(-group, 'SIGKILL'); } catch {} };
let text = '';
process.stdin.setEncoding('utf8').on('data', (more) => {
  const lines = (text + more).split('\\n');
  text = lines.pop();
  for (const [sign, ...group] of lines) {
    const id = Number(group.join(''));
    if (sign === '+') groups.add(id);
    else end(id), groups.delete(id);
  }
}).on('close', () => {
  groups.forEach(end);
  require('node:fs').rmSync(process.argv[1], { recursive: true, force: true });
  process.exit();
});`;

/** A unix socket's path must fit into `sockaddr_un.sun_path`: 104 bytes on macOS, 108 on Linux. */
const MAX_HOME = 104 - '/extension-999999.sock'.length;

/**
 * Makes the stack's directory and starts its guard.
 * @throws UserError when the directory for temporary files has too long a path for unix sockets.
 */
export async function startGuard(): Promise<Guard> {
  const home = mkdtempSync(join(tmpdir(), 'eg-'));
  if (Buffer.byteLength(home) > MAX_HOME) {
    rmSync(home, { recursive: true });
    throw new UserError(
      `The path of the directory for temporary files (${tmpdir()}) is too long for unix sockets. Set TMPDIR to a shorter one, such as /tmp.`,
    );
  }
  // process.exit() also ends the guard before it can do anything, so this process cleans up itself.
  const remove = () => rmSync(home, { recursive: true, force: true });
  process.once('exit', remove);
  const guard = await start(
    { command: process.execPath, args: ['-e', SCRIPT, home], env: { NODE_OPTIONS: '' } },
    ['pipe', 'ignore', 'ignore'],
  );
  const { stdin } = guard;
  stdin?.on('error', () => undefined);
  guard.unref();
  if (stdin instanceof Socket) stdin.unref();
  return {
    home,
    watch(child) {
      stdin?.write(`+${child.pid ?? 0}\n`);
      child.once('exit', () => stdin?.write(`-${child.pid ?? 0}\n`));
    },
    release() {
      process.off('exit', remove);
      remove();
      stdin?.end();
    },
  };
}
