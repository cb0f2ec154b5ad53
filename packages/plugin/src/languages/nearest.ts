import type { Tree } from '@nx/devkit';

/** The nearest file called `name` in a directory above `root`, up to the workspace root. */
export function nearestAbove(tree: Tree, root: string, name: string): string | undefined {
  const parts = root.split('/');
  for (let depth = parts.length - 1; depth >= 0; depth--) {
    const path = [...parts.slice(0, depth), name].join('/');
    if (tree.exists(path)) return path;
  }
  return undefined;
}
