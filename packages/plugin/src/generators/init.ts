import { readNxJson, updateNxJson, type Tree } from '@nx/devkit';
import { UserError } from '../lib/errors.ts';

const PLUGIN = '@eg/plugin';

/** `nx add @eg/plugin` runs this: registers the plugin in nx.json, once. Idempotent. */
export default function init(tree: Tree): void {
  registerPlugin(tree);
}

/** Adds the plugin to nx.json, so that extensions become projects with targets. Idempotent. */
export function registerPlugin(tree: Tree): void {
  const nxJson = readNxJson(tree);
  if (!nxJson) throw new UserError('This directory has no nx.json. Run the command inside an Nx workspace.');
  const plugins = nxJson.plugins ?? [];
  if (plugins.some((plugin) => (typeof plugin === 'string' ? plugin : plugin.plugin) === PLUGIN)) return;
  updateNxJson(tree, { ...nxJson, plugins: [...plugins, PLUGIN] });
}
