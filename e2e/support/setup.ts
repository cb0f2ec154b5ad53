import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRegistry } from './registry.ts';

declare global {
  var egRegistry: Server | undefined;
}

const root = join(import.meta.dirname, '..', '..');

/** Before all tests: packs what `npm test` built, and serves it on a registry; tests find both in the environment. */
export default async function setup(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'eg-e2e-'));
  const plugin = join(root, 'packages', 'plugin');
  const npm = (...args: string[]) => execFileSync('npm', args, { encoding: 'utf8', cwd: root }).trim();
  const manifest = JSON.parse(readFileSync(join(plugin, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  const [packed] = JSON.parse(npm('pack', plugin, '--json', '--pack-destination', directory)) as {
    filename: string;
  }[];
  const tarball = join(directory, packed?.filename ?? '');
  const { url, server } = await startRegistry(tarball, manifest, npm('config', 'get', 'registry'));
  globalThis.egRegistry = server;
  process.env['EG_REGISTRY'] = url;
  process.env['EG_E2E_DIR'] = directory;
}
