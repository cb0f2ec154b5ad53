import { watch } from 'chokidar';
import { relative, sep } from 'node:path';
import { isIgnored } from './plan.ts';

/** Changes that come within this time of each other are one, in milliseconds: an editor often writes in several steps. */
const TOGETHER = 15;

export interface Watcher {
  /** Waits for the next changes; the absolute paths of what changed. Those since the last call count too. */
  next(): Promise<string[]>;
  close(): Promise<void>;
}

/** Watches directories; resolves when no change will be missed any more. */
export async function watchDirectories(directories: readonly string[]): Promise<Watcher> {
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let ready: () => void = () => undefined;
  const inside = (path: string) => {
    const owner = directories.find((directory) => path === directory || path.startsWith(directory + sep));
    return relative(owner ?? '', path).replaceAll(sep, '/');
  };
  const watcher = watch([...directories], {
    ignoreInitial: true,
    ignored: (path) => isIgnored(inside(path)),
  });
  watcher.on('all', (_, path) => {
    changed.add(path);
    clearTimeout(timer);
    timer = setTimeout(() => ready(), TOGETHER);
  });
  await new Promise<void>((resolve, reject) => {
    watcher.once('ready', resolve);
    watcher.once('error', reject);
  });
  return {
    async next() {
      if (!changed.size) await new Promise<void>((resolve) => (ready = resolve));
      const paths = [...changed];
      changed.clear();
      return paths;
    },
    async close() {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}
