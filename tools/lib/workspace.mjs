import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npm, run } from './run.mjs';

/** The Nx version of workspaces that scripts make. */
export const NX = '23.2.1';

/**
 * @typedef {object} Workspace
 * @property {string} root absolute path
 * @property {(...args: string[]) => string[]} command arguments for Node that run the workspace's Nx
 * @property {Record<string, string | undefined>} env for commands in it
 * @property {(...args: string[]) => Promise<string>} nx runs its Nx, which must succeed, and returns what it printed
 */

/**
 * Makes an Nx workspace outside this repository, with the plugin installed from its tarball as a user would have it.
 *
 * @param {string} tarball absolute path
 * @param {Record<string, string>} [others] further packages, with their versions
 * @returns {Promise<Workspace>}
 */
export async function makeWorkspace(tarball, others = {}) {
  const root = mkdtempSync(join(tmpdir(), 'eg-start-'));
  const devDependencies = { nx: NX, '@eg/plugin': `file:${tarball}`, ...others };
  const manifest = { name: 'try-eg', private: true, devDependencies };
  writeFileSync(join(root, 'package.json'), JSON.stringify(manifest, null, 2));
  writeFileSync(join(root, 'nx.json'), '{ "analytics": false }\n');
  writeFileSync(join(root, '.gitignore'), 'node_modules\n.nx\n');
  const env = environment();
  await npm(['install', '--no-audit', '--no-fund'], { cwd: root, env });
  const command = (/** @type {string[]} */ ...args) => [join('node_modules', '.bin', 'nx'), ...args];
  const nx = (/** @type {string[]} */ ...args) => run(process.execPath, command(...args), { cwd: root, env });
  return { root, command, env, nx };
}

/** The environment without what npm adds for the scripts of this repository, which would point Nx here. */
function environment() {
  const inherited = Object.keys(process.env).filter((name) => /^(npm_|NX_|INIT_CWD)/.test(name));
  /** @type {Record<string, string | undefined>} */
  const changes = Object.fromEntries(inherited.map((name) => [name, undefined]));
  return { ...changes, NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true' };
}
