import { readdirSync, statSync, watch, type FSWatcher } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, UserError } from '../../lib/errors.ts';
import { isIgnored } from './plan.ts';

/** Changes that come within this time of each other are one, in milliseconds: an editor often writes in several steps. */
const TOGETHER = 15;

export interface Watcher {
  /** Waits for the next changes; the absolute paths of what changed. Those since the last call count too. */
  next(): Promise<string[]>;
  close(): void;
}

/**
 * Watches directories and everything in them that serve may care about.
 *
 * Every directory is watched, and no file: nothing is lost then when a file is replaced again and again, as editors do,
 * which `fs.watch` with `recursive` and the usual libraries do not promise.
 */
export function watchDirectories(roots: readonly string[]): Watcher {
  const changed = new Set<string>();
  const watched = new Map<string, { readonly watcher: FSWatcher; readonly inode: number }>();
  let latest = 0;
  let wake: () => void = () => undefined;

  const note = (path: string) => {
    changed.add(path);
    latest = performance.now();
    wake();
  };

  /** @param isNew whether what is in the directory has not been there before */
  const add = (root: string, directory: string, inode: number, isNew: boolean) => {
    const watcher = watch(directory, (_, name) => look(root, join(directory, name ?? '')));
    watched.set(directory, { watcher: watcher.on('error', () => watcher.close()), inode });
    for (const name of readdirSync(directory)) look(root, join(directory, name), isNew);
  };

  /** Takes up what is at `path` now. */
  const look = (root: string, path: string, isChange = true) => {
    if (isIgnored(relative(root, path).replaceAll(sep, '/'))) return;
    if (isChange) note(path);
    const found = statSync(path, { throwIfNoEntry: false });
    const known = watched.get(path);
    if (known && known.inode !== found?.ino) {
      known.watcher.close();
      watched.delete(path);
    }
    if (!found?.isDirectory() || watched.has(path)) return;
    try {
      add(root, path, found.ino, isChange);
    } catch (error) {
      // Gone again: its parent has said so, or will.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw new UserError(
        `Cannot watch ${path}: ${messageOf(error)}. Raise the system's limit (on Linux the setting fs.inotify.max_user_watches), or serve with --watch=false.`,
      );
    }
  };

  for (const root of roots) look(root, root, false);
  return {
    async next() {
      while (!changed.size) await new Promise<void>((resolve) => (wake = resolve));
      while (performance.now() - latest < TOGETHER) await sleep(TOGETHER);
      const paths = [...changed];
      changed.clear();
      return paths;
    },
    close: () => watched.forEach(({ watcher }) => watcher.close()),
  };
}
