/** `npm run test:e2e`: the end-to-end tests alone, with what they need set up. Arguments go to jest. */
import { join } from 'node:path';
import { installDependencies, root } from './lib/install.mjs';
import { run } from './lib/run.mjs';
import { step } from './lib/steps.mjs';
import { build } from './pack.mjs';
import { prepareForTests } from './setup/prepare.mjs';

await installDependencies();
await step('build @eg/plugin', build);
await prepareForTests();
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
try {
  await run(process.execPath, [jest, '-c', 'e2e/jest.config.mjs', '--verbose', ...process.argv.slice(2)], {
    cwd: root,
    show: true,
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
