import type { TargetConfiguration } from '@nx/devkit';

type Inputs = NonNullable<TargetConfiguration['inputs']>;

/** Files of a project that no compiler reads; `notes` adds further globs. */
export function sourceInputs(...notes: string[]): Inputs {
  return [
    '{projectRoot}/**/*',
    ...[
      'dist/**/*',
      'k8s/**/*',
      '*.md',
      'contract.yaml',
      'Dockerfile',
      '.dockerignore',
      '.gitignore',
      ...notes,
    ].map((glob) => `!{projectRoot}/${glob}`),
  ];
}

/** The target that compiles to a Wasm module. */
export function wasmBuild(inputs: Inputs, technologies: string[]): TargetConfiguration {
  return {
    executor: '@eg/plugin:wasm-build',
    cache: true,
    inputs,
    outputs: ['{projectRoot}/dist/plugin.wasm'],
    metadata: { description: 'Compiles the extension to a Wasm module in dist/', technologies },
  };
}

/** A target that runs shell-free one-line commands in the project, one after the other. */
export function commands(
  description: string,
  lines: string[],
  options: { inputs: Inputs; outputs?: string[]; env?: Record<string, string>; technologies: string[] },
): TargetConfiguration {
  const { inputs, outputs = [], env, technologies } = options;
  return {
    executor: 'nx:run-commands',
    options: { cwd: '{projectRoot}', commands: lines, parallel: false, ...(env ? { env } : {}) },
    cache: true,
    inputs,
    outputs,
    metadata: { description, technologies },
  };
}
