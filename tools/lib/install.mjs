import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './run.mjs';
import { step } from './steps.mjs';

/** Root of this repository. */
export const root = join(import.meta.dirname, '..', '..');

/** Installs the dependencies of this repository where they are missing or not those of package-lock.json. */
export async function installDependencies() {
  if (!isInstalled()) await step('install dependencies (npm ci)', () => npm(['ci'], { cwd: root }));
}

/** npm notes what it installed in node_modules/.package-lock.json, in the form of the lockfile. */
function isInstalled() {
  const noted = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(noted)) return false;
  const installed = JSON.parse(readFileSync(noted, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      !path.includes('node_modules/') || entry.optional || installed[path]?.version === entry.version,
  );
}
