import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from '../lib/run.mjs';
import { step } from '../lib/steps.mjs';

/** The Node versions that the plugin is tested on beside the one that runs the tests. */
export const NODE_VERSIONS = ['22.22.2', '24.18.0'];

/**
 * A Node binary of this version: npm carries them in packages, one per platform.
 * @param {string} version
 * @param {string} cache
 * @returns {Promise<string>} absolute path of the program
 */
export async function nodeBinary(version, cache) {
  const name = `node-${process.platform}-${process.arch}`;
  const directory = join(cache, `node-${version}`);
  const binary = join(directory, 'node_modules', name, 'bin', 'node');
  if (!existsSync(binary))
    await step(`get Node ${version}`, () => {
      mkdirSync(directory, { recursive: true });
      return npm(['install', '--prefix', directory, '--no-save', `${name}@${version}`], { cwd: directory });
    });
  return binary;
}
