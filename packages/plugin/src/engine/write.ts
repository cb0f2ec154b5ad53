import { joinPathFragments, type Tree } from '@nx/devkit';

/** Files of the user that differ from what the template makes today, and stay as they are. */
export type Kept = readonly string[];

/**
 * Writes rendered files into `root` without ever replacing what a user wrote: a missing file is created, a file still
 * as it was generated is brought up to date, every other file is kept.
 * @param pristine what the same template made from the options recorded in the project; undefined for a new project
 */
export function writeFiles(
  tree: Tree,
  root: string,
  rendered: ReadonlyMap<string, string>,
  pristine?: ReadonlyMap<string, string>,
): Kept {
  const kept: string[] = [];
  for (const [path, content] of rendered) {
    const target = joinPathFragments(root, path);
    const current = tree.exists(target) ? tree.read(target, 'utf8') : null;
    if (current === content) continue;
    if (current === null || current === pristine?.get(path)) tree.write(target, content);
    else kept.push(path);
  }
  return kept;
}
