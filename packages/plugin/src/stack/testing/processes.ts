import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Ids of the processes that have `text` among their arguments. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => commandLine(pid).includes(text));
}

/** The arguments of a process. */
export const commandLine = (pid: number): string =>
  (attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '').replaceAll('\0', ' ');

/** Addresses on which one of the processes listens (TCP), as `/proc/net/tcp` writes them. */
export function listening(pids: number[]): string[] {
  const tables = pids.flatMap((pid) => {
    const sockets = (attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? []).map(
      (fd) => attempt(() => /socket:\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]) ?? '',
    );
    return readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode = '']) => state === '0A' && sockets.includes(inode));
  });
  return tables.map(([, address = '']) => address);
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Waits up to 5 s. */
export async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; !done(); tries++) {
    if (tries > 500) throw new Error(`Not within 5 s: ${done.toString()}`);
    await sleep(10);
  }
}
