import type { TargetConfiguration } from '@nx/devkit';
import type { ExtensionFile } from '../engine/extension-file.ts';

/** Targets that every extension has, whatever its language: they run it on a real Envoy. */
export function stackTargets(
  { name }: ExtensionFile,
  own: Record<string, TargetConfiguration>,
): Record<string, TargetConfiguration> {
  const dependsOn = 'build' in own ? ['build'] : [];
  const technologies = ['envoy'];
  return {
    serve: {
      executor: '@eg/plugin:serve',
      continuous: true,
      dependsOn,
      options: {},
      metadata: {
        description: 'Runs the extension on a real Envoy on this computer, and reloads it on save',
        technologies,
        help: { command: `npx nx serve ${name} --help`, example: { options: { port: 10080 } } },
      },
    },
    verify: {
      executor: '@eg/plugin:verify',
      dependsOn,
      options: {},
      metadata: {
        description: 'Proves on a real Envoy that the extension does what contract.yaml says',
        technologies,
        help: { command: `npx nx verify ${name} --help`, example: { options: { junit: 'dist/verify.xml' } } },
      },
    },
  };
}
