import { joinPathFragments, workspaceRoot, type Tree } from '@nx/devkit';
import { relative } from 'node:path';
import { EXTENSION_FILE } from '../engine/extension.ts';
import { refuseName } from '../engine/names.ts';
import { UserError } from '../lib/errors.ts';

/** Where a project goes and what it is called. */
export interface Location {
  /** Project root relative to the workspace, `/`-separated. */
  readonly directory: string;
  readonly name: string;
}

/**
 * Checks that an extension may lie in `directory` and bear `name`; default: the last part of the directory.
 * @throws UserError when either could not be used everywhere it ends up: paths, Kubernetes names, image names.
 */
export function resolveLocation(tree: Tree, directory: string, given?: string): Location {
  const name = given ?? directory.split('/').pop() ?? '';
  const refused = refuseName(name);
  if (refused) throw new UserError(`'${shorten(name)}' cannot name an extension: ${refused}.`);
  refuseForeignDirectory(tree, directory);
  return { directory, name };
}

/**
 * The directory that the user means, from where they stand in the workspace: relative to the workspace, `/`-separated.
 * @throws UserError when it leads out of the workspace or could not be used in paths and commands.
 */
export function resolveDirectory(given: string): string {
  const raw = given.replaceAll('\\', '/').replace(/\/+$/, '');
  const segments = raw.split('/').filter((segment) => segment !== '.');
  const bad = segments.find((segment) => !/^[A-Za-z0-9_@][A-Za-z0-9._@-]*$/.test(segment));
  if (raw === '' || segments.length === 0)
    throw new UserError(`The directory is empty. Say where it goes, such as services/my-filter.`);
  if (raw.startsWith('/') || segments.includes('..'))
    throw new UserError(
      `'${shorten(given)}' leads out of the workspace. Give a directory inside it, such as services/my-filter.`,
    );
  if (bad !== undefined)
    throw new UserError(
      `The directory '${shorten(given)}' cannot be used: '${shorten(bad)}' has characters that a compiler, a shell or an image ` +
        `would trip over. Use letters, digits and . _ - @, such as services/my-filter.`,
    );
  const path = segments.join('/');
  const cwd = relativeCwd();
  return cwd && path !== cwd && !path.startsWith(`${cwd}/`) ? joinPathFragments(cwd, path) : path;
}

/** Where the user stands, relative to the workspace; '' at its root or outside. npm keeps the real place in INIT_CWD. */
function relativeCwd(): string {
  const initial = process.env['INIT_CWD'];
  const cwd = initial?.startsWith(workspaceRoot) ? initial : process.cwd();
  const path = relative(workspaceRoot, cwd);
  return path.startsWith('..') ? '' : path.replaceAll('\\', '/');
}

function refuseForeignDirectory(tree: Tree, directory: string): void {
  const parts = directory.split('/');
  for (let depth = 1; depth <= parts.length; depth++) {
    const path = parts.slice(0, depth).join('/');
    if (tree.exists(path) && tree.isFile(path))
      throw new UserError(
        `${path} is a file, so nothing can be generated into it. Choose another directory.`,
      );
    if (depth < parts.length && tree.exists(`${path}/${EXTENSION_FILE}`))
      throw new UserError(
        `${path} is an extension itself; an extension cannot lie inside another. Choose another directory.`,
      );
  }
  if (!tree.exists(`${directory}/${EXTENSION_FILE}`) && tree.children(directory).length > 0)
    throw new UserError(
      `${directory} already holds other files (${tree.children(directory).slice(0, 3).join(', ')}), so nothing was written. ` +
        `Choose another directory, or empty this one.`,
    );
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
