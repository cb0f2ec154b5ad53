/**
 * The tools that the tests need beside Node: finds them, gets into a cache of its own what needs no administrator, and
 * says how to get the rest.
 */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { homedir } from 'node:os';
import { run } from '../lib/run.mjs';
import { step } from '../lib/steps.mjs';
import { nodeBinary, NODE_VERSIONS } from './node.mjs';

/** Where downloads live, outside the repository; the plugin keeps its Envoy there too. */
export const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'eg-plugin');

const KUSTOMIZE = 'v5.8.1';

const WANTED = [
  { command: 'git', args: ['--version'], how: 'apt-get install git' },
  { command: 'go', args: ['version'], how: 'https://go.dev/doc/install' },
  { command: 'cargo', args: ['--version'], how: 'https://rustup.rs' },
  { command: 'luajit', args: ['-v'], how: 'apt-get install luajit' },
  { command: 'busted', args: ['--version'], how: 'apt-get install lua-busted' },
  { command: 'luacheck', args: ['--version'], how: 'apt-get install lua-check' },
];

/**
 * Makes everything ready that the tests use.
 * @returns {Promise<Record<string, string>>} environment for the tests
 * @throws {Error} naming each tool that is missing and how to get it
 */
export async function prepareTools() {
  const missing = [];
  for (const { command, args, how } of WANTED)
    if (!(await runs(command, args))) missing.push(`${command}: ${how}`);
  if (missing.length) throw new Error(`These tools are missing:\n  ${missing.join('\n  ')}`);

  const path = [...(await rustForWasm()), await kustomize()];
  /** @type {Record<string, string>} */
  const env = { PATH: [...path, process.env['PATH']].join(delimiter), ENVOY_PATH: await envoy() };
  for (const version of NODE_VERSIONS)
    env[`NODE_${version.split('.')[0]}`] = await nodeBinary(version, cache);
  return env;
}

/**
 * The Rust compiler for wasm32-wasip1: the one there is, that target added by rustup, or the toolchain that
 * tools/setup/rust-wasm.sh made where rustup cannot download.
 * @returns {Promise<string[]>} folders to put before PATH
 */
async function rustForWasm() {
  if (await compilesToWasm('rustc')) return [];
  try {
    await step('add the Rust target wasm32-wasip1', () => run('rustup', ['target', 'add', 'wasm32-wasip1']));
    if (await compilesToWasm('rustc')) return [];
  } catch {
    // Told below, unless there is the other one.
  }
  const own = join(cache, 'rust-wasm', 'bin');
  if (await compilesToWasm(join(own, 'rustc'))) return [own];
  throw new Error(
    'Rust cannot compile to Wasm here: rustup target add wasm32-wasip1\n' +
      '(where rustup cannot download, on Debian: tools/setup/rust-wasm.sh)',
  );
}

/** @param {string} rustc */
async function compilesToWasm(rustc) {
  try {
    return existsSync((await run(rustc, ['--print', 'target-libdir', '--target', 'wasm32-wasip1'])).trim());
  } catch {
    return false;
  }
}

/** kustomize itself, which the plugin's reading of kustomizations is compared with. */
async function kustomize() {
  const bin = join(cache, `kustomize-${KUSTOMIZE}`);
  if (!existsSync(join(bin, 'kustomize')))
    await step(`build kustomize ${KUSTOMIZE}`, () =>
      run('go', ['install', `sigs.k8s.io/kustomize/kustomize/v5@${KUSTOMIZE}`], { env: { GOBIN: bin, GOFLAGS: '' } }),
    );
  return bin;
}

/** @param {string} command @param {string[]} args */
async function runs(command, args) {
  try {
    await run(command, args);
    return true;
  } catch {
    return false;
  }
}
