import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readShared } from '../engine/template.ts';
import type { Language } from './language.ts';
import { commands, sourceInputs, wasmBuild } from './targets.ts';

const technologies = ['assemblyscript'];
const COMPILER = 'assemblyscript';

/** AssemblyScript: its compiler is an npm package of the workspace, and all that lints it. */
export const assemblyscript: Language = {
  id: 'assemblyscript',
  title: 'AssemblyScript',
  tools: [],
  packages: () => ({ [COMPILER]: (readShared('versions') as Record<string, string>)[COMPILER] ?? '' }),
  refuseName: () => undefined,
  targets: ({ workspaceRoot }) => {
    // Nx refuses to run a task whose inputs name a package that the workspace does not have.
    const installed = existsSync(join(workspaceRoot, 'node_modules', COMPILER));
    const compiler = { externalDependencies: installed ? [COMPILER] : [] };
    const all = [...sourceInputs(), compiler];
    return {
      build: wasmBuild([...sourceInputs('spec/**/*'), compiler], technologies),
      test: {
        ...commands('Tests the built module in Node, which stands in for Envoy', ['node --test'], {
          inputs: all,
          technologies,
        }),
        dependsOn: ['build'],
      },
      lint: commands('Checks the code with the compiler', ['asc --target debug --noEmit'], {
        inputs: all,
        technologies,
      }),
    };
  },
  join: () => undefined,
};
