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
  const tarball = execFileSync(process.execPath, [join(root, 'tools', 'pack.mjs')], {
    encoding: 'utf8',
    cwd: root,
  })
    .trim()
    .split('\n')
    .at(-1);
  const npm = (...args: string[]) => execFileSync('npm', args, { encoding: 'utf8', cwd: root }).trim();
  const manifest = JSON.parse(readFileSync(join(root, 'packages', 'plugin', 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  const { url, server } = await startRegistry(
    join(root, tarball ?? ''),
    manifest,
    npm('config', 'get', 'registry'),
  );
  globalThis.egRegistry = server;
  process.env['EG_REGISTRY'] = url;
  process.env['EG_E2E_DIR'] = mkdtempSync(join(tmpdir(), 'eg-e2e-'));
}
