/**
 * `npm test`: sets up what it can by itself, then runs every check and test there is.
 * Its last line counts them: each static check is one, each jest test is one.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installDependencies, root } from './lib/install.mjs';
import { npm, run } from './lib/run.mjs';
import { step } from './lib/steps.mjs';
import { build, checkPackage } from './pack.mjs';
import { prepareForTests } from './setup/prepare.mjs';

const counts = { passed: 0, failed: 0, skipped: 0 };
const bin = (/** @type {string[]} */ ...path) => join(root, 'node_modules', ...path);

await installDependencies();
await step('build @eg/plugin', build);
await prepareForTests();

await check('formatting (prettier)', bin('prettier', 'bin', 'prettier.cjs'), ['--check', '.']);
await check('lint (eslint)', bin('eslint', 'bin', 'eslint.js'), ['.']);
await check('types (tsc)', bin('typescript', 'bin', 'tsc'), ['-p', '.']);
await count('generated files are current', () =>
  npm(['run', '--silent', 'generate', '--', '--check'], { cwd: root }),
);
await count('package holds what it needs', checkPackage);
await jest('unit tests', 'jest.config.mjs');
await jest('end-to-end tests', join('e2e', 'jest.config.mjs'));

const { passed, failed, skipped } = counts;
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
// A test that does not run proves nothing, so it counts as a failure of the run.
process.exitCode = failed || skipped ? 1 : 0;

/** @param {string} title @param {string} script @param {string[]} args */
function check(title, script, args) {
  return count(title, () => run(process.execPath, [script, ...args], { cwd: root }));
}

/** Runs a check that counts as one test. @param {string} title @param {() => Promise<unknown>} work */
async function count(title, work) {
  try {
    await step(title, work);
    counts.passed++;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    counts.failed++;
  }
}

/** Runs a jest configuration and adds up its tests; a file that could not even run is one failure. @param {string} title @param {string} config */
async function jest(title, config) {
  const report = join(root, 'tmp', 'jest.json');
  rmSync(report, { force: true });
  mkdirSync(dirname(report), { recursive: true });
  console.log(title);
  const args = [bin('jest', 'bin', 'jest.js'), '-c', config, '--verbose', '--json', `--outputFile=${report}`];
  try {
    await step(title, () => run(process.execPath, args, { cwd: root, show: true }));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    counts.passed += result.numPassedTests;
    counts.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
    counts.skipped += result.numPendingTests + result.numTodoTests;
    if (!result.numTotalTests) counts.failed++;
  } catch {
    console.error(`${title}: jest ended without a report`);
    counts.failed++;
  }
}
