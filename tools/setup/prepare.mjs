/**
 * The tools that tests and the demonstration need beside Node: finds them, gets into a cache what needs no
 * administrator, and says how to get the rest. Needs the built plugin, which knows its languages and finds Envoy.
 */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { builtPlugin } from '../lib/plugin.mjs';
import { run } from '../lib/run.mjs';
import { step } from '../lib/steps.mjs';
import { nodeBinary, NODE_VERSIONS } from './node.mjs';

const KUSTOMIZE = 'v5.8.1';

/** Where downloads live, outside the repository; the plugin keeps its Envoy there too. */
const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'eg-plugin');

/** Compilers that need more than a program on PATH, by language. @type {Record<string, () => Promise<void>>} */
const extras = { rust: rustForWasm };

/**
 * Makes ready everything that the tests use, and puts it into the environment of this process.
 * @throws {Error} naming each tool that is missing and how to get it
 */
export async function prepareForTests() {
  const { templateIds, loadTemplate } = await builtPlugin('engine/template');
  const languages = new Set(templateIds().map((/** @type {string} */ id) => loadTemplate(id).language));
  const missing = ['git', 'curl', 'python3']
    .filter((tool) => !isInstalled(tool))
    .map((tool) => `${tool} (apt-get install ${tool})`);
  for (const language of languages) missing.push(...(await missingFor(language)));
  if (missing.length) throw new Error(`These tools are missing:\n  ${missing.join('\n  ')}`);
  addToPath(await kustomize());
  process.env['ENVOY_PATH'] = await envoy();
  for (const version of NODE_VERSIONS)
    process.env[`NODE_${version.split('.')[0]}`] = await nodeBinary(version, cache);
}

/**
 * What is missing on this machine for extensions in a language, and how to get it.
 * @param {string} language
 * @returns {Promise<string[]>}
 */
async function missingFor(language) {
  const { languageOf } = await builtPlugin('languages/index');
  /** @type {{ command: string, install: string }[]} */
  const tools = languageOf(language).tools;
  const missing = tools
    .filter(({ command }) => !isInstalled(command))
    .map(({ command, install }) => `${command} (${install})`);
  if (missing.length) return missing;
  try {
    await extras[language]?.();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/**
 * What is missing on this machine for extensions of a generator, and how to get it.
 * @param {string} id
 * @returns {Promise<string[]>}
 */
export async function missingForGenerator(id) {
  const { loadTemplate } = await builtPlugin('engine/template');
  /** @type {import('../../packages/plugin/src/engine/template.ts').Template} */
  const { language, tools } = loadTemplate(id);
  const missing = tools
    .filter(({ anyOf }) => !anyOf.some((command) => isInstalled(command)))
    .map(({ anyOf, install }) => `${anyOf.join(' or ')} (${install})`);
  return [...missing, ...(await missingFor(language))];
}

/** Path of Envoy, found or fetched as the plugin does it for users. */
export async function envoy() {
  const { findEnvoy } = await builtPlugin('stack/find-envoy');
  return step(
    'find Envoy',
    async () => (await findEnvoy(undefined, () => undefined)).path,
    (path) => path,
  );
}

/**
 * The Rust compiler for wasm32-wasip1: the toolchain that tools/setup/rust-wasm.sh made, where it was needed; else the
 * one on PATH, with that target added by rustup.
 */
async function rustForWasm() {
  const own = join(cache, 'rust-wasm');
  const rustc = join(own, 'bin', 'rustc');
  if (await isCurrent(own, rustc)) {
    addToPath(join(own, 'bin'));
    // Commands of Nx look beside Node before they look on PATH, and Debian's cargo and clippy are there.
    Object.assign(process.env, { RUSTC: rustc, SYSROOT: own });
    return;
  }
  if (await compilesToWasm('rustc')) return;
  try {
    await step('add the Rust target wasm32-wasip1', () => run('rustup', ['target', 'add', 'wasm32-wasip1']));
  } catch {
    throw new Error(
      'the Rust target wasm32-wasip1 (rustup target add wasm32-wasip1; ' +
        'on a Debian where rustup cannot download: tools/setup/rust-wasm.sh)',
    );
  }
}

/** Whether the toolchain in `own` was made, and for the compiler that Debian has now. @param {string} own @param {string} rustc */
async function isCurrent(own, rustc) {
  try {
    const made = readFileSync(join(own, 'version'), 'utf8');
    return made.startsWith((await run(rustc, ['--version'])).trim());
  } catch {
    return false;
  }
}

/** @param {string} rustc */
async function compilesToWasm(rustc) {
  try {
    return existsSync((await run(rustc, ['--print', 'target-libdir', '--target', 'wasm32-wasip1'])).trim());
  } catch {
    return false;
  }
}

/** Folder of kustomize itself, which the plugin's reading of kustomizations is compared with. */
async function kustomize() {
  const bin = join(cache, `kustomize-${KUSTOMIZE}`);
  const module = `sigs.k8s.io/kustomize/kustomize/v5@${KUSTOMIZE}`;
  if (!existsSync(join(bin, 'kustomize')))
    await step(`build kustomize ${KUSTOMIZE}`, () => run('go', ['install', module], { env: { GOBIN: bin } }));
  return bin;
}

/** @param {string} directory */
function addToPath(directory) {
  process.env['PATH'] = `${directory}${delimiter}${process.env['PATH']}`;
}

/** @param {string} command */
function isInstalled(command) {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
