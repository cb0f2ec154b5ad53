import type { Tree } from '@nx/devkit';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as PrettierModule from 'prettier';

type Prettier = typeof PrettierModule;

/**
 * Formats rendered files the way the workspace formats its own: with its Prettier and its settings, where it has
 * them, so that `nx format:check` stays green. Languages with a formatter of their own are left to it.
 */
export async function formatLikeWorkspace(
  tree: Tree,
  directory: string,
  files: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const prettier = await workspacePrettier(tree.root);
  const formatted = new Map(files);
  if (!prettier) return formatted;
  const ignorePath = ['.prettierignore', '.gitignore'].map((file) => join(tree.root, file));
  for (const [path, content] of files) {
    const filepath = join(tree.root, directory, path);
    const { ignored, inferredParser } = await prettier.getFileInfo(filepath, { ignorePath });
    if (ignored || !inferredParser) continue;
    const config = await prettier.resolveConfig(filepath, { editorconfig: true });
    formatted.set(path, await prettier.format(content, { ...config, filepath }));
  }
  return formatted;
}

async function workspacePrettier(root: string): Promise<Prettier | undefined> {
  try {
    const path = createRequire(join(root, 'package.json')).resolve('prettier');
    const module = (await import(pathToFileURL(path).href)) as { default?: Prettier } & Prettier;
    return module.default ?? module;
  } catch {
    return undefined;
  }
}
