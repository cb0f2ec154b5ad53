import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from './errors.ts';

/**
 * The directory of templates that belongs to this code: `templates/` of the repository when it runs from source,
 * `dist/templates/` of the package when it was installed.
 */
export function templatesRoot(): string {
  for (let dir = import.meta.dirname; dir !== dirname(dir); dir = dirname(dir)) {
    const candidate = join(dir, 'templates');
    if (existsSync(join(candidate, '_shared', 'options.yaml'))) return candidate;
  }
  throw new UserError(
    `The templates of @eg/plugin are missing above ${import.meta.dirname}. Install the package again.`,
  );
}

/** The package.json of this plugin, from source or installed. */
export function pluginPackageJson(): string {
  for (let dir = import.meta.dirname; dir !== dirname(dir); dir = dirname(dir)) {
    const candidate = join(dir, 'package.json');
    if (existsSync(candidate)) return candidate;
  }
  throw new UserError(
    `The package.json of @eg/plugin is missing above ${import.meta.dirname}. Install the package again.`,
  );
}

/** Version of this plugin. */
export const pluginVersion = (): string =>
  (JSON.parse(readFileSync(pluginPackageJson(), 'utf8')) as { version: string }).version;
