/**
 * `npm start`: the main job on real parts. Makes an Nx workspace outside this repository from the packed plugin,
 * generates every extension into it, builds each with its own compiler, runs it on a real Envoy, sends a request
 * through it, and verifies its contract. What lacks a compiler is left out by name.
 */
import { installDependencies } from './lib/install.mjs';
import { builtPlugin } from './lib/plugin.mjs';
import { CommandError } from './lib/run.mjs';
import { serving } from './lib/serving.mjs';
import { seconds, step } from './lib/steps.mjs';
import { makeWorkspace } from './lib/workspace.mjs';
import { build, pack } from './pack.mjs';
import { envoy, missingForGenerator } from './setup/prepare.mjs';

/**
 * @typedef {object} Row
 * @property {string} generator
 * @property {Record<string, number>} times milliseconds of each step that ended well
 * @property {string} [request] header that the upstream saw
 * @property {string} [response] header that the client got
 * @property {string} result
 */

await installDependencies();
await step('build @eg/plugin', build);
const tarball = await step('pack it', pack);
process.env['ENVOY_PATH'] = await envoy();
const { templateIds } = await builtPlugin('engine/template');
const workspace = await step(
  'make an Nx workspace',
  () => makeWorkspace(tarball),
  (made) => made.root,
);

/** @type {Row[]} */
const rows = [];
for (const id of templateIds()) rows.push(await tryGenerator(id));
report();

/** @param {string} id @returns {Promise<Row>} */
async function tryGenerator(id) {
  /** @type {Row} */
  const row = { generator: id, times: {}, result: 'ok' };
  const missing = await missingForGenerator(id);
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
      workspace.nx('g', `@eg/plugin:${id}`, `services/${name}`, '--no-interactive'),
    );
    if ((await targets(name)).includes('build'))
      await timed('build', `nx build ${name}`, () => workspace.nx('build', name));
    await timed('start', `nx serve ${name}, and a request through it`, async () => {
      Object.assign(row, await observe(name));
    });
    await timed('verify', `nx verify ${name}`, () => workspace.nx('verify', name));
  } catch (error) {
    console.error(error instanceof CommandError ? error.message : error);
    row.result = 'failed';
  }
  return row;
}

/** @param {string} name @returns {Promise<string[]>} */
async function targets(name) {
  return Object.keys(JSON.parse(await workspace.nx('show', 'project', name, '--json')).targets);
}

/** Serves an extension, sends one request, and says which of the extension's headers came out on either side. */
async function observe(/** @type {string} */ name) {
  return serving(workspace, name, async (url) => {
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
  console.log(`\nThe workspace is yours to play with: ${workspace.root}`);
  if (done[0])
    console.log(
      `  cd ${workspace.root}\n` +
        `  npx nx serve my-${done[0].generator}     # prints a URL to curl; reloads when you save a file\n` +
        `  npx nx show project my-${done[0].generator}\n` +
        `  npx nx graph`,
    );
  process.exitCode = done.length && rows.every(({ result }) => result !== 'failed') ? 0 : 1;
}
