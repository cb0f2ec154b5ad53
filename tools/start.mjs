/**
 * `npm start`: the main job on real parts. Makes an Nx workspace outside this repository from the packed plugin,
 * generates every extension into it, builds each with its own compiler, runs it on a real Envoy, sends a request
 * through it, and verifies its contract. What lacks a compiler is left out by name.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installDependencies } from './lib/install.mjs';
import { builtPlugin } from './lib/plugin.mjs';
import { CommandError, npm, run } from './lib/run.mjs';
import { serving } from './lib/serving.mjs';
import { seconds, step } from './lib/steps.mjs';
import { build, pack } from './pack.mjs';
import { envoy, missingFor } from './setup/prepare.mjs';

/**
 * @typedef {object} Row
 * @property {string} generator
 * @property {Record<string, number>} times milliseconds of each step that ended well
 * @property {string} [request] header that the upstream saw
 * @property {string} [response] header that the client got
 * @property {string} result
 */

const NX = '23.2.1';

await installDependencies();
await step('build @eg/plugin', build);
const tarball = await step('pack it', pack);
const envoyPath = await envoy();
const { templateIds, loadTemplate } = await builtPlugin('engine/template');
const workspace = await step('make an Nx workspace', makeWorkspace, (path) => path);
const env = workspaceEnvironment();

/** @type {Row[]} */
const rows = [];
for (const id of templateIds()) rows.push(await tryGenerator(id));
report();

/** An empty Nx workspace with the plugin installed from its tarball, as a user would have it. */
async function makeWorkspace() {
  const path = mkdtempSync(join(tmpdir(), 'eg-start-'));
  const manifest = {
    name: 'try-eg',
    private: true,
    devDependencies: { nx: NX, '@eg/plugin': `file:${tarball}` },
  };
  writeFileSync(join(path, 'package.json'), JSON.stringify(manifest, null, 2));
  writeFileSync(join(path, 'nx.json'), '{ "analytics": false }\n');
  writeFileSync(join(path, '.gitignore'), 'node_modules\n.nx\n');
  mkdirSync(join(path, 'services'));
  await npm(['install', '--no-audit', '--no-fund'], { cwd: path, env: workspaceEnvironment() });
  return path;
}

/** The environment without what npm adds for this repository's scripts, which would point Nx here. */
function workspaceEnvironment() {
  const inherited = Object.keys(process.env).filter((name) => /^(npm_|NX_|INIT_CWD)/.test(name));
  /** @type {Record<string, string | undefined>} */
  const changes = Object.fromEntries(inherited.map((name) => [name, undefined]));
  return { ...changes, NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true', ENVOY_PATH: envoyPath };
}

/** @param {string} id @returns {Promise<Row>} */
async function tryGenerator(id) {
  /** @type {Row} */
  const row = { generator: id, times: {}, result: 'ok' };
  const missing = await missingFor(loadTemplate(id).language);
  if (missing.length) return { ...row, result: `skipped, missing ${missing.join('; ')}` };
  const name = `my-${id}`;
  /** @param {string} key @param {string} title @param {() => Promise<unknown>} work */
  const timed = async (key, title, work) => {
    const started = Date.now();
    await step(`${id}: ${title}`, work);
    row.times[key] = Date.now() - started;
  };
  try {
    await timed('generate', `nx g @eg/plugin:${id} services/${name}`, () =>
      nx('g', `@eg/plugin:${id}`, `services/${name}`, '--no-interactive'),
    );
    if ((await targets(name)).includes('build'))
      await timed('build', `nx build ${name}`, () => nx('build', name));
    await timed('start', `nx serve ${name}, and a request through it`, async () => {
      Object.assign(row, await observe(name));
    });
    await timed('verify', `nx verify ${name}`, () => nx('verify', name));
  } catch (error) {
    console.error(error instanceof CommandError ? error.message : error);
    row.result = 'failed';
  }
  return row;
}

/** @param {...string} args */
function nx(...args) {
  return run(process.execPath, nxCommand(...args), { cwd: workspace, env });
}

/** @param {...string} args */
function nxCommand(...args) {
  return [join('node_modules', '.bin', 'nx'), ...args];
}

/** @param {string} name @returns {Promise<string[]>} */
async function targets(name) {
  return Object.keys(JSON.parse(await nx('show', 'project', name, '--json')).targets);
}

/** Serves an extension, sends one request, and says which of the extension's headers came out on either side. */
async function observe(/** @type {string} */ name) {
  return serving(process.execPath, nxCommand('serve', name), { cwd: workspace, env }, async (url) => {
    const response = await fetch(`${url}/hello`);
    const echoed = /** @type {{ headers: Record<string, string> }} */ (await response.json());
    const request = echoed.headers['x-eg-request'];
    const answer = response.headers.get('x-eg-response');
    if (!request || !answer) throw new Error(`${url}/hello did not pass through the extension`);
    return { request: `x-eg-request: ${request}`, response: `x-eg-response: ${answer}` };
  });
}

function report() {
  const columns = ['generate', 'build', 'start', 'verify'];
  const head = ['generator', ...columns, 'upstream saw', 'client got', 'result'];
  const lines = rows.map(({ generator, times, request = '-', response = '-', result }) => [
    generator,
    ...columns.map((key) => (key in times ? seconds(times[key] ?? 0) : '-')),
    request,
    response,
    result,
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  console.log();
  for (const line of [head, ...lines])
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  const done = rows.filter(({ result }) => result === 'ok');
  console.log(`\nThe workspace is yours to play with: ${workspace}`);
  if (done[0])
    console.log(
      `  cd ${workspace}\n` +
        `  npx nx serve my-${done[0].generator}     # prints a URL to curl; reloads when you save a file\n` +
        `  npx nx show project my-${done[0].generator}\n` +
        `  npx nx graph`,
    );
  process.exitCode = done.length && rows.every(({ result }) => result !== 'failed') ? 0 : 1;
}
