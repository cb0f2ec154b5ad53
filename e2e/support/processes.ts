import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Environment variable by which a test finds every process that it started, directly or not. */
export const MARK = 'EG_E2E_MARK';

/** Ids of the living processes that were started with `EG_E2E_MARK=mark`. */
export function marked(mark: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) =>
      attempt(() => readFileSync(`/proc/${pid}/environ`, 'utf8'))?.includes(`${MARK}=${mark}\0`),
    )
    .filter(
      (pid) =>
        !/^State:\s+[ZX]/m.test(attempt(() => readFileSync(`/proc/${pid}/status`, 'utf8')) ?? 'State: X'),
    );
}

/** The program that a process runs, as its arguments tell. */
export function commandLine(pid: number): string {
  return (attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '').replaceAll('\0', ' ').trim();
}

/** Addresses beyond loopback on which the processes listen (TCP), as `/proc/net` writes them. */
export function exposed(pids: readonly number[]): string[] {
  const sockets = new Set(
    pids.flatMap((pid) =>
      (attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? []).map((fd) =>
        attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`)),
      ),
    ),
  );
  const LISTEN = '0A';
  const loopback = /^(0100007F|00000000000000000000000001000000|0000000000000000FFFF00000100007F):/;
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    (attempt(() => readFileSync(table, 'utf8')) ?? '')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(
        ([, address = '', , state, , , , , , inode]) =>
          state === LISTEN && sockets.has(`socket:[${inode}]`) && !loopback.test(address),
      )
      .map(([, address = '']) => address),
  );
}

/** A process may end while it is looked at. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
