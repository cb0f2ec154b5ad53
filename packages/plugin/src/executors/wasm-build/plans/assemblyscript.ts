import { createRequire } from 'node:module';
import { join } from 'node:path';
import { UserError } from '../../../lib/errors.ts';
import type { Planner } from '../plan.ts';

const INSTALL = 'npm install --save-dev assemblyscript';

/** The oldest minor version of 0.x that the generated binding compiles with. */
const MINOR = 28;

/**
 * AssemblyScript, by the compiler that the project or its workspace has installed, and the targets of the project's
 * asconfig.json: `release`, and `debug` for any other profile.
 */
export const assemblyscript: Planner = (root, { profile = 'release', features = [] }) => {
  if (features.length) throw new UserError('AssemblyScript has no features to switch on.');
  const compiler = findCompiler(root);
  const module = join(root, 'dist', 'unchecked.wasm');
  return {
    ask: { command: process.execPath, args: [compiler, '--version'], cwd: root },
    missing: (version) => {
      const minor = /\b0\.(\d+)\./.exec(version)?.[1];
      return minor !== undefined && Number(minor) < MINOR
        ? `The filter needs AssemblyScript 0.${MINOR} or newer, and ${compiler} is ${version.trim()}. Install it: ${INSTALL}`
        : undefined;
    },
    compile: {
      command: process.execPath,
      args: [compiler, '--target', profile === 'release' ? 'release' : 'debug', '--outFile', module],
      cwd: root,
    },
    module: () => module,
  };
};

function findCompiler(root: string): string {
  try {
    return createRequire(join(root, 'package.json')).resolve('assemblyscript/bin/asc.js');
  } catch {
    throw new UserError(
      `The AssemblyScript compiler is not installed in ${root} or above. Install it: ${INSTALL}`,
    );
  }
}
