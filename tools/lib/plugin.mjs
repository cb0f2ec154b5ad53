import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './install.mjs';

/**
 * Loads a module of the built plugin; `any`, since types must not depend on what was built.
 *
 * @param {string} module path below packages/plugin/src, without extension
 * @returns {Promise<any>}
 */
export function builtPlugin(module) {
  return import(pathToFileURL(join(root, 'packages', 'plugin', 'dist', `${module}.js`)).href);
}
